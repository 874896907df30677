import type { RowGroup } from "hyparquet";
import type { RowBatch, Segment } from "../arrow/row-batch.js";
import { countIntervals, type IntervalRows, rowGroupEnds } from "../order/calendar-cuts.js";
import type { IndexedRowGroup } from "../parquet/footer-index.js";
import { monthOfDay } from "../time/calendar.js";
import { firstRowFrom } from "./pending-rows.js";

/**
 * Rows that have been written to a part file: a row group, which is a sorted run of rows without duplicates, or rows that
 * were spilled, which are to be merged with others.
 */
export interface Piece {
  /** Order in which its rows came: of two rows with one key, that of the later piece stays. */
  sequence: number;
  /** Where it lies. */
  offset: number;
  length: number;
  /** CRC-32 of its bytes. */
  crc32: number;
  /**
   * As the footer of a file has it in which it lies there; or, of a file that is not known to be of this program, with
   * offsets that count from its first byte. Null for rows that were spilled.
   */
  rowGroup: RowGroup | IndexedRowGroup | null;
  rows: number;
  /** Whether it is no part of a finished file: some rows lack their total, which a later piece may have, or it was spilled. */
  incomplete: boolean;
  intervals: IntervalRows;
  /** Whether it lies in the year file that was there before the run, and not in the part file. */
  isExisting?: true;
  /** Pairs of file index and row count, in memory or, when there are many, where they lie in the side file. */
  sources: Int32Array<ArrayBuffer> | { offset: number; length: number };
}

/** Pieces that may stay as they are, or must be merged and cut anew. */
export interface MonthPlan {
  action: "keep" | "merge";
  pieces: Piece[];
}

const firstStart = (piece: Piece): number => piece.intervals.start[0]!;
const lastStart = (piece: Piece): number => piece.intervals.start.at(-1)!;
export const byFirstStart = (a: Piece, b: Piece): number => firstStart(a) - firstStart(b);

/**
 * What is to be done, in order of time, so that the row groups are those that the calendar rule gives for the rows.
 *
 * Where pieces overlap, their rows must be put together before it is known how many they are: all pieces of such a
 * month are merged. Elsewhere only those are that were cut at other places.
 */
export function planMonths(pieces: readonly Piece[], target: number): MonthPlan[] {
  const months = new Map<number, Piece[]>();
  for (const piece of pieces) {
    const month = monthOfDay(piece.intervals.date[0]!);
    months.set(month, [...(months.get(month) ?? []), piece]);
  }
  return [...months]
    .sort((a, b) => a[0] - b[0])
    .flatMap(([, ofMonth]) => planMonth(ofMonth.sort(byFirstStart), target));
}

function planMonth(pieces: readonly Piece[], target: number): MonthPlan[] {
  const isExact = pieces.every(
    (piece, index) => !piece.incomplete && (index === 0 || firstStart(piece) > lastStart(pieces[index - 1]!)),
  );
  if (!isExact) return [{ action: "merge", pieces: [...pieces] }];
  const counts = joinedCounts(pieces);
  const wanted = rowGroupEnds(counts, target);
  const plan: MonthPlan[] = [];
  let stretch: Piece[] = [];
  let from = 0;
  let to = 0;
  for (const piece of pieces) {
    stretch.push(piece);
    to += piece.intervals.start.length;
    const ends = wanted.filter((end) => end > from && end <= to);
    // What is merged without the rows behind it must be cut as with them.
    if (ends.at(-1) !== to || !areCutAt(counts, from, to, target, ends)) continue;
    const action = stretch.length === 1 && ends.length === 1 ? "keep" : "merge";
    const last = plan.at(-1);
    if (action === "keep" && last?.action === "keep") last.pieces.push(piece);
    else plan.push({ action, pieces: stretch });
    stretch = [];
    from = to;
  }
  return plan;
}

/** Rows by interval of pieces, one after the other. */
function joinedCounts(pieces: readonly Piece[]): Omit<IntervalRows, "start"> {
  const count = pieces.reduce((sum, { intervals }) => sum + intervals.start.length, 0);
  const counts = { date: new Int32Array(count), rows: new Int32Array(count) };
  let at = 0;
  for (const { intervals } of pieces) {
    counts.date.set(intervals.date, at);
    counts.rows.set(intervals.rows, at);
    at += intervals.start.length;
  }
  return counts;
}

