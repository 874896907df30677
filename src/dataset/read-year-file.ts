import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "../errors.js";
import { DAY_COUNTS_KEY, type DayCounts, parseDayCounts } from "../parquet/day-counts.js";
import { FooterIndex } from "../parquet/footer-index.js";
import { DamagedFileError, readFooterBytes } from "../parquet/read-footer.js";
import { isTimeZone } from "../time/market-clock.js";
import type { FoundYearFile } from "./find-year-files.js";
import { readManifest } from "./manifest.js";

/** What the footer of a year file says. */
export interface YearFileInfo {
  year: number;
  /** Relative to the dataset's folder, with slashes. */
  path: string;
  timeZone: string;
  days: DayCounts;
  rows: number;
  rowGroups: number;
  bytes: number;
  /** When it was written, in epoch milliseconds. */
  updated: number;
}

/** Reads what a year file says of itself; or why it cannot be understood, in words. */
export async function readYearFile(
  out: string,
  file: FoundYearFile,
): Promise<YearFileInfo | { reason: string }> {
  const path = join(out, file.path);
  try {
    const handle = await open(path, "r");
    let index: FooterIndex;
    let fileBytes: number;
    let days: DayCounts | null;
    try {
      const footer = await readFooterBytes(handle);
      fileBytes = footer.fileBytes;
      // Objects of all that it says would take several times as long.
      index = new FooterIndex(footer.bytes);
      days = parseDayCounts(index.keyValues.get(DAY_COUNTS_KEY) ?? "");
      // A file of an earlier version, or of another program that has read and written it.
      days ??= await (await import("./count-days.js")).countDaysOf(handle, index.metadata(index.rowGroups));
    } finally {
      await handle.close();
    }
    if (days === null) return { reason: "it has no row" };
    return { ...(await describe(out, file, index, fileBytes)), days };
  } catch (error) {
    return { reason: error instanceof DamagedFileError ? error.message : describeError(error) };
  }
}

async function describe(
  out: string,
  { path, iso, feed, year }: FoundYearFile,
  { keyValues, rows, rowGroups }: FooterIndex,
  fileBytes: number,
): Promise<Omit<YearFileInfo, "days">> {
  const own = ["iso", "feed", "year"].map((key) => keyValues.get(`gridparquet.${key}`));
  if (own.join("/") !== [iso, feed, year].join("/"))
    throw new Error(
      own[0] === undefined ? "gridparquet did not write it" : `it says that it is ${own.join("/")}`,
    );
  const timeZone = keyValues.get("gridparquet.time_zone") ?? "";
  if (!isTimeZone(timeZone)) throw new Error("it names no time zone");
  const manifest = await readManifest(out, path);
  const isOfFile = manifest !== null && manifest !== "damaged" && manifest.bytes === fileBytes;
  const written = isOfFile ? Date.parse(manifest.written) : Number.NaN;
  return {
    ...{ year, path, timeZone },
    rows,
    rowGroups: rowGroups.length,
    bytes: fileBytes,
    updated: Number.isNaN(written) ? (await stat(join(out, path))).mtimeMs : written,
  };
}
