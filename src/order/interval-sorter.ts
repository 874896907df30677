import { EXISTING_FILE, type MeasureValues, type Segment } from "../arrow/row-batch.js";
import { fileOf, haveSameValues, type RowJoiner } from "./row-joiner.js";

/** All rows of some segments side by side; a row is named by its place in it. */
export interface Rows {
  count: number;
  ranks: Int32Array<ArrayBuffer>;
  measures: (MeasureValues | null)[];
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
  /** By key rank: place of the row that has it in the current interval, or -1. */
  readonly #places: Int32Array;

  constructor(
    keyRanks: Int32Array,
    rows: Rows,
    versions: ((row: number) => number) | null,
    joiner: RowJoiner | null,
    order: Int32Array,
  ) {
    this.#joiner = joiner;
    this.#keyRanks = keyRanks;
    this.#rows = rows;
    this.#ranks = rows.ranks;
    this.#versions = versions;
    this.order = order;
    this.#places = new Int32Array(keyRanks.length).fill(-1);
  }

  add(slices: readonly Slice[]): void {
    const size = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    if (this.#joiner === null && this.#copyInOrder(slices)) return;
    const few = size * 8 < this.#places.length;
    const low: number[] = [];
    for (const { from, to } of slices) {
      for (let row = from; row < to; row++) {
        const rank = this.#keyRanks[this.#ranks[row]!]!;
        const other = this.#places[rank]!;
        if (other < 0) {
          this.#places[rank] = row;
          if (few) low.push(rank);
        } else this.#places[rank] = this.#winner(other, row);
      }
    }
    this.#collect(few ? Int32Array.from(low).sort() : null, slices[0]!.start);
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
    if (this.#joiner === null) return;
    this.count = before;
    for (let i = before; i < count; i++)
      if (!this.#joiner.isLeftOut(order[i]!, start)) order[this.count++] = order[i]!;
  }

  /** Takes the rows as they are when their keys ascend; otherwise takes none. */
  #copyInOrder(slices: readonly Slice[]): boolean {
    const before = this.count;
    let previous = -1;
    for (const { from, to } of slices) {
      for (let row = from; row < to; row++) {
        const rank = this.#keyRanks[this.#ranks[row]!]!;
        if (rank <= previous) {
          this.count = before;
          return false;
        }
        previous = rank;
        this.order[this.count++] = row;
      }
    }
    return true;
  }

  /** Empties the places in order of rank; `ranks` lists those in use when they are few. */
  #collect(ranks: Int32Array | null, start: number): void {
    const places = this.#places;
    const length = ranks?.length ?? places.length;
    for (let i = 0; i < length; i++) {
      const rank = ranks === null ? i : ranks[i]!;
      const row = places[rank]!;
      if (row < 0) continue;
      places[rank] = -1;
      if (this.#joiner?.isLeftOut(row, start)) continue;
      this.order[this.count++] = row;
    }
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
