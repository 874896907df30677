import { fileURLToPath } from "node:url";
import type { Peer } from "./peer.js";

/** How DuckDB is asked to write. */
export interface DuckdbVariant {
  compression: "zstd" | "snappy";
  /** One file per year (PARTITION_BY) instead of a single one. */
  byYear: boolean;
  sorted?: boolean;
  /** `preserve_insertion_order = false`: rows in any order, for less memory. */
  anyOrder?: boolean;
}

function duckdb(name: string, does: string, variant: DuckdbVariant): Peer {
  return {
    name,
    does,
    script: fileURLToPath(new URL("./duckdb-child.js", import.meta.url)),
    args: ({ input, output, threads }) => [input, output, String(threads), JSON.stringify(variant)],
    // A development dependency, and what reads every output back: without it there is no benchmark.
    unavailable: async () => undefined,
  };
}

export const DUCKDB_PEERS = [
  duckdb("duckdb-year-zstd", "COPY … PARTITION_BY year, not sorted", { compression: "zstd", byYear: true }),
  duckdb("duckdb-year-snappy", "the same, snappy", { compression: "snappy", byYear: true }),
  duckdb("duckdb-file-zstd", "COPY to a single file, not sorted", { compression: "zstd", byYear: false }),
  duckdb("duckdb-file-snappy", "the same, snappy", { compression: "snappy", byYear: false }),
  duckdb("duckdb-file-any-order", "single file, zstd, rows in any order", {
    compression: "zstd",
    byYear: false,
    anyOrder: true,
  }),
  duckdb("duckdb-file-sorted", "single file, zstd, ORDER BY time and location", {
    compression: "zstd",
    byYear: false,
    sorted: true,
  }),
];
