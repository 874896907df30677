import { allMeasures, type MeasureValues, type Segment } from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import { setValid, validityBit } from "../arrow/validity.js";
import { lowerBound } from "../lower-bound.js";
import type { SortMemory } from "./sort-memory.js";

/** Rows of the output up to `end`, from where the stretch before ends: they come from rows [from, to) alone. */
export interface Stretch {
  from: number;
  to: number;
  end: number;
}

/** The order in which rows are to come. */
export interface RowOrder {
  /** Places of the rows. */
  places: Int32Array;
  /** What the order consists of; null where rows come from afar. */
  stretches: readonly Stretch[] | null;
}

/** The measures of segments, whose rows lie one after the other; a row is named by its place. */
export class JoinedMeasures {
  readonly length: number;
  readonly #segments: readonly Segment[];
  readonly #memory: SortMemory;
  /** By segment: the place behind its last row. */
  readonly #ends: Int32Array;
  /** By measure, of those that {@link all} or {@link at} were asked for. */
  readonly #joined = new Map<number, MeasureValues | null>();
  #all: (MeasureValues | null)[] | null = null;

  constructor(table: TableDefinition, segments: readonly Segment[], memory: SortMemory) {
    this.#segments = segments;
    this.#memory = memory;
    this.length = table.measures.length;
    this.#ends = new Int32Array(segments.length);
    let end = 0;
    for (const [segment, { from, to }] of segments.entries()) {
      end += to - from;
      this.#ends[segment] = end;
    }
  }

  /** All of them; what is written to their values stays. */
  all(): readonly (MeasureValues | null)[] {
    this.#all ??= allMeasures(this);
    return this.#all;
  }

  /** One of them; null when no row has a value. */
  at(index: number): MeasureValues | null {
    let joined = this.#joined.get(index);
    if (joined === undefined) {
      joined = this.#join(index);
      this.#joined.set(index, joined);
    }
    return joined;
  }

  /**
   * One of them, in memory that is taken for it.
   *
   * @param order null for that of the segments
   */
  inOrder(index: number, order: RowOrder | null): MeasureValues | null {
    let joined = this.#joined.get(index);
    if (joined === undefined && order !== null && order.stretches !== null && this.isComplete(index))
      return this.#takeStretches(index, order.places, order.stretches);
    if (joined === undefined) joined = this.#join(index);
    return order === null ? joined : joined && this.#memory.gatherMeasure(joined, order.places);
  }

  /** Whether every row has a value. */
  isComplete(index: number): boolean {
    return this.#segments.every(({ batch }) => batch.measures[index]?.validity === null);
  }

  /** Each stretch is copied to a place that the processor keeps at hand, and taken from there in its order. */
  #takeStretches(index: number, places: Int32Array, stretches: readonly Stretch[]): MeasureValues {
    const memory = this.#memory;
    const isInteger = this.#segments[0]!.batch.measures[index]!.values instanceof Int32Array;
    const values = isInteger ? memory.int32(places.length) : memory.float64(places.length);
    return memory.within(() => {
      const longest = stretches.reduce((most, { from, to }) => Math.max(most, to - from), 0);
      const near = isInteger ? memory.int32(longest) : memory.float64(longest);
      let begin = 0;
      for (const { from, to, end } of stretches) {
        this.#copy(index, from, to, near);
        memory.gatherFrom(near, from, places.subarray(begin, end), values.subarray(begin, end));
        begin = end;
      }
      return { values, validity: null };
    });
  }

  /** Copies the values of rows [from, to), all of which have one. */
  #copy(index: number, from: number, to: number, out: Float64Array | Int32Array): void {
    const ends = this.#ends;
    for (let segment = lowerBound(ends, from + 1), row = from; row < to; segment++) {
      const { batch, to: last } = this.#segments[segment]!;
      const end = Math.min(to, ends[segment]!);
      // Where the row of place 0 would lie in the batch.
      const base = last - ends[segment]!;
      out.set(batch.measures[index]!.values.subarray(base + row, base + end), row - from);
      row = end;
    }
  }

  #join(index: number): MeasureValues | null {
    const count = this.#ends.at(-1) ?? 0;
    const present = this.#segments.map(({ batch }) => batch.measures[index] ?? null);
    const sample = present.find((measure) => measure !== null);
    if (sample === undefined || sample === null) return null;
    const memory = this.#memory;
    const values = sample.values instanceof Int32Array ? memory.int32(count) : memory.float64(count);
    const validity = this.isComplete(index) ? null : new Uint8Array((count + 7) >> 3);
    let base = 0;
    for (const [segment, { from, to }] of this.#segments.entries()) {
      const measure = present[segment]!;
      if (measure !== null) {
        values.set(measure.values.subarray(from, to), base);
        if (validity !== null) {
          for (let row = from; row < to; row++) {
            if (measure.validity !== null && !validityBit(measure.validity, row)) continue;
            setValid(validity, base + row - from);
          }
        }
      } else values.fill(0, base, base + to - from);
      base += to - from;
    }
    return { values, validity };
  }
}
