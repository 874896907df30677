import { isMainThread, workerData } from "node:worker_threads";

/**
 * Kinds of work on the threads of a run, in the order of the way through: unpacking archives, reading and decoding
 * files, sorting and encoding row groups, merging those that overlap, waiting for the rows that are next in order,
 * writing to the disk, giving finished files their names.
 */
export const STAGES = ["unpack", "decode", "encode", "merge", "wait", "append", "publish"] as const;
export type Stage = (typeof STAGES)[number];

/** Seconds spent in each kind of work, summed over threads, which work side by side; `plan` is wall time of main. */
export type StageSeconds = Record<Stage | "plan", number>;

/** Shared between the threads of a run: microseconds, a slot for each of {@link STAGES}. */
export type StageCounters = BigInt64Array<SharedArrayBuffer>;

export function stageCounters(): StageCounters {
  return new BigInt64Array(new SharedArrayBuffer(STAGES.length * 8));
}

/** @param plan seconds that planning took */
export function stageSeconds(counters: StageCounters | null, plan: number): StageSeconds {
  const seconds = (stage: Stage): number =>
    counters === null ? 0 : Number(Atomics.load(counters, STAGES.indexOf(stage))) / 1e6;
  const entries = STAGES.map((stage) => [stage, seconds(stage)] as const);
  return { plan, ...(Object.fromEntries(entries) as Record<Stage, number>) };
}

/** The counters that the engine gave this thread; null in main and in tests without threads. */
const own = isMainThread ? null : ((workerData as { stages?: StageCounters } | null)?.stages ?? null);

/** Counts milliseconds of a stage; called for files, chunks and row groups, never for rows. */
export function addStageTime(stage: Stage, milliseconds: number): void {
  if (own !== null) Atomics.add(own, STAGES.indexOf(stage), BigInt(Math.round(milliseconds * 1000)));
}

/** Counts the time until the work is done, waits within it as well. */
export async function timed<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    addStageTime(stage, performance.now() - started);
  }
}
