import { TABLES, type TableName } from "../arrow/tables.js";
import { FIRST_YEAR, LAST_YEAR } from "../time/calendar.js";

/** What the path of a year file says. */
export interface YearPath {
  table: TableName;
  iso: string;
  market: string;
  feed: string;
  year: number;
}

/** `energy/iso=PJM/market=DA/feed=da_hourly/year=2024/pjm_da_hourly_2024.parquet`: below the output folder. */
export function yearPath({ table, iso, market, feed, year }: YearPath): string {
  const name = `${iso}_${feed}_${year}.parquet`.toLowerCase();
  return `${table}/iso=${iso}/market=${market}/feed=${feed}/year=${year}/${name}`;
}

/**
 * Reads a path below the output folder, with slashes.
 *
 * @returns what its folders say; null when they are not those of a year file, whatever the file is called
 */
export function parseYearPath(path: string): YearPath | null {
  const [, table, iso, market, feed, digits] =
    /^([^/]+)\/iso=([^/]+)\/market=([^/]+)\/feed=([^/]+)\/year=(\d{4})\/[^/]+\.parquet$/.exec(path) ?? [];
  const year = Number(digits);
  if (table === undefined || !Object.hasOwn(TABLES, table) || year < FIRST_YEAR || year > LAST_YEAR)
    return null;
  return { table: table as TableName, iso: iso!, market: market!, feed: feed!, year };
}
