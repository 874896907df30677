import { runAt, type Segment } from "../arrow/row-batch.js";
import { StartPlaces } from "../arrow/start-places.js";
import { monthOfDay } from "../time/calendar.js";

/** Rows of one interval. `start` in epoch milliseconds, `date` in days since 1970-01-01. */
export interface IntervalCount {
  start: number;
  date: number;
  rows: number;
}

/**
 * Where row groups end, as indexes into the intervals (each is the interval after the last one of its group).
 *
 * The rule depends on nothing but the rows: no row group crosses a month; within a month days are put together
 * while they fit into `target` rows; a day that alone is larger is cut at its intervals, and what is left of it
 * goes on like a day of its own; an interval is never cut. So the same rows give the same row groups in whatever
 * pieces they arrived, and adding a day changes the row groups of one month at most. Of a beginning of the rows, all
 * groups but the last are final, and the rows behind a group give the same groups without it.
 */
export function rowGroupEnds(intervals: readonly IntervalCount[], target: number): number[] {
  const ends: number[] = [];
  let rows = 0;
  let month = Number.NaN;
  for (let first = 0; first < intervals.length; ) {
    const { date } = intervals[first]!;
    let last = first;
    let dayRows = 0;
    for (; last < intervals.length && intervals[last]!.date === date; last++)
      dayRows += intervals[last]!.rows;
    const newMonth = monthOfDay(date);
    if (rows > 0 && (newMonth !== month || rows + dayRows > target)) {
      ends.push(first);
      rows = 0;
    }
    month = newMonth;
    rows = dayRows > target ? cutDay(intervals, first, last, target, ends) : rows + dayRows;
    first = last;
  }
  if (rows > 0) ends.push(intervals.length);
  return ends;
}

/** Cuts a day at its intervals; returns how many rows of it are left behind the last cut. */
function cutDay(
  intervals: readonly IntervalCount[],
  first: number,
  last: number,
  target: number,
  ends: number[],
): number {
  let rows = 0;
  for (let i = first; i < last; i++) {
    if (rows > 0 && rows + intervals[i]!.rows > target) {
      ends.push(i);
      rows = 0;
    }
    rows += intervals[i]!.rows;
  }
  return rows;
}

/** Rows by interval of some segments, in order of time. */
export function countIntervals(segments: readonly Segment[]): IntervalCount[] {
  const known = new StartPlaces();
  const counts: IntervalCount[] = [];
  for (const { batch, from, to } of segments) {
    const { start, operatingDate, runEnds } = batch.intervals;
    for (let row = from, run = runAt(runEnds, from); row < to; run++) {
      const end = Math.min(runEnds[run]!, to);
      const place = known.placeOf(start[run]!);
      if (place === counts.length)
        counts.push({ start: start[run]!, date: operatingDate[run]!, rows: end - row });
      else counts[place]!.rows += end - row;
      row = end;
    }
  }
  return joinIntervals(counts);
}

/** Counts in order of time, one for each interval. */
export function joinIntervals(counts: IntervalCount[]): IntervalCount[] {
  if (counts.every((count, index) => index === 0 || counts[index - 1]!.start < count.start)) return counts;
  counts.sort((a, b) => a.start - b.start);
  const joined: IntervalCount[] = [];
  for (const count of counts) {
    const last = joined.at(-1);
    if (last?.start === count.start) last.rows += count.rows;
    else joined.push({ ...count });
  }
  return joined;
}
