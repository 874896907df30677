import { copyRows, type RowBatch, runAt, type Segment } from "../arrow/row-batch.js";
import { lowerBound } from "../lower-bound.js";
import { countIntervals, rowGroupEnds } from "../order/calendar-cuts.js";
import { monthOfDay } from "../time/calendar.js";

/** Rows for one row group, or of several months, to be spilled. */
export interface RowGroupRows {
  segments: Segment[];
  /** Bytes of batches that are free once the rows are gone. */
  credit: number;
}

/** Rows of fewer months than this make row groups: what must be merged of them is little. */
const SCATTERED_MONTHS = 3;

/** Rows that wait until it is known which row group they belong to, in plan order. */
export class PendingRows {
  rows = 0;
  readonly #target: number;
  #segments: Segment[] = [];
  readonly #bytesPerRow = new Map<RowBatch, number>();
  /** Start of the last interval of which rows were taken. */
  #takenTo = Number.NEGATIVE_INFINITY;

  /** @param target most rows in a row group */
  constructor(target: number) {
    this.#target = target;
  }

  /** @param bytes what the segment's rows count for in the budget */
  add(segment: Segment, bytes: number): void {
    const rows = segment.to - segment.from;
    this.#segments.push(segment);
    this.#bytesPerRow.set(segment.batch, rows === 0 ? 0 : bytes / rows);
    this.rows += rows;
  }

  /**
   * Row groups that no later row in order of time can change; asked for once more rows wait than one may have. With
   * them goes the rest, where it must be merged with rows that have gone already.
   */
  takeFinal(): RowGroupRows[] {
    return this.rows > this.#target ? this.#take(false) : [];
  }

  /**
   * All that waits, once it is more rows than a row group may have, where these are of several months and most go back
   * behind rows that came before: files by location, whose rows are all to be merged.
   *
   * @param all whether all that waits must go, however few rows: those that come only behind others that wait are better
   *   sorted with them then
   */
  takeScattered(all = false): RowGroupRows | null {
    if (this.rows <= (all ? 0 : this.#target)) return null;
    let behind = 0;
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    let lastStart = this.#takenTo;
    for (const segment of this.#segments) {
      const { start, operatingDate, runEnds } = segment.batch.intervals;
      const lastRun = runAt(runEnds, segment.to - 1);
      behind += firstRowFrom(segment, (all ? this.#takenTo : lastStart) + 1) - segment.from;
      first = Math.min(first, operatingDate[runAt(runEnds, segment.from)]!);
      last = Math.max(last, operatingDate[lastRun]!);
      lastStart = Math.max(lastStart, start[lastRun]!);
    }
    const months = monthOfDay(last) - monthOfDay(first) + 1;
    if (months < SCATTERED_MONTHS || behind * 2 < this.rows) return null;
    this.#takenTo = lastStart;
    return this.#takeBefore(Number.POSITIVE_INFINITY);
  }

  /** All that waits, as row groups. */
  takeAll(): RowGroupRows[] {
    return this.rows > 0 ? this.#take(true) : [];
  }

  /** All that waits, in its order, each part of a batch as a batch of its own. */
  batches(): RowBatch[] {
    return this.#segments.map((segment) => {
      const { batch, from, to } = segment;
      return from === 0 && to === batch.rows ? batch : copyRows(segment);
    });
  }

  #take(all: boolean): RowGroupRows[] {
    const intervals = countIntervals(this.#segments);
    const ends = rowGroupEnds(intervals, this.#target);
    // Files by location: of each month there are a few rows.
    const areScattered = ends.length > 2 && intervals.start[ends.at(-2)!]! <= this.#takenTo;
    if (!all && !areScattered) ends.pop();
    if (ends.length > 0) this.#takenTo = Math.max(this.#takenTo, intervals.start[ends.at(-1)! - 1]!);
    return ends.map((end) => this.#takeBefore(intervals.start[end] ?? Number.POSITIVE_INFINITY));
  }

  /** Takes the rows of intervals that begin before `start`. A batch is handed over whole, or copied in part. */
  #takeBefore(start: number): RowGroupRows {
    const taken: Segment[] = [];
    const left: Segment[] = [];
    let credit = 0;
    for (const segment of this.#segments) {
      const end = firstRowFrom(segment, start);
      if (end > segment.from) {
        const rows = end - segment.from;
        credit += rows * this.#bytesPerRow.get(segment.batch)!;
        this.rows -= rows;
        if (end === segment.to) {
          taken.push(segment);
          this.#bytesPerRow.delete(segment.batch);
        } else {
          const batch = copyRows({ ...segment, to: end });
          taken.push({ batch, from: 0, to: rows });
        }
      }
      if (end < segment.to) left.push({ ...segment, from: end });
    }
    this.#segments = left;
    return { segments: taken, credit };
  }
}

/** First row of a segment whose interval begins at `start` or later. */
export function firstRowFrom({ batch, from, to }: Segment, start: number): number {
  const { start: starts, runEnds } = batch.intervals;
  const run = lowerBound(starts, start);
  const row = run === 0 ? 0 : runEnds[run - 1]!;
  return Math.min(Math.max(row, from), to);
}