/** Whether intervals [from, to) by themselves are cut at these ends. */
function areCutAt(
  counts: Omit<IntervalRows, "start">,
  from: number,
  to: number,
  target: number,
  ends: readonly number[],
): boolean {
  const own = { date: counts.date.subarray(from, to), rows: counts.rows.subarray(from, to) };
  const cuts = rowGroupEnds(own, target);
  return cuts.length === ends.length && cuts.every((end, index) => end + from === ends[index]);
}

/** Pieces in groups: only those of one group overlap. */
export function overlapGroups(pieces: readonly Piece[]): Piece[][] {
  const groups: Piece[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const piece of [...pieces].sort(byFirstStart)) {
    if (firstStart(piece) <= end) groups.at(-1)!.push(piece);
    else groups.push([piece]);
    end = Math.max(end, lastStart(piece));
  }
  return groups;
}

/** Cuts segments between intervals into parts of `most` rows, or of so many more as the last interval of each has. */
export function* cutStretch(segments: readonly Segment[], most: number): Generator<Segment[]> {
  const intervals = countIntervals(segments);
  let left = segments;
  let rows = 0;
  for (let place = 0; place < intervals.start.length; place++) {
    rows += intervals.rows[place]!;
    const next = intervals.start[place + 1];
    if (next !== undefined && rows < most) continue;
    const end = next ?? Number.POSITIVE_INFINITY;
    const part = left.map((segment) => ({ ...segment, to: firstRowFrom(segment, end) }));
    left = left.map((segment, index) => ({ ...segment, from: part[index]!.to }));
    rows = 0;
    yield part.filter(({ from, to }) => from < to);
  }
}

/** What a piece counts for among those that are open at once; one unless told. */
export type PieceWeight = (piece: Piece) => number;
const one: PieceWeight = () => 1;

/** Most pieces that hold rows of one stretch of time. */
export function overlapDepth(pieces: readonly Piece[], weight = one): number {
  const edges = pieces.flatMap((piece) => [
    { at: firstStart(piece), step: weight(piece) },
    { at: lastStart(piece), step: -weight(piece) },
  ]);
  edges.sort((a, b) => a.at - b.at || b.step - a.step);
  let depth = 0;
  let deepest = 0;
  for (const { step } of edges) {
    depth += step;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/**
 * Cuts pieces, in the order in which their rows came, into blocks that can be merged with `fanIn` of them open.
 */
export function mergeBlocks(pieces: readonly Piece[], fanIn: number, weight = one): Piece[][] {
  const blocks: Piece[][] = [];
  for (const piece of [...pieces].sort((a, b) => a.sequence - b.sequence)) {
    const block = blocks.at(-1);
    if (block !== undefined && overlapDepth([...block, piece], weight) <= fanIn) block.push(piece);
    else blocks.push([piece]);
  }
  return blocks;
}

/**
 * Goes through pieces in order of time, with only those open that overlap.
 *
 * @param load decodes a piece
 * @returns stretches of rows that no other piece's rows fall into, their segments in the order in which they came
 */
export async function* overlappingRows(
  pieces: readonly Piece[],
  load: (piece: Piece) => Promise<RowBatch>,
): AsyncGenerator<Segment[]> {
  const waiting = [...pieces].sort(byFirstStart);
  let open: { sequence: number; segment: Segment }[] = [];
  while (waiting.length > 0) {
    const start = firstStart(waiting[0]!);
    const begun = waiting.filter((piece) => firstStart(piece) === start);
    waiting.splice(0, begun.length);
    const loads = begun.map(load);
    // After a failure, too, nothing may be at work on what they are read from.
    await Promise.allSettled(loads);
    for (const [index, { sequence }] of begun.entries()) {
      const batch = await loads[index]!;
      open.push({ sequence, segment: { batch, from: 0, to: batch.rows } });
    }
    const next = waiting.length > 0 ? firstStart(waiting[0]!) : Number.POSITIVE_INFINITY;
    const taken: Segment[] = [];
    open.sort((a, b) => a.sequence - b.sequence);
    for (const entry of open) {
      const end = firstRowFrom(entry.segment, next);
      if (end > entry.segment.from) taken.push({ ...entry.segment, to: end });
      entry.segment = { ...entry.segment, from: end };
    }
    open = open.filter(({ segment }) => segment.from < segment.to);
    if (taken.length > 0) yield taken;
  }
}
