import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { TableName } from "../src/arrow/tables.js";
import { runScript } from "./measure.js";

/** What a peer wrote, so that outputs can be compared. */
export interface OutputDigest {
  rows: number;
  /** Sum of a hash over all values of a row: equal for the same rows in any order, files or types. */
  fingerprint: string;
  /** Whether the rows are in order of interval_start_utc and location over all files. */
  sorted: boolean;
}

/** Which columns and rows are compared. */
export interface DigestScope {
  /** All columns of this table; null for those that the peers of `npm run bench` write. */
  table: TableName | null;
  /** Operating days, as `YYYY-MM-DD`, whose values are left out of the fingerprint. */
  without: readonly string[];
}

const PEERS_SCOPE: DigestScope = { table: null, without: [] };

/** Reads the Parquet files below a folder, in a process of its own. */
export async function digestOutput(folder: string, scope = PEERS_SCOPE): Promise<OutputDigest> {
  return JSON.parse(await runScript("./digest-child.js", [folder, JSON.stringify(scope)]));
}

/** Bytes of the Parquet files below a folder. */
export async function parquetBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".parquet")) continue;
    bytes += (await stat(path.join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
