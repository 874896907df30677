import { STEP, verifyName } from "../../bench/dataset/step-names.js";
import type { Usage } from "../../bench/measure.js";
import type {
  Circumstances,
  DatasetRecord,
  DatasetResult,
  MemoryRecord,
  PeersRecord,
} from "../../bench/record-types.js";
import { medians, type PeerResult } from "../../bench/table.js";

export const CIRCUMSTANCES: Circumstances = {
  date: "2025-03-04T05:06:07.000Z",
  commit: "0123456789abcdef0123456789abcdef01234567",
  versions: { node: "v20.19.0", duckdb: "1.2.3", polars: "0.1.2" },
  machine: { platform: "linux x64", cpu: "Example CPU 1.0", cores: 2, memoryBytes: 16 * 2 ** 30 },
};

export function usages(wallSeconds: readonly number[], peakMegabytes: number): Usage[] {
  return wallSeconds.map((wall) => ({
    wallSeconds: wall,
    cpuSeconds: 2 * wall,
    peakRssBytes: peakMegabytes * 1e6,
  }));
}

/** A record with gridparquet and DuckDB, of the peers' part alone. */
export function peersRecord(gridparquet: readonly number[], duckdb: readonly number[]): PeersRecord {
  const peer = (name: string, runs: Usage[], sorted: boolean) => {
    const result: PeerResult = { name, does: "", runs, rows: 4_320_000, outputBytes: 23_040_000, sorted };
    return { ...result, median: medians(result) };
  };
  return {
    ...CIRCUMSTANCES,
    bench: "peers",
    options: {
      rounds: 3,
      only: [],
      scale: [1],
      days: 30,
      nodes: 6000,
      seed: 1,
      threads: 2,
      sixDecimals: false,
    },
    sets: [
      {
        input: { files: 30, rows: 4_320_000, bytes: 546_700_000 },
        peers: [
          peer("gridparquet-zstd", usages(gridparquet, 300), true),
          peer("duckdb-year-zstd", usages(duckdb, 500), false),
        ],
        notRun: [{ name: "polars-file-zstd", reason: "it does not load" }],
        failed: [],
      },
    ],
  };
}

/** The same of all parts. */
export function wholeRecord(gridparquet: readonly number[], duckdb: readonly number[]): PeersRecord {
  const record = peersRecord(gridparquet, duckdb);
  const [month] = record.sets;
  const input = { files: 366, rows: 55_000_000, bytes: 7_000_000_000 };
  const zips = { days: 365, files: 35_040, csvBytes: 1_200_000_000, bytes: 200_000_000 };
  return {
    ...record,
    options: { ...record.options, parts: ["peers", "year", "small-files", "start"] },
    year: { ...structuredClone(month!), input },
    tenth: { ...month!, input: { files: 36, rows: 5_400_000, bytes: 680_000_000 } },
    smallFiles: { name: "zips", input: zips, rows: 28_000_000, runs: usages([20], 200), inflateSeconds: [1] },
    start: { ...month!, input: { files: 1, rows: 100, bytes: 12_000 } },
  };
}

export function memoryRecord(peaks: readonly number[]): MemoryRecord {
  return {
    ...CIRCUMSTANCES,
    bench: "memory",
    options: { rounds: 2, days: 30, nodes: 6000, threads: 2 },
    sizes: peaks.map((peak, index) => ({
      scale: 10 ** index,
      input: { files: 30 * 10 ** index, rows: 4_320_000 * 10 ** index, bytes: 5e8 * 10 ** index },
      runs: usages([1, 3], peak).map((usage) => ({ ...usage, samples: [] })),
    })),
  };
}

/** A record of a dataset of 55 million rows. */
export function datasetRecord(): DatasetRecord {
  const size = { files: 1, rows: 55_000_000, bytes: 3e8 };
  const of = (part: DatasetResult["part"], name: string, wall: number, megabytes: number, threads = 2) => ({
    ...{ part, name, threads },
    runs: usages([3 * wall, wall, wall / 2], megabytes),
  });
  return {
    ...CIRCUMSTANCES,
    bench: "dataset",
    options: { only: [], rounds: 3, days: 366, nodes: 6260, mergeDays: 366, mergeNodes: 160, threads: 2 },
    inputs: [
      { part: "update", what: "a day", ...size },
      { part: "merge", what: "nodes", ...size },
      { part: "status", what: "seven", ...size },
      { part: "verify", what: "rows", ...size },
    ],
    results: [
      of("update", STEP.dayAlone, 0.5, 200),
      of("update", STEP.copy, 0.25, 40, 1),
      of("update", STEP.syncedCopy, 0.4, 40, 1),
      of("update", STEP.update, 1.5, 300),
      of("update", STEP.updateAgain, 0.3, 90),
      of("merge", STEP.byDay, 1.5, 200),
      of("merge", STEP.byNode, 3, 250),
      of("status", STEP.status, 0.5, 80, 1),
      of("verify", verifyName(1), 10, 150, 1),
      of("verify", verifyName(2), 6, 200),
    ],
    failed: [],
  };
}
