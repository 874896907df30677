import { EXISTING_FILE, type IntervalRuns, type MeasureValues, type Segment } from "../arrow/row-batch.js";
import type { OrderLoops } from "./order-loops.js";
import { fileOf, haveSameValues, type RowJoiner } from "./row-joiner.js";
import { intervalsInOrder } from "./rows-in-order.js";
import type { SortMemory } from "./sort-memory.js";

/** All rows of some segments side by side; a row is named by its place in it. */
export interface Rows {
  count: number;
  ranks: Int32Array<ArrayBuffer>;
  measures: readonly (MeasureValues | null)[];
  /** File index of each row, or of all of them. */
  files: Int32Array<ArrayBuffer> | number;
}

/** Rows [from, to) of one interval, as places in {@link Rows}. */
export interface Slice {
  segment: Segment;
  run: number;
  start: number;
  from: number;
  to: number;
}

/** Orders the rows of one interval after the other by the rank of their key. */
export class IntervalSorter {
  readonly order: Int32Array;
  count = 0;
  readonly lost: number[] = [];
  /** Rows that took the place of rows of {@link EXISTING_FILE}. */
  readonly won: number[] = [];
  readonly #rows: Rows;
  readonly #keyRanks: Int32Array;
  readonly #ranks: Int32Array;
  readonly #versions: ((row: number) => number) | null;
  readonly #joiner: RowJoiner | null;
  readonly #loops: OrderLoops;

  constructor(
    keyRanks: Int32Array,
    rows: Rows,
    versions: ((row: number) => number) | null,
    joiner: RowJoiner | null,
    memory: SortMemory,
  ) {
    this.#joiner = joiner;
    this.#keyRanks = keyRanks;
    this.#rows = rows;
    this.#ranks = rows.ranks;
    this.#versions = versions;
    // One more: the loops write beyond what they keep.
    this.order = memory.int32(rows.count + 1);
    this.#loops = memory.orderLoops(rows.ranks, keyRanks, this.order);
  }

  /** Takes all rows as they are, when they are in order: their intervals; otherwise takes none, and null. */
  takeInOrder(segments: readonly Segment[]): IntervalRuns | null {
    if (this.#leavesOut) return null;
    const intervals = intervalsInOrder(segments, (from, to, previous) =>
      this.#loops.takeAscending(from, to, previous, from),
    );
    if (intervals !== null) this.count = this.#rows.count;
    return intervals;
  }

  add(slices: readonly Slice[]): void {
    const size = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    if (!this.#leavesOut && this.#copyInOrder(slices)) return;
    const { places } = this.#loops;
    const used: number[] = [];
    const few = size * 8 < places.length;
    for (const { from, to } of slices) {
      for (let row = this.#loops.place(from, to); row < to; row = this.#loops.place(row + 1, to)) {
        const rank = this.#keyOf(row);
        places[rank] = this.#winner(places[rank]!, row);
      }
      if (few) for (let row = from; row < to; row++) used.push(this.#keyOf(row));
    }
    const before = this.count;
    this.count = few ? this.#collectFew(used) : this.#loops.collect(before);
    this.#leaveOut(before, slices[0]!.start);
  }

  /** Whether rows may have to be left out: rows of components without their total. */
  get #leavesOut(): boolean {
    return this.#joiner !== null && !this.#joiner.hasTotals;
  }

  #keyOf(row: number): number {
    return this.#keyRanks[this.#ranks[row]!]!;
  }

  /** Takes rows [from, to) of one interval of `sorted`, which has them in order of their key. */
  addSorted(sorted: Int32Array, from: number, to: number, start: number): void {
    const { order } = this;
    const before = this.count;
    let count = before;
    let previous = -1;
    for (let i = from; i < to; i++) {
      const row = sorted[i]!;
      const rank = this.#keyRanks[this.#ranks[row]!]!;
      if (rank === previous) order[count - 1] = this.#winner(order[count - 1]!, row);
      else order[count++] = row;
      previous = rank;
    }
    this.count = count;
    this.#leaveOut(before, start);
  }

  /** Drops those rows from `before` on that are not to be in the output. */
  #leaveOut(before: number, start: number): void {
    const { order, count } = this;
    if (!this.#leavesOut) return;
    this.count = before;
    for (let i = before; i < count; i++)
      if (!this.#joiner!.isLeftOut(order[i]!, start)) order[this.count++] = order[i]!;
  }

  /** Takes the rows as they are when their keys ascend; otherwise takes none. */
  #copyInOrder(slices: readonly Slice[]): boolean {
    let { count } = this;
    let previous = -1;
    for (const { from, to } of slices) {
      if (from === to) continue;
      previous = this.#loops.takeAscending(from, to, previous, count);
      if (previous < 0) return false;
      count += to - from;
    }
    this.count = count;
    return true;
  }

  /** Empties the places of these keys, of which each may be there several times, in their order. */
  #collectFew(keys: readonly number[]): number {
    const { places } = this.#loops;
    let { count } = this;
    for (const key of Int32Array.from(keys).sort()) {
      const row = places[key]!;
      if (row < 0) continue;
      places[key] = -1;
      this.order[count++] = row;
    }
    return count;
  }

  #winner(earlier: number, later: number): number {
    if (this.#joiner !== null) return this.#joiner.join(earlier, later);
    const versions = this.#versions;
    const isExisting = fileOf(this.#rows, earlier) === EXISTING_FILE;
    const laterWins =
      (versions === null || versions(later) >= versions(earlier)) &&
      !(isExisting && this.#saysSame(earlier, later));
    this.lost.push(laterWins ? earlier : later);
    if (laterWins && isExisting) this.won.push(later);
    return laterWins ? later : earlier;
  }

  /** Whether a row brings nothing new to one that is there. */
  #saysSame(earlier: number, later: number): boolean {
    return this.#ranks[earlier] === this.#ranks[later] && haveSameValues(this.#rows.measures, earlier, later);
  }
}
