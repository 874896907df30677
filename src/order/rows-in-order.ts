import { type IntervalRuns, runAt, type Segment } from "../arrow/row-batch.js";

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
  const most = segments.reduce((sum, { batch }) => sum + batch.intervals.runEnds.length, 0);
  const intervals = {
    start: new Float64Array(most),
    end: new Float64Array(most),
    operatingDate: new Int32Array(most),
    hourEnding: new Uint8Array(most),
    runEnds: new Int32Array(most),
  };
  let count = 0;
  let rows = 0;
  let last = Number.NEGATIVE_INFINITY;
  let key = -1;
  for (const { batch, from, to } of segments) {
    const { start, end, operatingDate, hourEnding, runEnds } = batch.intervals;
    for (let row = from, run = runAt(runEnds, from); row < to; run++) {
      if (start[run]! < last) return null;
      // An interval may go on in the next segment.
      if (start[run]! > last) {
        last = start[run]!;
        key = -1;
        intervals.start[count] = last;
        intervals.end[count] = end[run]!;
        intervals.operatingDate[count] = operatingDate[run]!;
        intervals.hourEnding[count++] = hourEnding[run]!;
      }
      const next = Math.min(runEnds[run]!, to);
      key = takeAscending(rows, rows + next - row, key);
      if (key < 0) return null;
      rows += next - row;
      row = next;
      intervals.runEnds[count - 1] = rows;
    }
  }
  return {
    start: intervals.start.slice(0, count),
    end: intervals.end.slice(0, count),
    operatingDate: intervals.operatingDate.slice(0, count),
    hourEnding: intervals.hourEnding.slice(0, count),
    runEnds: intervals.runEnds.slice(0, count),
  };
}
