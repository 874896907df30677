import type { MarketClock } from "../time/market-clock.js";

/** A day that holds less than the days around it. */
export interface PartialDay {
  /** Days since 1970-01-01. */
  day: number;
  intervals: number;
  /** Intervals that the days around it would lead one to expect. */
  expectedIntervals: number;
  /** Rows per interval, on average: how many locations or products the day has. */
  rowsPerInterval: number;
  expectedRowsPerInterval: number;
}

/** What is known of a feed's days, from the first to the last; zeros for days without rows. */
export interface DayTotals {
  firstDay: number;
  rows: readonly number[];
  intervals: readonly number[];
}

/** Days with rows that are looked at on either side of a day, and how far off they may lie. */
const NEIGHBOURS = 7;
const NEAR_DAYS = 14;
/**
 * Locations come and go, a few in a hundred at a time when a market's model changes: a day with fewer rows per interval
 * than this share of its neighbours lacks some.
 */
const FEWER_ROWS = 0.95;
/** The same of intervals where days differ, as with prices of each dispatch run, which come when they come. */
const FEWER_INTERVALS = 0.9;

/**
 * Days that hold fewer intervals, or fewer rows per interval, than their neighbours.
 *
 * A day is held against the median of the days before it and of those after it, and must fall short of both: where a
 * feed changes for good, no day is partial. Intervals are counted by the hour, so that the days on which clocks change
 * may have 23 or 25 hours of them.
 */
export function findPartialDays(totals: DayTotals, clock: MarketClock): PartialDay[] {
  const { firstDay, rows, intervals } = totals;
  const present = rows.flatMap((count, index) => (count > 0 ? [index] : []));
  const perHour = present.map((index) => intervals[index]! / clock.hoursInDay(firstDay + index));
  const perInterval = present.map((index) => rows[index]! / intervals[index]!);
  const partial: PartialDay[] = [];
  for (const [place, index] of present.entries()) {
    const isNear = (other: number): boolean => Math.abs(present[other]! - index) <= NEAR_DAYS;
    const first = Math.max(0, place - NEIGHBOURS);
    const last = Math.min(present.length - 1, place + NEIGHBOURS);
    const places = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const sides = [
      places.filter((other) => other < place && isNear(other)),
      places.filter((other) => other > place && isNear(other)),
    ].filter(({ length }) => length > 0);
    if (sides.length === 0) continue;
    const hours = clock.hoursInDay(firstDay + index);
    const expectedIntervals = Math.min(
      ...sides.map((side) => expectedDensity(ofPlaces(perHour, side), perHour[place]!) * hours),
    );
    const expectedRowsPerInterval = Math.min(...sides.map((side) => median(ofPlaces(perInterval, side))));
    const lacksIntervals = intervals[index]! < Math.floor(expectedIntervals + 1e-6);
    if (!lacksIntervals && perInterval[place]! >= expectedRowsPerInterval * FEWER_ROWS) continue;
    partial.push({
      day: firstDay + index,
      intervals: intervals[index]!,
      expectedIntervals: Math.round(expectedIntervals),
      rowsPerInterval: perInterval[place]!,
      expectedRowsPerInterval,
    });
  }
  return partial;
}

function ofPlaces(values: readonly number[], places: readonly number[]): number[] {
  return places.map((place) => values[place]!);
}

/** Intervals per hour to expect beside such days: theirs where most agree, else so many that a few may lack. */
function expectedDensity(neighbours: readonly number[], own: number): number {
  const middle = median(neighbours);
  const agree = neighbours.filter((density) => Math.abs(density - middle) < 1e-9).length;
  if (agree * 2 > neighbours.length) return middle;
  return own >= middle * FEWER_INTERVALS ? Math.min(own, middle) : middle;
}

/** The middle value; of an even number of them the lower of the two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1]!;
}
