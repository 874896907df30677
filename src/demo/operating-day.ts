import { HOUR_MS, MINUTE_MS, midnightOf } from "./clock-text.js";

/** Longest stretch after UTC midnight of a date in which its Pacific day can lie: 25 hours, begun 8 hours late. */
const SEARCH_MS = 33 * HOUR_MS;

/** Start of a market interval: the instant, and what the market's wall clock shows. */
export interface IntervalStart {
  /** Epoch milliseconds. */
  utcMs: number;
  /** What `new Date(wallMs)` shows in its UTC fields is the wall clock. */
  wallMs: number;
  /** Whether the wall clock shows this time for the second time, in autumn. */
  repeated: boolean;
}

/**
 * The intervals of an operating day, in order: 23, 24 or 25 hours of them.
 *
 * Asks the platform for the wall clock of each instant and keeps those of the date. It does not use MarketClock, so
 * that generated files can catch a mistake there.
 *
 * @param date `YYYY-MM-DD`
 * @param minutes length of an interval, a divisor of 60
 * @param timeZone of the market: one of America, or `Etc/GMT+5` for standard time all year
 * @throws GridparquetError `usage` when there is no such date
 */
export function operatingDay(date: string, minutes: number, timeZone = "America/New_York"): IntervalStart[] {
  const midnight = midnightOf(date);
  const starts: IntervalStart[] = [];
  for (let utcMs = midnight; utcMs < midnight + SEARCH_MS; utcMs += minutes * MINUTE_MS) {
    const wallMs = wallClock(utcMs, timeZone);
    if (!new Date(wallMs).toISOString().startsWith(date)) continue;
    starts.push({ utcMs, wallMs, repeated: wallClock(utcMs - HOUR_MS, timeZone) === wallMs });
  }
  return starts;
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** What the wall clock shows at an instant, as {@link IntervalStart} has it. */
export function wallClock(utcMs: number, timeZone: string): number {
  let clock = CLOCKS.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    CLOCKS.set(timeZone, clock);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(utcMs)) part[type] = Number(value);
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute);
}
