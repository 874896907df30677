/*
 * Distinct prices in ascending order: sorted, neighbours look alike, and so do the codes of prices that are close.
 */

import { centOf, gather4, gather8 } from "./encode";

/** Bits that one pass sorts by. */
const DIGIT: u64 = 11;
const DIGITS: i32 = 1 << 11;
/** Bits of a number of cents in the table's range. */
const CENTS_BITS: u64 = 19;

/**
 * Sorts distinct doubles, and tells codes where theirs has gone.
 *
 * `work` has room for 28 bytes for each of them, and 8 kB. Of two zeros the one with a sign comes first; what is no
 * number comes at an end.
 */
export function sortDistinct8(found: usize, known: i32, codes: usize, count: i32, work: usize): void {
  const size = <usize>known;
  const keys = work;
  const values = keys + (size << 3);
  const counts = values + (size << 3);
  let from = counts + (<usize>DIGITS << 2);
  let to = from + (size << 2);
  const places = to + (size << 2);
  let areCents = true;
  for (let i: usize = 0; i < size; i++) {
    const bits = load<u64>(found + (i << 3));
    const cent = centOf(bits);
    areCents = areCents && cent >= 0;
    store<u64>(keys + (i << 3), cent);
    store<u64>(values + (i << 3), bits);
    store<u32>(from + (i << 2), <u32>i);
  }
  if (!areCents) {
    for (let i: usize = 0; i < size; i++) {
      const bits = load<i64>(values + (i << 3));
      // As whole numbers, negative ones come last and in the wrong order.
      store<u64>(keys + (i << 3), bits ^ ((bits >> 63) | i64.MIN_VALUE));
    }
  }
  const bits: u64 = areCents ? CENTS_BITS : 64;
  for (let shift: u64 = 0; shift < bits; shift += DIGIT) {
    sortByDigit(keys, shift, from, to, known, counts);
    const swapped = from;
    from = to;
    to = swapped;
  }
  gather8(values, from, known, found);
  for (let place: usize = 0; place < size; place++) {
    store<u32>(places + (<usize>load<u32>(from + (place << 2)) << 2), <u32>place);
  }
  gather4(places, codes, count, codes);
}

/** One pass of a sort by radix: places in the order of a digit of their keys, and of their own where that is the same. */
function sortByDigit(keys: usize, shift: u64, from: usize, to: usize, known: i32, counts: usize): void {
  memory.fill(counts, 0, <usize>DIGITS << 2);
  for (let i = 0; i < known; i++) {
    const at = counts + digitOf(load<u64>(keys + (<usize>i << 3)), shift);
    store<u32>(at, load<u32>(at) + 1);
  }
  let before: u32 = 0;
  for (let digit: usize = 0; digit < <usize>DIGITS << 2; digit += 4) {
    const here = load<u32>(counts + digit);
    store<u32>(counts + digit, before);
    before += here;
  }
  for (let i = 0; i < known; i++) {
    const place = load<u32>(from + (<usize>i << 2));
    const at = counts + digitOf(load<u64>(keys + (<usize>place << 3)), shift);
    const next = load<u32>(at);
    store<u32>(at, next + 1);
    store<u32>(to + (<usize>next << 2), place);
  }
}

/** Where the count of a digit lies among the others. */
// @ts-ignore: decorator
@inline
function digitOf(key: u64, shift: u64): usize {
  return <usize>((key >> shift) & <u64>(DIGITS - 1)) << 2;
}
