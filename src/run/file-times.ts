import { read, type TaskCounters } from "./decode-progress.js";
import { PROGRESS_SLOTS } from "./protocol.js";

/** What it took to decode the files of a job in this run, by their index in its plan. */
export class FileTimes {
  /** NaN for a file that no task has come to the end of. */
  readonly #micros: Float64Array;
  /** By the file that was in hand when a thread died, and by the first file of its task. */
  readonly #retriesOfFile = new Map<number, number>();
  readonly #retriesOfTask = new Map<number, number>();

  constructor(files: number) {
    this.#micros = new Float64Array(files).fill(Number.NaN);
  }

  /** Adds what a task has told that is done: a file may have several, one for each of its ranges. */
  note(files: readonly number[], counters: TaskCounters): void {
    for (const [place, file] of files.entries())
      this.#micros[file] = (this.#micros[file]! || 0) + read(counters, PROGRESS_SLOTS + place);
  }

  /**
   * A task is decoded once more, since its thread has died.
   *
   * @param files of the task
   * @param file that was in hand and is tried once more, too; null, or none of the task's, where there is none
   */
  noteRetry(files: readonly number[], file: number | null): void {
    addOne(this.#retriesOfTask, files[0]!);
    if (file !== null && files.includes(file)) addOne(this.#retriesOfFile, file);
  }

  /** Seconds at work on a file, waits for the writer not counted; null where this run has not decoded it. */
  secondsOf(file: number): number | null {
    const micros = this.#micros[file]!;
    return Number.isNaN(micros) ? null : micros / 1e6;
  }

  retriesOf(file: number): number {
    return this.#retriesOfFile.get(file) ?? 0;
  }

  /** How often tasks were decoded again whose first file is one of these. */
  taskRetriesOf(files: Iterable<number>): number {
    let sum = 0;
    for (const file of files) sum += this.#retriesOfTask.get(file) ?? 0;
    return sum;
  }
}

function addOne(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
