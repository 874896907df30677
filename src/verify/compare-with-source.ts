import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TABLES, type TableName } from "../arrow/tables.js";
import { type DatasetFilter, type FoundYearFile, findYearFiles } from "../dataset/find-year-files.js";
import { readBytes, readFooter } from "../parquet/read-footer.js";
import { loadZstd } from "../parquet/zstd.js";
import { convert } from "../run/convert.js";
import type { ConvertOptions } from "../run/options.js";
import { isoDate } from "../time/calendar.js";
import { utcText } from "./check-keys.js";
import type { FindingList } from "./checks.js";
import { RowCursor } from "./row-cursor.js";

export interface SourceComparison {
  /** The dataset's folder. */
  out: string;
  filter: DatasetFilter;
  threads: number;
  /** CSV files, folders, globs. */
  inputs: readonly string[];
  /** Folder with own feed definitions. */
  configDir?: string | undefined;
  /** Told how far their conversion is. */
  onProgress?: ConvertOptions["onProgress"] | undefined;
}

/** Bytes that are compared at a time. */
const BLOCK = 1 << 20;

/**
 * Converts source files again and compares what comes out with the dataset. Files of the same bytes hold the same
 * rows; of others, which may only have been written with other settings, every row is compared.
 *
 * Rows that the dataset has and the source files have not are warnings: they may be of files that were not named.
 *
 * @param readable paths of the dataset's year files that can be read
 * @throws GridparquetError when the source files cannot be converted
 */
export async function compareWithSource(
  { out, filter, threads, inputs, configDir, onProgress }: SourceComparison,
  readable: ReadonlySet<string>,
  listOf: (path: string) => FindingList,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gridparquet-verify-"));
  try {
    const { isos, feeds, years } = filter;
    const summary = await convert({
      ...{ inputs, out: folder, threads },
      ...(configDir !== undefined && { configDir }),
      ...(onProgress !== undefined && { onProgress }),
      ...{ ...(isos && { isos }), ...(feeds && { feeds }), ...(years && { years }) },
    });
    for (const { file, message } of summary.failures)
      listOf(file).add("deep-missing", `it could not be converted again: ${message}`);
    if (summary.outputs.length === 0) return;
    await loadZstd();
    for (const file of (await findYearFiles(folder)).files) {
      const findings = listOf(file.path);
      if (!readable.has(file.path)) findings.add("deep-missing", "the source files make this year file");
      else await compareFile(join(out, file.path), join(folder, file.path), file, findings);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compareFile(
  path: string,
  sourcePath: string,
  { table }: FoundYearFile,
  findings: FindingList,
): Promise<void> {
  const [handle, source] = [await open(path, "r"), await open(sourcePath, "r")];
  try {
    if (await hasSameBytes(handle, source)) return;
    const [rows, wanted] = [await cursorOf(handle, table), await cursorOf(source, table)];
    await compareRows(rows, wanted, findings);
  } catch (error) {
    findings.add("deep-differs", `its rows cannot be compared: ${(error as Error).message}`);
  } finally {
    await handle.close();
    await source.close();
  }
}

async function cursorOf(handle: FileHandle, table: TableName): Promise<RowCursor> {
  return new RowCursor(handle, (await readFooter(handle)).metadata, TABLES[table]);
}

async function hasSameBytes(a: FileHandle, b: FileHandle): Promise<boolean> {
  const { size } = await a.stat();
  if (size !== (await b.stat()).size) return false;
  for (let at = 0; at < size; at += BLOCK) {
    const length = Math.min(BLOCK, size - at);
    const [own, other] = [await readBytes(a, at, length), await readBytes(b, at, length)];
    if (Buffer.compare(own, other) !== 0) return false;
  }
  return true;
}

/** Rows that only one side has, by day. */
type DayRows = Map<string, { rows: number; location: string }>;

async function compareRows(own: RowCursor, source: RowCursor, findings: FindingList): Promise<void> {
  const [missing, extra]: [DayRows, DayRows] = [new Map(), new Map()];
  let hasOwn = await own.next();
  let hasSource = await source.next();
  while (hasOwn || hasSource) {
    const order = !hasOwn ? 1 : !hasSource ? -1 : own.compare(source);
    if (order === 0) compareValues(own, source, findings);
    else countRow(order > 0 ? missing : extra, order > 0 ? source : own);
    if (order <= 0) hasOwn = await own.next();
    if (order >= 0) hasSource = await source.next();
  }
  for (const [day, { rows, location }] of missing)
    findings.add("deep-missing", `${rows} rows of the source files are not there`, { day, location });
  for (const [day, { rows, location }] of extra)
    findings.add("deep-extra", `${rows} rows are not of the source files`, { day, location });
}

function compareValues(own: RowCursor, source: RowCursor, findings: FindingList): void {
  for (const [column, name] of own.columns.entries()) {
    const [value, wanted] = [own.value(column), source.value(column)];
    // Zero and minus zero are different values.
    if (Object.is(value, wanted)) continue;
    const at = utcText((own.valueOf("interval_start_utc") as number) / 1000);
    findings.add("deep-differs", `${at}: ${name} is ${value}, by the source files ${wanted}`, placeOf(own));
  }
}

function countRow(days: DayRows, row: RowCursor): void {
  const { day, location } = placeOf(row);
  const known = days.get(day) ?? { rows: 0, location };
  known.rows++;
  days.set(day, known);
}

function placeOf(row: RowCursor): { day: string; location: string } {
  const name = row.columns.includes("location") ? "location" : "product";
  return { day: isoDate(row.valueOf("operating_date") as number), location: String(row.valueOf(name)) };
}
