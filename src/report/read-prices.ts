import { open } from "node:fs/promises";
import type { RowGroup } from "hyparquet";
import { describeError } from "../errors.js";
import { ColumnFile } from "../parquet/column-file.js";
import type { CodedChunk } from "../parquet/read-column.js";
import { readFooter } from "../parquet/read-footer.js";
import { loadZstd } from "../parquet/zstd.js";
import type { OutputFile } from "../run/options.js";
import { choosePrices, nameColumns, type PricesOfFeed } from "./price-choice.js";
import { PriceSums } from "./price-sums.js";
import type { PricePart, PriceSeries } from "./report-model.js";

/** Days that are shown of a feed: its last year. */
const MOST_DAYS = 366;
/** Rows that are read for all feeds together: a few seconds. */
export const MOST_ROWS = 100_000_000;
/** Locations that are shown, of a feed and of all feeds together; their numbers are most of the page. */
const PER_FEED = 6;
const MOST_SERIES = 150;

/**
 * Reads prices of a few locations and products of each feed from published year files, the newest days first.
 *
 * Never fails: what cannot be read is not shown, and a note says so.
 */
export async function readPrices(
  out: string,
  outputs: readonly OutputFile[],
  mostRows = MOST_ROWS,
): Promise<PricePart> {
  const feedCount = new Set(outputs.map(({ iso, feed }) => `${iso}/${feed}`)).size;
  const perFeed = Math.max(1, Math.min(PER_FEED, Math.floor(MOST_SERIES / Math.max(1, feedCount))));
  const feeds = await choosePrices(out, outputs, perFeed);
  const shares = shareOut(
    mostRows,
    feeds.map(({ files }) => files.reduce((sum, { rows }) => sum + rows, 0)),
  );
  await loadZstd();
  const series: PriceSeries[] = [];
  const notes: string[] = [];
  for (const [i, feed] of feeds.entries()) {
    try {
      const read = await readFeed(feed, shares[i]!);
      series.push(...read.series.slice(0, MOST_SERIES - series.length));
      if (read.isCut)
        notes.push(`${feed.iso} ${feed.feed} has so many rows that only its last days are shown.`);
    } catch (error) {
      notes.push(`Prices of ${feed.iso} ${feed.feed} could not be read: ${describeError(error)}.`);
    }
  }
  return { series, notes };
}

/** Gives each what it needs, and those that need too much the same share of what is left. */
export function shareOut(total: number, needs: readonly number[]): number[] {
  const shares: number[] = new Array(needs.length).fill(0);
  const order = needs.map((_, i) => i).sort((a, b) => needs[a]! - needs[b]!);
  let left = total;
  for (const [done, i] of order.entries()) {
    shares[i] = Math.min(needs[i]!, Math.floor(left / (needs.length - done)));
    left -= shares[i];
  }
  return shares;
}

/** @param rows so many may be read */
async function readFeed(
  feed: PricesOfFeed,
  rows: number,
): Promise<{ series: PriceSeries[]; isCut: boolean }> {
  const sums = feed.chosen.map(() => new PriceSums());
  const places = new Map(feed.chosen.map(({ values }, i) => [values.join("\n"), sums[i]!]));
  const span = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  let left = rows;
  let isCut = false;
  for (const { path } of feed.files) {
    const handle = await open(path);
    try {
      const { metadata } = await readFooter(handle);
      const columns = new ColumnFile(handle, metadata);
      for (const group of [...metadata.row_groups].reverse()) {
        if (span.last - span.first >= MOST_DAYS) break;
        isCut ||= left < Number(group.num_rows);
        if (isCut) break;
        left -= Number(group.num_rows);
        await readRows(feed, columns, group, places, span);
      }
    } finally {
      await handle.close();
    }
  }
  // The first day that was read may go on in a row group that was not.
  const first = Math.max(span.last - MOST_DAYS + 1, isCut ? span.first + 1 : span.first);
  const { iso, market, feed: name, table } = feed;
  const series = feed.chosen.map(({ values, kind }, i): PriceSeries => {
    const label = values.filter((value) => value !== null).join(", ");
    return {
      ...{ iso, market, feed: name, table, name: label, kind },
      ...{ days: sums[i]!.days(first), hours: sums[i]!.hours(first) },
    };
  });
  return { series: series.filter(({ days }) => days.length > 0), isCut };
}

async function readRows(
  { table }: PricesOfFeed,
  columns: ColumnFile,
  group: RowGroup,
  places: ReadonlyMap<string, PriceSums>,
  span: { first: number; last: number },
): Promise<void> {
  const [first, second] = nameColumns(table);
  const names = await columns.read(group, first!);
  const seconds = second === undefined ? null : await columns.read(group, second);
  const prices = await columns.read(group, table === "energy" ? "lmp_total" : "price");
  const dates = await columns.read(group, "operating_date");
  const hours = await columns.read(group, "hour_ending");
  // The names that are wanted, by the codes of this row group.
  const wanted = Array.from(names.values as readonly string[], (name) => byRegion(name, seconds, places));
  for (let row = 0; row < names.codes.length; row++) {
    const sums = wanted[names.codes[row]!]?.[seconds === null ? 0 : seconds.codes[row]! + 1];
    if (sums === undefined || sums === null) continue;
    sums.add(numberAt(dates, row), numberAt(hours, row), numberAt(prices, row));
  }
  for (const date of dates.values as Float64Array) {
    span.first = Math.min(span.first, date);
    span.last = Math.max(span.last, date);
  }
}

/** The sums of a name by the code of its region, the first for none; null where the name is not wanted at all. */
function byRegion(
  name: string,
  regions: CodedChunk | null,
  places: ReadonlyMap<string, PriceSums>,
): (PriceSums | undefined)[] | null {
  const keys =
    regions === null
      ? [name]
      : [`${name}\n`, ...Array.from(regions.values as readonly string[], (region) => `${name}\n${region}`)];
  const sums = keys.map((key) => places.get(key));
  return sums.some((each) => each !== undefined) ? sums : null;
}

function numberAt({ codes, values }: CodedChunk, row: number): number {
  return values[codes[row]!] as number;
}
