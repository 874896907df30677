import { runAt, runCount, type Segment } from "../arrow/row-batch.js";
import { StartPlaces } from "../arrow/start-places.js";
import { monthOfDay } from "../time/calendar.js";

/** Rows by interval: epoch milliseconds, days since 1970-01-01, counts. */
export interface IntervalRows {
  start: Float64Array<ArrayBuffer>;
  date: Int32Array<ArrayBuffer>;
  rows: Int32Array<ArrayBuffer>;
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
export function rowGroupEnds(
  { date: dates, rows: counts }: Omit<IntervalRows, "start">,
  target: number,
): number[] {
  const ends: number[] = [];
  let rows = 0;
  let month = Number.NaN;
  for (let first = 0; first < dates.length; ) {
    const date = dates[first]!;
    let last = first;
    let dayRows = 0;
    for (; last < dates.length && dates[last] === date; last++) dayRows += counts[last]!;
    const newMonth = monthOfDay(date);
    if (rows > 0 && (newMonth !== month || rows + dayRows > target)) {
      ends.push(first);
      rows = 0;
    }
    month = newMonth;
    rows = dayRows > target ? cutDay(counts, first, last, target, ends) : rows + dayRows;
    first = last;
  }
  if (rows > 0) ends.push(dates.length);
  return ends;
}

/** Cuts a day at its intervals; returns how many rows of it are left behind the last cut. */
function cutDay(counts: Int32Array, first: number, last: number, target: number, ends: number[]): number {
  let rows = 0;
  for (let i = first; i < last; i++) {
    if (rows > 0 && rows + counts[i]! > target) {
      ends.push(i);
      rows = 0;
    }
    rows += counts[i]!;
  }
  return rows;
}

/** Rows by interval of some segments, in order of time. */
export function countIntervals(segments: readonly Segment[]): IntervalRows {
  const most = segments.reduce((sum, segment) => sum + runCount(segment), 0);
  const known = new StartPlaces();
  const dates = new Int32Array(most);
  const counts = new Int32Array(most);
  for (const { batch, from, to } of segments) {
    const { start, operatingDate, runEnds } = batch.intervals;
    for (let row = from, run = runAt(runEnds, from); row < to; run++) {
      const end = Math.min(runEnds[run]!, to);
      const place = known.placeOf(start[run]!);
      dates[place] = operatingDate[run]!;
      counts[place]! += end - row;
      row = end;
    }
  }
  const places = known.inOrder();
  const intervals = {
    start: new Float64Array(places.length),
    date: new Int32Array(places.length),
    rows: new Int32Array(places.length),
  };
  for (let number = 0; number < places.length; number++) {
    const place = places[number]!;
    intervals.start[place] = known.starts[number]!;
    intervals.date[place] = dates[number]!;
    intervals.rows[place] = counts[number]!;
  }
  return intervals;
}
