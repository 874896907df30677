import { DAY_MS, dashedDay, HOUR_MS, midnightOf } from "../../src/demo/clock-text.js";
import { operatingDay } from "../../src/demo/operating-day.js";
import { type MidnightOffset, midnightsOf } from "../peers/midnight-offsets.js";

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
  /** When its operating days begin. */
  midnights: MidnightOffset[];
  /** Operating days of 25 hours, as `YYYY-MM-DD`. */
  longDays: string[];
}

/**
 * DuckDB is handed these instead of asking a time zone for each row, which takes it longer.
 *
 * @param firstDay `YYYY-MM-DD`
 */
export function marketOffsets(firstDay: string, days: number, timeZone: string): MarketOffsets {
  const dates = Array.from({ length: days }, (_, day) => dashedDay(midnightOf(firstDay) + day * DAY_MS));
  const offsets: Offset[] = [];
  const longDays: string[] = [];
  for (const date of dates) {
    const hours = operatingDay(date, 60, timeZone);
    if (hours.length > 24) longDays.push(date);
    for (const { utcMs, wallMs, repeated } of hours) {
      const behind = (utcMs - wallMs) / HOUR_MS;
      if (repeated || offsets.at(-1)?.hours === behind) continue;
      offsets.push({ from: new Date(wallMs).toISOString().slice(0, 19).replace("T", " "), hours: behind });
    }
  }
  return { offsets, midnights: midnightsOf(dates, timeZone), longDays };
}
