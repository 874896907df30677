import { readdir } from "node:fs/promises";
import { operatingDay } from "../../src/demo/operating-day.js";

/** From this operating date on, days begin so many hours after midnight UTC. */
export interface MidnightOffset {
  from: string;
  hours: number;
}

/**
 * When the operating days of the input begin. DuckDB and Polars are handed this instead of asking a time zone for
 * each row, which took DuckDB about a quarter longer; the result is as right.
 *
 * @param input folder of day files named `…_YYYY-MM-DD.csv`
 * @returns at least one entry, by date
 */
export async function midnightOffsets(input: string): Promise<MidnightOffset[]> {
  const dates = (await readdir(input)).flatMap((name) => /\d{4}-\d\d-\d\d(?=\.csv$)/.exec(name) ?? []).sort();
  if (dates.length === 0) throw new Error(`No day files in "${input}".`);
  return midnightsOf(dates, "America/New_York");
}

/** The same of dates in order, at least one, in any zone. */
export function midnightsOf(dates: readonly string[], timeZone: string): MidnightOffset[] {
  const offsets: MidnightOffset[] = [];
  for (const date of dates) {
    const hours = (operatingDay(date, 60, timeZone)[0]!.utcMs - Date.parse(date)) / 3_600_000;
    if (offsets.at(-1)?.hours !== hours) offsets.push({ from: date, hours });
  }
  return offsets;
}
