import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "../errors.js";
import type { FileAccount } from "../run/options.js";
import { REJECTS_FOLDER } from "../write/rejects-file.js";
import type { RejectExamples, RejectedRow } from "./report-model.js";

/** Rejected records that are shown of a feed, and of all. */
const PER_FEED = 5;
const AT_MOST = 40;
/** So much of a rejects file is read. */
const READ_BYTES = 1 << 20;

/**
 * The first rejected records of each feed, of the files of this run alone: other feeds' rejects files may be from an
 * earlier one.
 *
 * @param files the accounts of the run
 */
export async function rejectExamples(out: string, files: readonly FileAccount[]): Promise<RejectExamples> {
  const rejecting = files.filter(({ rowsRejected }) => rowsRejected > 0);
  if (rejecting.length === 0) return { rows: [], problem: null };
  const names = new Set(rejecting.map(({ file }) => file));
  const feeds = new Set(rejecting.map(({ feed }) => `${feed}.csv`));
  const root = join(out, REJECTS_FOLDER);
  const rows: RejectedRow[] = [];
  try {
    const found = (await readdir(root, { recursive: true })).sort();
    for (const path of found.filter((each) => feeds.has(each.split(/[/\\]/).at(-1)!))) {
      const all = await firstRows(join(root, path), feedOf(path));
      rows.push(...all.filter(({ file }) => names.has(file)));
    }
    return { rows: rows.slice(0, AT_MOST), problem: null };
  } catch (error) {
    return { rows, problem: `the rejects files could not be read: ${describeError(error)}` };
  }
}

/** `PJM/da_hourly` for `pjm/da_hourly.csv`. */
function feedOf(path: string): string {
  const [iso, feed] = path.replace(/\.csv$/, "").split(/[/\\]/);
  return `${iso!.toUpperCase()}/${feed}`;
}

async function firstRows(path: string, feed: string): Promise<RejectedRow[]> {
  const { parse } = await import("csv-parse");
  const source = createReadStream(path, { end: READ_BYTES });
  const parser = parse({ columns: true, to: PER_FEED, relax_quotes: true, relax_column_count: true });
  const rows: RejectedRow[] = [];
  source.on("error", (error) => parser.destroy(error));
  try {
    for await (const row of source.pipe(parser)) rows.push({ ...(row as Omit<RejectedRow, "feed">), feed });
  } finally {
    source.destroy();
  }
  return rows;
}
