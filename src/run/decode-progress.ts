import { BATCH_SECONDS, PROGRESS_SLOTS, ProgressSlot } from "./protocol.js";

export type TaskCounters = BigInt64Array<SharedArrayBuffer>;

/** What the decode tasks of a job have done, those that are at work included; what a dead thread did is forgotten. */
export class DecodeProgress {
  readonly #live = new Set<TaskCounters>();
  readonly #done = new Array<number>(PROGRESS_SLOTS).fill(0);

  /** Counters for a task that begins, of so many files. */
  begin(files: number): TaskCounters {
    const counters = taskCounters(files);
    this.#live.add(counters);
    return counters;
  }

  /** @param counts whether what the task did is to be kept */
  end(counters: TaskCounters, counts: boolean): void {
    this.#live.delete(counters);
    if (!counts) return;
    for (let slot = 0; slot < PROGRESS_SLOTS; slot++) this.#done[slot]! += read(counters, slot);
  }

  /** Counts what an earlier run has done. */
  add(slot: number, count: number): void {
    this.#done[slot]! += count;
  }

  count(slot: number): number {
    let sum = this.#done[slot]!;
    for (const counters of this.#live) sum += read(counters, slot);
    return sum;
  }

  /** Batches handed over, the seconds that they took together, and how many took how long, by bucket. */
  get batches(): BatchTimes {
    return {
      count: this.count(ProgressSlot.batches),
      seconds: this.count(ProgressSlot.batchMicros) / 1e6,
      buckets: Array.from({ length: BATCH_SECONDS.length + 1 }, (_, bucket) =>
        this.count(ProgressSlot.batchBuckets + bucket),
      ),
    };
  }
}

export interface BatchTimes {
  count: number;
  seconds: number;
  /** By {@link BATCH_SECONDS}, not summed up; the last is of those that took longer. */
  buckets: number[];
}

export function sumBatchTimes(times: readonly BatchTimes[]): BatchTimes {
  return {
    count: times.reduce((sum, { count }) => sum + count, 0),
    seconds: times.reduce((sum, { seconds }) => sum + seconds, 0),
    buckets: Array.from({ length: BATCH_SECONDS.length + 1 }, (_, bucket) =>
      times.reduce((sum, { buckets }) => sum + buckets[bucket]!, 0),
    ),
  };
}

/** Counters for a task of so many files. */
export function taskCounters(files: number): TaskCounters {
  return new BigInt64Array(new SharedArrayBuffer((PROGRESS_SLOTS + files) * 8));
}

export function read(counters: TaskCounters, slot: number): number {
  return Number(Atomics.load(counters, slot));
}
