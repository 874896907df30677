import { operatingDay } from "../../src/demo/operating-day.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** From this reading of the market's clock on, it is so many hours behind UTC. */
export interface Offset {
  /** `YYYY-MM-DD HH:mm:ss`. */
  from: string;
  hours: number;
}

/** The offsets of a market's clock over some days, and the days on which a reading may have two. */
export interface MarketOffsets {
  /** At least one, by time. A reading of the repeated hour is taken for that of its first pass. */
  offsets: Offset[];
  /** Operating days of 25 hours, as `YYYY-MM-DD`. */
  longDays: string[];
}

/**
 * DuckDB is handed these instead of asking a time zone for each row, which takes it longer.
 *
 * @param firstDay `YYYY-MM-DD`
 */
export function marketOffsets(firstDay: string, days: number, timeZone: string): MarketOffsets {
  const offsets: Offset[] = [];
  const longDays: string[] = [];
  for (let day = 0; day < days; day++) {
    const date = new Date(Date.parse(firstDay) + day * DAY_MS).toISOString().slice(0, 10);
    const hours = operatingDay(date, 60, timeZone);
    if (hours.length > 24) longDays.push(date);
    for (const { utcMs, wallMs, repeated } of hours) {
      const behind = (utcMs - wallMs) / HOUR_MS;
      if (repeated || offsets.at(-1)?.hours === behind) continue;
      offsets.push({ from: new Date(wallMs).toISOString().slice(0, 19).replace("T", " "), hours: behind });
    }
  }
  return { offsets, longDays };
}
