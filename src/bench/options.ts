import type { Compression, ConvertOptions } from "../run/options.js";

/** What of `convert` one measurement differs in from another. */
export interface BenchSetting {
  threads: number;
  /** Files in a scheduling group. */
  batchSize: number;
  /** Most rows in a batch between threads. */
  chunkSize: number;
}

/** Options of {@link runBench}, complete. */
export interface BenchOptions
  extends Pick<ConvertOptions, "inputs" | "isos" | "feeds" | "years" | "configDir"> {
  compression: Compression;
  threads: readonly number[];
  batchSizes: readonly number[];
  chunkSizes: readonly number[];
  /** Counted runs of each setting. */
  rounds: number;
  /** Folder for the temporary outputs; made if missing. */
  work: string;
}

/** One thread, half and all of the cores. */
export function defaultThreads(cores: number): number[] {
  return [...new Set([1, Math.max(1, Math.floor(cores / 2)), cores])];
}

/** Every combination, in the order of the lists; what is listed twice counts once. */
export function settingsOf({
  threads,
  batchSizes,
  chunkSizes,
}: Pick<BenchOptions, "threads" | "batchSizes" | "chunkSizes">): BenchSetting[] {
  return [...new Set(threads)].flatMap((threads) =>
    [...new Set(batchSizes)].flatMap((batchSize) =>
      [...new Set(chunkSizes)].map((chunkSize) => ({ threads, batchSize, chunkSize })),
    ),
  );
}
