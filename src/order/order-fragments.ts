import { runAt, runCount, type Segment } from "../arrow/row-batch.js";
import { StartPlaces } from "../arrow/start-places.js";
import type { SortMemory } from "./sort-memory.js";

/** Intervals that come in pieces of fewer rows than this are put together all at once. */
const FEW_ROWS = 64;

/** An interval, by a run that has it. */
export interface IntervalRun {
  segment: Segment;
  run: number;
}

/** Rows in order of interval and key; those of one key in the order of the segments. */
export interface OrderedFragments {
  /** Places of the rows. */
  sorted: Int32Array;
  /** By interval, in order of time: a run that has it, and the place behind its rows in `sorted`. */
  runs: IntervalRun[];
  ends: Int32Array;
}

/** Whether rows come as files by location give them: each interval in many places, with a few rows in each. */
export function areFragments(segments: readonly Segment[]): boolean {
  let rows = 0;
  let runs = 0;
  for (const segment of segments) {
    rows += segment.to - segment.from;
    runs += runCount(segment);
  }
  return rows < runs * FEW_ROWS;
}

/**
 * Orders rows by two rounds of counting, first by their key and then by their interval: no object is made for an
 * interval of a segment, of which there may be as many as rows.
 *
 * @param keyRanks rank of each row's key, by the rank of its entity
 * @param ranks rank of each row's entity, the rows of the segments one after the other
 */
export function orderFragments(
  segments: readonly Segment[],
  keyRanks: Int32Array,
  ranks: Int32Array,
  memory: SortMemory,
): OrderedFragments {
  const count = ranks.length;
  const sorted = memory.int32(count);
  return memory.within(() => {
    const intervals = memory.int32(count);
    const runs = placeRows(segments, intervals);
    const byKey = memory.int32(count);
    countingSort(memory.gatherInt32(keyRanks, ranks), keyRanks.length, null, byKey);
    const ends = countingSort(intervals, runs.length, byKey, sorted);
    return { sorted, runs, ends };
  });
}

/** Puts the place in time of each row's interval into `intervals`; returns a run for each. */
function placeRows(segments: readonly Segment[], intervals: Int32Array): IntervalRun[] {
  const known = new StartPlaces();
  const firsts: IntervalRun[] = [];
  let base = 0;
  for (const segment of segments) {
    const { batch, from, to } = segment;
    const { start, runEnds } = batch.intervals;
    for (let row = from, run = runAt(runEnds, from); row < to; run++) {
      const end = Math.min(runEnds[run]!, to);
      const place = known.placeOf(start[run]!);
      if (place === firsts.length) firsts.push({ segment, run });
      intervals.fill(place, base + row - from, base + end - from);
      row = end;
    }
    base += to - from;
  }
  const places = known.inOrder();
  for (let row = 0; row < base; row++) intervals[row] = places[intervals[row]!]!;
  const runs: IntervalRun[] = new Array(firsts.length);
  for (let place = 0; place < firsts.length; place++) runs[places[place]!] = firsts[place]!;
  return runs;
}

/**
 * Sorts rows by a number that each has; those with the same one keep their order.
 *
 * @param numbers by row
 * @param size numbers are below this
 * @param rows in the order that is to be kept; 0, 1, … where null
 * @returns by number: the place behind its rows in `out`
 */
function countingSort(
  numbers: Int32Array,
  size: number,
  rows: Int32Array | null,
  out: Int32Array,
): Int32Array {
  const next = new Int32Array(size);
  for (let row = 0; row < numbers.length; row++) next[numbers[row]!]!++;
  for (let number = 0, sum = 0; number < size; number++) {
    const those = next[number]!;
    next[number] = sum;
    sum += those;
  }
  for (let i = 0; i < numbers.length; i++) {
    const row = rows === null ? i : rows[i]!;
    out[next[numbers[row]!]!++] = row;
  }
  return next;
}
