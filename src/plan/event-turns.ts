import { setImmediate } from "node:timers/promises";

/** Milliseconds of work after which signals, timers and messages of other threads have a turn. */
const WORK_MS = 20;

/**
 * Lets a long stretch of synchronous work give way now and then. Small files are read faster synchronously than
 * through the system's thread pool, but an interruption must still be heard.
 */
export class EventTurns {
  #due = performance.now() + WORK_MS;

  /** To be awaited between pieces of work; nearly always there is nothing to wait for. */
  take(): Promise<void> | undefined {
    return performance.now() < this.#due ? undefined : this.#give();
  }

  async #give(): Promise<void> {
    await setImmediate();
    this.#due = performance.now() + WORK_MS;
  }
}
