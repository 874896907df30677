import { GridparquetError } from "../errors.js";

const MINUTE_MS = 60_000;
/** Longest stretch after UTC midnight of a date in which its New York day can lie: 25 hours, begun 5 hours late. */
const SEARCH_MS = 30 * 60 * MINUTE_MS;

/** Start of a market interval: the instant, and what the market's wall clock shows. */
export interface IntervalStart {
  /** Epoch milliseconds. */
  utcMs: number;
  /** What `new Date(wallMs)` shows in its UTC fields is the wall clock. */
  wallMs: number;
}

const NEW_YORK = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
});

/**
 * The intervals of an operating day in America/New_York, in order: 23, 24 or 25 hours of them.
 *
 * Asks the platform for the wall clock of each instant and keeps those of the date. It does not use MarketClock, so
 * that generated files can catch a mistake there.
 *
 * @param date `YYYY-MM-DD`
 * @param minutes length of an interval, a divisor of 60
 * @throws GridparquetError `usage` when there is no such date
 */
export function operatingDay(date: string, minutes: number): IntervalStart[] {
  const midnight = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) {
    throw new GridparquetError("usage", `"${date}" is not a date.`, { hint: "Write it as YYYY-MM-DD." });
  }
  const starts: IntervalStart[] = [];
  for (let utcMs = midnight; utcMs < midnight + SEARCH_MS; utcMs += minutes * MINUTE_MS) {
    const wallMs = wallClock(utcMs);
    if (new Date(wallMs).toISOString().startsWith(date)) starts.push({ utcMs, wallMs });
  }
  return starts;
}

function wallClock(utcMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of NEW_YORK.formatToParts(utcMs)) part[type] = Number(value);
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute);
}
