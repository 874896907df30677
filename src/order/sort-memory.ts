import { gatherDoubles, gatherIntegers, gatherValidity } from "../arrow/batch-builder.js";
import type { MeasureValues } from "../arrow/row-batch.js";
import type { Scratch } from "../wasm/scratch.js";
import { kernelOrderLoops, type OrderLoops, plainOrderLoops } from "./order-loops.js";

/** Columns made while sorting: in the task's scratch memory, by its kernels, or in arrays of their own. */
export class SortMemory {
  readonly #scratch: Scratch | null;

  constructor(scratch: Scratch | null) {
    this.#scratch = scratch;
  }

  /** Gives back what the work takes, when it is done. */
  within<T>(work: () => T): T {
    const mark = this.#scratch?.mark();
    const result = work();
    if (mark !== undefined) this.#scratch!.release(mark);
    return result;
  }

  int32(length: number): Int32Array<ArrayBuffer> {
    return this.#scratch?.int32(length) ?? new Int32Array(length);
  }

  float64(length: number): Float64Array<ArrayBuffer> {
    return this.#scratch?.float64(length) ?? new Float64Array(length);
  }

  /** The values at the places that `from` names. */
  gatherInt32(values: Int32Array, from: Int32Array, out = this.int32(from.length)): Int32Array<ArrayBuffer> {
    this.gatherFrom(values, 0, from, out);
    return out;
  }

  /** The loops over rows that are put in order; see {@link OrderLoops}. */
  orderLoops(ranks: Int32Array, keyRanks: Int32Array, order: Int32Array): OrderLoops {
    const places = this.int32(keyRanks.length).fill(-1);
    const scratch = this.#scratch;
    if (scratch === null) return plainOrderLoops(ranks, keyRanks, order, places);
    return kernelOrderLoops(
      scratch.kernels,
      scratch.addressOf(ranks),
      scratch.addressOf(keyRanks),
      order,
      places,
    );
  }

  /** Writes 0 into `marks` at the place of each of the ranks. */
  markRanks(ranks: Int32Array, marks: Int32Array): void {
    const scratch = this.#scratch;
    if (scratch === null) {
      for (let row = 0; row < ranks.length; row++) marks[ranks[row]!] = 0;
      return;
    }
    const mark = scratch.mark();
    scratch.kernels.markRanks(scratch.addressOf(ranks), ranks.length, marks.byteOffset);
    scratch.release(mark);
  }

  gatherMeasure({ values, validity }: MeasureValues, from: Int32Array): MeasureValues {
    const out = values instanceof Int32Array ? this.int32(from.length) : this.float64(from.length);
    this.gatherFrom(values, 0, from, out);
    return { values: out, validity: validity === null ? null : gatherValidity(validity, from) };
  }

  /**
   * The values at some places into `out`, which lies in this memory and has numbers like them.
   *
   * @param first the place that the first of the values has
   */
  gatherFrom(
    values: Float64Array | Int32Array,
    first: number,
    places: Int32Array,
    out: Float64Array | Int32Array,
  ): void {
    const scratch = this.#scratch;
    if (scratch === null) {
      if (values instanceof Int32Array) gatherIntegers(values, places, out as Int32Array, first);
      else gatherDoubles(values, places, out as Float64Array, first);
      return;
    }
    const { kernels } = scratch;
    const gather = values instanceof Int32Array ? kernels.gather4 : kernels.gather8;
    const mark = scratch.mark();
    // Where place 0 would lie; it may be below 0, as addresses come round it is the right one for all others.
    const base = scratch.addressOf(values) - first * values.BYTES_PER_ELEMENT;
    gather(base, scratch.addressOf(places), places.length, out.byteOffset);
    scratch.release(mark);
  }
}
