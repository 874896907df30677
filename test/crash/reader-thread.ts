import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { parquetMetadata } from "hyparquet";

/** What the thread is given. */
export interface ReaderThreadData {
  /** Folder whose Parquet files it reads over and over. */
  out: string;
  /** By path below the folder: numbers of rows that a file may have. */
  rows: Record<string, number[]>;
  /** Set to 1 when it shall stop. */
  stop: Int32Array<SharedArrayBuffer>;
}

/** What it has found, sent when it stops. */
export interface ReaderFindings {
  /** Files read, whole or not. */
  reads: number;
  wrong: string[];
}

const { out, rows, stop } = workerData as ReaderThreadData;
const found: ReaderFindings = { reads: 0, wrong: [] };
parentPort!.postMessage("reading");
do {
  for (const name of parquetFiles("")) {
    found.reads++;
    const wrong = whatIsWrong(name);
    if (wrong !== null) found.wrong.push(`${name}: ${wrong}`);
  }
} while (Atomics.load(stop, 0) === 0);
parentPort!.postMessage(found);

/** As a query engine finds them: by their names, in all folders but those that begin with `_`. */
function* parquetFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(join(out, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith("_")) yield* parquetFiles(path);
    else if (entry.name.endsWith(".parquet")) yield path;
  }
}

/** @returns null for a whole file with one of the numbers of rows */
function whatIsWrong(name: string): string | null {
  const file = openSync(join(out, name), "r");
  try {
    const bytes = new Uint8Array(fstatSync(file).size);
    if (readSync(file, bytes, 0, bytes.length, 0) !== bytes.length) return "it became shorter";
    const magic = (at: number) => Buffer.from(bytes.subarray(at, at + 4)).toString("latin1");
    if (magic(0) !== "PAR1" || magic(bytes.length - 4) !== "PAR1") return "no magic at both ends";
    const found = Number(parquetMetadata(bytes.buffer).num_rows);
    return rows[name]?.includes(found) ? null : `${found} rows`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    closeSync(file);
  }
}
