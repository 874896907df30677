import { setImmediate } from "node:timers/promises";
import { GridparquetError } from "../errors.js";

/** Milliseconds of work after which signals, timers and messages of other threads have a turn. */
const WORK_MS = 20;

/**
 * Lets a long stretch of synchronous work give way now and then. Small files are read faster synchronously than
 * through the system's thread pool, but an interruption must still be heard.
 */
export class EventTurns {
  readonly #signal: AbortSignal | undefined;
  #due = performance.now() + WORK_MS;

  /** @param signal stops the work */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * To be awaited between pieces of work; nearly always there is nothing to wait for.
   *
   * @throws GridparquetError `aborted` when the work is to stop
   */
  take(): Promise<void> | undefined {
    this.#stopIfAsked();
    return performance.now() < this.#due ? undefined : this.#give();
  }

  async #give(): Promise<void> {
    await setImmediate();
    this.#stopIfAsked();
    this.#due = performance.now() + WORK_MS;
  }

  #stopIfAsked(): void {
    if (this.#signal?.aborted)
      throw new GridparquetError("aborted", "the run was stopped before anything was converted");
  }
}
