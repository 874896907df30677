import { daysFromDate, isoDate, monthOfDay } from "../time/calendar.js";

/** Key of the day counts in a year file's key-value metadata. */
export const DAY_COUNTS_KEY = "gridparquet.days";

/** What a year file holds of each operating day from its first to its last: zeros for days without rows. */
export interface DayCounts {
  /** Days since 1970-01-01. */
  firstDay: number;
  rows: number[];
  /** Distinct values of `interval_start_utc`. */
  intervals: number[];
}

/** What a year file held before it was added to, and what it holds now; null where there was, or is, no row. */
export interface ChangedDays {
  before: DayCounts | null;
  after: DayCounts | null;
}

/** Rows by interval in order of time: epoch milliseconds, days since 1970-01-01, counts. */
export interface DatedIntervals {
  start: ArrayLike<number>;
  date: ArrayLike<number>;
  rows: ArrayLike<number>;
}

/**
 * Counts rows and intervals by operating day: a function of the rows alone, however they were cut.
 *
 * @param pieces in order of time
 * @returns null when there are no rows
 */
export function countDays(pieces: Iterable<DatedIntervals>): DayCounts | null {
  const days = new Map<number, { rows: number; intervals: number }>();
  let previous = Number.NaN;
  for (const { start, date, rows } of pieces) {
    for (let i = 0; i < start.length; i++) {
      const day = days.get(date[i]!) ?? { rows: 0, intervals: 0 };
      days.set(date[i]!, day);
      day.rows += rows[i]!;
      if (start[i] !== previous) day.intervals++;
      previous = start[i]!;
    }
  }
  return inOrder(days);
}

function inOrder(days: ReadonlyMap<number, { rows: number; intervals: number }>): DayCounts | null {
  if (days.size === 0) return null;
  const order = [...days.keys()].sort((a, b) => a - b);
  const firstDay = order[0]!;
  const counts = Array.from({ length: order.at(-1)! - firstDay + 1 }, (_, i) => days.get(firstDay + i));
  return {
    firstDay,
    rows: counts.map((day) => day?.rows ?? 0),
    intervals: counts.map((day) => day?.intervals ?? 0),
  };
}

/** The counts of a file of which only the days of some months, as {@link monthOfDay} numbers them, have been counted anew. */
export function withMonths(
  before: DayCounts,
  months: ReadonlySet<number>,
  counted: DayCounts | null,
): DayCounts | null {
  const days = new Map<number, { rows: number; intervals: number }>();
  const take = ({ firstDay, rows, intervals }: DayCounts, isTaken: (day: number) => boolean) => {
    for (const [i, count] of rows.entries())
      if (count > 0 && isTaken(firstDay + i))
        days.set(firstDay + i, { rows: count, intervals: intervals[i]! });
  };
  take(before, (day) => !months.has(monthOfDay(day)));
  if (counted !== null) take(counted, () => true);
  return inOrder(days);
}

/**
 * The counts as text: `{"first":"2024-01-01","rows":[288,0,288],"intervals":[24,0,24]}`, a number for each day from
 * the first to the last.
 */
export function dayCountsText({ firstDay, rows, intervals }: DayCounts): string {
  return JSON.stringify({ first: isoDate(firstDay), rows, intervals });
}

/** Reads the text of {@link dayCountsText}; null when it is something else. */
export function parseDayCounts(text: string): DayCounts | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { first, rows, intervals } = value as Record<string, unknown>;
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(String(first)) ?? [];
  const firstDay = daysFromDate(Number(year), Number(month), Number(day));
  if (Number.isNaN(firstDay) || !isCounts(rows) || !isCounts(intervals)) return null;
  if (rows.length === 0 || rows.length !== intervals.length) return null;
  return { firstDay, rows, intervals };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && (each as number) >= 0);
}
