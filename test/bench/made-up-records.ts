import type { Usage } from "../../bench/measure.js";
import type { Circumstances, MemoryRecord, PeersRecord } from "../../bench/record-types.js";
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

/** A record with gridparquet and DuckDB. */
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
