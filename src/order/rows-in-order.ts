import { copyInterval, type IntervalRuns, newIntervals, runAt, type Segment } from "../arrow/row-batch.js";

/**
 * The intervals of rows that are in the output's order already, as files in order of time and location give them; null
 * when they are not.
 *
 * @param takeAscending takes rows [from, to), of all rows of the segments one after the other, while their keys ascend
 *   from above `previous`; the last one's key, or -1 when they do not
 */
export function intervalsInOrder(
  segments: readonly Segment[],
  takeAscending: (from: number, to: number, previous: number) => number,
): IntervalRuns | null {
  const count = countInOrder(segments, takeAscending);
  return count === null ? null : joinIntervals(segments, count);
}

/** How many intervals there are; null when rows are not in order. */
function countInOrder(
  segments: readonly Segment[],
  takeAscending: (from: number, to: number, previous: number) => number,
): number | null {
  let count = 0;
  let base = 0;
  let last = Number.NEGATIVE_INFINITY;
  let key = -1;
  for (const { batch, from, to } of segments) {
    const { start, runEnds } = batch.intervals;
    for (let row = from, run = runAt(runEnds, from); row < to; run++) {
      if (start[run]! < last) return null;
      // An interval may go on in the next segment.
      if (start[run]! > last) {
        last = start[run]!;
        key = -1;
        count++;
      }
      const end = Math.min(runEnds[run]!, to);
      key = takeAscending(base + row - from, base + end - from, key);
      if (key < 0) return null;
      row = end;
    }
    base += to - from;
  }
  return count;
}

/** The runs of segments one after the other, of which the last of one and the first of the next may be of one interval. */
function joinIntervals(segments: readonly Segment[], count: number): IntervalRuns {
  const intervals = newIntervals(count);
  let place = -1;
  let rows = 0;
  for (const { batch, from, to } of segments) {
    const { start, runEnds } = batch.intervals;
    for (let row = from, run = runAt(runEnds, from); row < to; run++) {
      if (place < 0 || intervals.start[place] !== start[run])
        copyInterval(batch.intervals, run, intervals, ++place);
      const next = Math.min(runEnds[run]!, to);
      rows += next - row;
      row = next;
      intervals.runEnds[place] = rows;
    }
  }
  return intervals;
}
