import { read, type TaskCounters } from "./decode-progress.js";
import { ProgressSlot } from "./protocol.js";

/** How long a decode task may do nothing while it is its turn, in milliseconds: disks and networks can be slow. */
export const DECODE_TIMEOUT_MS = 600_000;
/** Looks that a task must have failed in a row; one alone says little of a machine that was asleep. */
const LOOKS = 20;

interface Watched {
  beat: number;
  quietLooks: number;
  giveUp: () => void;
}

/** Ends tasks that do nothing for long, those that wait for the writer or for their turn left aside. */
export class DecodeWatchdog {
  readonly #watched = new Map<TaskCounters, Watched>();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs = DECODE_TIMEOUT_MS) {
    this.#timer = setInterval(() => this.#look(), Math.max(1, timeoutMs / LOOKS));
    this.#timer.unref();
  }

  /** @param giveUp called once, when the task has done nothing for too long */
  watch(counters: TaskCounters, giveUp: () => void): void {
    this.#watched.set(counters, { beat: 0, quietLooks: 0, giveUp });
  }

  forget(counters: TaskCounters): void {
    this.#watched.delete(counters);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const [counters, watched] of this.#watched) {
      const beat = read(counters, ProgressSlot.beat);
      const isQuiet = read(counters, ProgressSlot.busy) === 1 && beat === watched.beat;
      watched.beat = beat;
      watched.quietLooks = isQuiet ? watched.quietLooks + 1 : 0;
      if (watched.quietLooks < LOOKS) continue;
      this.#watched.delete(counters);
      watched.giveUp();
    }
  }
}
