import { join } from "node:path";
import { yearPath } from "../../src/dataset/year-path.js";
import { countDays, DAY_COUNTS_KEY, dayCountsText } from "../../src/parquet/day-counts.js";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { yearOfDay } from "../../src/time/calendar.js";
import { MarketClock } from "../../src/time/market-clock.js";
import { put } from "./folder.js";
import { parquetFile, sorted } from "./parquet-files.js";
import { ENERGY, energyRow, type Row } from "./rows.js";

const HOUR_MS = 3_600_000;
const NEW_YORK = "America/New_York";

/** Hourly rows of operating days, in days since 1970-01-01, by the clock of New York. */
export function dayRows(days: readonly number[], locations = 3, hours = 25): Row[] {
  const clock = new MarketClock(NEW_YORK);
  return days.flatMap((date) => {
    const all = Math.min(hours, clock.hoursInDay(date));
    return Array.from({ length: all }, (_, hour) =>
      Array.from({ length: locations }, (_, at) => {
        const start = clock.dayStart(date) + hour * HOUR_MS;
        const interval = { start, end: start + HOUR_MS, date, hour: hour + 1 };
        return energyRow(start, `L${at}`, 20 + hour, interval);
      }),
    ).flat();
  });
}

export interface MadeFile {
  iso?: string;
  feed?: string;
  /** Leaves out the day counts, as earlier versions did. */
  withoutCounts?: boolean;
}

/** Writes a year file of each year that the rows are of; returns their paths below `out`. */
export async function putYears(out: string, rows: readonly Row[], options: MadeFile = {}): Promise<string[]> {
  const { iso = "PJM", feed = "da_hourly", withoutCounts = false } = options;
  const paths: string[] = [];
  for (const year of new Set(rows.map(({ date }) => yearOfDay(date)))) {
    const ofYear = rows.filter(({ date }) => yearOfDay(date) === year);
    const at = sorted(ENERGY, ofYear);
    const { start, operatingDate: date, runEnds } = at.intervals;
    const counts = countDays([
      { start, date, rows: runEnds.map((end, i) => end - (i === 0 ? 0 : runEnds[i - 1]!)) },
    ])!;
    const path = yearPath({ table: "energy", iso, market: "DA", feed, year });
    const metadata = [
      { key: "gridparquet.schema_version", value: "1" },
      { key: "gridparquet.table", value: "energy" },
      { key: "gridparquet.iso", value: iso },
      { key: "gridparquet.market", value: "DA" },
      { key: "gridparquet.feed", value: feed },
      { key: "gridparquet.year", value: String(year) },
      { key: "gridparquet.time_zone", value: NEW_YORK },
      ...(withoutCounts ? [] : [{ key: DAY_COUNTS_KEY, value: dayCountsText(counts) }]),
    ];
    put(out, path, parquetFile(ENERGY, [await encodeRowGroup(ENERGY, at, "zstd")], metadata));
    paths.push(join(path));
  }
  return paths;
}

/** Days from `first` to `last`, both `2024-03-10`, less those named. */
export function daysFrom(first: string, last: string, less: readonly string[] = []): number[] {
  const [from, to] = [dayOf(first), dayOf(last)];
  const left = less.map(dayOf);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((day) => !left.includes(day));
}

/** Days since 1970-01-01 of `2024-03-10`. */
export function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 86_400_000;
}
