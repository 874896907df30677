import { readFile } from "node:fs/promises";
import { TABLES, type TableName } from "../arrow/tables.js";
import { MarketClock } from "../time/market-clock.js";
import { seenPath } from "../write/publish-seen.js";
import { parseSeen } from "../write/seen-list.js";
import { type DatasetFilter, type FoundYearFile, findYearFiles, type StrayFile } from "./find-year-files.js";
import { findPartialDays, type PartialDay } from "./partial-days.js";
import { readYearFile, type YearFileInfo } from "./read-year-file.js";

/** What a dataset holds: plain data, from the footers of its files. Days are days since 1970-01-01. */
export interface DatasetCoverage {
  /** The folder that convert wrote to. */
  out: string;
  /** By table, ISO, market and feed. */
  feeds: FeedCoverage[];
  /** Files that are no year files of this dataset, and year files that are damaged. */
  stray: StrayFile[];
}

/** What it holds of one feed, over all its years. */
export interface FeedCoverage {
  table: TableName;
  iso: string;
  market: string;
  feed: string;
  /** IANA zone of the market's clock. */
  timeZone: string;
  firstDay: number;
  lastDay: number;
  /** Rows of each day from the first to the last: 0 for a day that is missing. */
  dayRows: number[];
  /** Distinct intervals of each day. */
  dayIntervals: number[];
  /** Days between the first and the last that have no row. */
  missing: number[];
  partial: PartialDay[];
  rows: number;
  bytes: number;
  /** Locations or products ever seen; null where there is no list of them. */
  locations: number | null;
  /** When the newest of its files was written, in epoch milliseconds. */
  updated: number;
  /** By year. */
  years: YearCoverage[];
}

/** A year file. */
export interface YearCoverage {
  year: number;
  /** Relative to the dataset's folder, with slashes. */
  path: string;
  firstDay: number;
  lastDay: number;
  /** Days with rows. */
  days: number;
  /** Days of this year between the feed's first and last that have no row. */
  missing: number;
  partial: number;
  rows: number;
  rowGroups: number;
  bytes: number;
  /** Rows per interval, on average: roughly how many locations or products there are. */
  rowsPerInterval: number;
  /** When it was written, in epoch milliseconds. */
  updated: number;
}

/**
 * Reads what a dataset holds: which days of which feeds, how many rows and bytes.
 *
 * Only the ends of the files are read, no rows; but of files without day counts, which earlier versions wrote, the
 * columns of times. A file that cannot be understood does not stop the rest: it is listed as stray.
 *
 * @param out the folder that convert wrote to
 * @throws GridparquetError `input-missing`, `input-unreadable`, `input-empty` when there is no dataset
 */
export async function readCoverage(out: string, filter: DatasetFilter = {}): Promise<DatasetCoverage> {
  const { files, stray } = await findYearFiles(out, filter);
  const feeds = new Map<string, { file: FoundYearFile; years: YearFileInfo[] }>();
  for (const file of files) {
    const info = await readYearFile(out, file);
    if ("reason" in info) {
      stray.push({ path: file.path, kind: "unreadable", reason: info.reason });
      continue;
    }
    const key = [file.table, file.iso, file.market, file.feed].join("/");
    const known = feeds.get(key) ?? { file, years: [] };
    known.years.push(info);
    feeds.set(key, known);
  }
  const locations = new Locations(out);
  const coverage: DatasetCoverage = { out, feeds: [], stray };
  for (const { file, years } of feeds.values())
    coverage.feeds.push(feedCoverage(file, years, await locations.of(file)));
  return coverage;
}

function feedCoverage(
  { table, iso, market, feed }: FoundYearFile,
  years: readonly YearFileInfo[],
  locations: number | null,
): FeedCoverage {
  const firstDay = Math.min(...years.map(({ days }) => days.firstDay));
  const lastDay = Math.max(...years.map(({ days }) => days.firstDay + days.rows.length - 1));
  const dayRows = new Array<number>(lastDay - firstDay + 1).fill(0);
  const dayIntervals = [...dayRows];
  for (const { days } of years) {
    const from = days.firstDay - firstDay;
    for (const [i, rows] of days.rows.entries()) {
      dayRows[from + i]! += rows;
      dayIntervals[from + i]! += days.intervals[i]!;
    }
  }
  const { timeZone } = years[0]!;
  const missing = dayRows.flatMap((rows, i) => (rows === 0 ? [firstDay + i] : []));
  const partial = findPartialDays(
    { firstDay, rows: dayRows, intervals: dayIntervals },
    new MarketClock(timeZone),
  );
  return {
    ...{ table, iso, market, feed, timeZone, firstDay, lastDay, dayRows, dayIntervals, missing, partial },
    rows: years.reduce((sum, { rows }) => sum + rows, 0),
    bytes: years.reduce((sum, { bytes }) => sum + bytes, 0),
    locations,
    updated: Math.max(...years.map(({ updated }) => updated)),
    years: years.map((info) => yearCoverage(info, missing, partial)),
  };
}

function yearCoverage(
  info: YearFileInfo,
  missing: readonly number[],
  partial: readonly PartialDay[],
): YearCoverage {
  const { days, year, path, rows, rowGroups, bytes, updated } = info;
  const ofYear = (day: number): boolean => new Date(day * 86_400_000).getUTCFullYear() === year;
  const intervals = days.intervals.reduce((sum, count) => sum + count, 0);
  return {
    ...{ year, path, rows, rowGroups, bytes, updated },
    firstDay: days.firstDay,
    lastDay: days.firstDay + days.rows.length - 1,
    days: days.rows.filter((count) => count > 0).length,
    missing: missing.filter(ofYear).length,
    partial: partial.filter(({ day }) => ofYear(day)).length,
    rowsPerInterval: intervals === 0 ? 0 : rows / intervals,
  };
}

/** The lists of what was seen, each read once. */
class Locations {
  readonly #out: string;
  readonly #lists = new Map<string, Promise<Map<string, number>>>();

  constructor(out: string) {
    this.#out = out;
  }

  /** Distinct locations or products of a feed. */
  async of({ iso, table, market, feed }: FoundYearFile): Promise<number | null> {
    const path = seenPath(this.#out, iso, table);
    const list = this.#lists.get(path) ?? this.#read(path, iso, table);
    this.#lists.set(path, list);
    return (await list).get(`${market}/${feed}`) ?? null;
  }

  async #read(path: string, iso: string, table: TableName): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch {
      return counts;
    }
    const feeds = parseSeen(text, iso, table);
    if (typeof feeds === "string") return counts;
    const { entity, key } = TABLES[table];
    const places = key.map((name) => entity.findIndex((column) => column.name === name));
    for (const { market, feed, entries } of feeds) {
      const keys = new Set(entries.map(({ values }) => places.map((place) => values[place]).join("\n")));
      counts.set(`${market}/${feed}`, keys.size);
    }
    return counts;
  }
}
