import type { Kernels } from "../wasm/kernels.js";

/** The loops over the rows of an interval, by the rank of their key; a row is named by its place. */
export interface OrderLoops {
  /** By key rank: the row that has it in the interval in hand, or -1. */
  readonly places: Int32Array;
  /** Takes rows [from, to) as the output's rows from `count` on; the last one's key, or -1 when keys do not ascend. */
  takeAscending(from: number, to: number, previous: number, count: number): number;
  /** Puts rows [from, to) in their places; the first whose place is taken, or `to`. */
  place(from: number, to: number): number;
  /** Empties the places, in order, behind the output's first `count` rows; how many rows it has then. */
  collect(count: number): number;
}

/** The loops as WebAssembly (kernels/order.ts); `order` and `places` lie in the kernels' memory. */
export function kernelOrderLoops(
  kernels: Kernels,
  ranks: number,
  keyRanks: number,
  order: Int32Array,
  places: Int32Array,
): OrderLoops {
  return {
    places,
    takeAscending: (from, to, previous, count) =>
      kernels.takeAscending(ranks, keyRanks, from, to, previous, order.byteOffset + count * 4),
    place: (from, to) => kernels.placeRows(ranks, keyRanks, from, to, places.byteOffset),
    collect: (count) =>
      count + kernels.collectPlaces(places.byteOffset, places.length, order.byteOffset + count * 4),
  };
}

/** The same over arrays that lie anywhere. */
export function plainOrderLoops(
  ranks: Int32Array,
  keyRanks: Int32Array,
  order: Int32Array,
  places: Int32Array,
): OrderLoops {
  const keyOf = (row: number): number => keyRanks[ranks[row]!]!;
  return {
    places,
    takeAscending(from, to, previous, count) {
      let last = previous;
      for (let row = from; row < to; row++) {
        const key = keyOf(row);
        if (key <= last) return -1;
        last = key;
        order[count++] = row;
      }
      return last;
    },
    place(from, to) {
      let row = from;
      for (; row < to && places[keyOf(row)]! < 0; row++) places[keyOf(row)] = row;
      return row;
    },
    collect(count) {
      for (let key = 0; key < places.length; key++) {
        if (places[key]! >= 0) order[count++] = places[key]!;
        places[key] = -1;
      }
      return count;
    },
  };
}
