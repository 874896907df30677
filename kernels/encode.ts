/*
 * Loops over whole columns: what sorting and encoding a row group spends its time in. All parameters that are
 * addresses are of type usize; lengths count values.
 */

import { CENTS, LOWEST_CENT } from "./layout";

/** Slots of a table of distinct values at first; it grows fourfold whenever it is half full. */
const FIRST_SLOTS: u32 = 1024;

/** Where so many of the first values differ, there is no use in looking further: a dictionary would not be worth it. */
const HARDLY_ANY_TWICE = 15_000;
const OF_SO_MANY = 16_384;

// @ts-ignore: decorator
@inline
function slotOf(bits: u64, mask: u32): u32 {
  const h = bits * 0x9e3779b97f4a7c15;
  return <u32>(h >> 40) & mask;
}

/**
 * Distinct values by their bits, in the order in which they come, and a code for each value.
 *
 * `slots` has room for eight times `most` numbers of four bytes, and for 1024. Returns how many there are; -1 when
 * more than `most`, or when nearly all of the first differ.
 */
function distinct<T>(
  values: usize,
  count: i32,
  codes: usize,
  found: usize,
  slots: usize,
  most: i32,
  cents: usize,
): i32 {
  const size = sizeof<T>();
  let mask = FIRST_SLOTS - 1;
  memory.fill(slots, 0, <usize>FIRST_SLOTS << 2);
  let known = 0;
  let hashed = 0;
  let last: T = load<T>(values);
  let code = 0;
  let alone = 2;
  for (let i = 0; i < count; ) {
    if (sizeof<T>() == 8) {
      // Nearly all are whole cents: two at a time. Where they are not, they are looked for less and less often.
      const from = i;
      for (; i + 1 < count; i += 2) {
        const at = values + (<usize>i << 3);
        const prices = v128.load(at);
        // As placeOfCents has them; what is no number, or too large, becomes one that is none of its cents.
        const numbers = i32x4.trunc_sat_f64x2_s_zero(f64x2.nearest(f64x2.mul(prices, f64x2.splat(100))));
        const same = i64x2.eq(f64x2.div(f64x2.convert_low_i32x4_s(numbers), f64x2.splat(100)), prices);
        const first = i32x4.extract_lane(numbers, 0) - LOWEST_CENT;
        const second = i32x4.extract_lane(numbers, 1) - LOWEST_CENT;
        if (!i64x2.all_true(same) || <u32>first >= <u32>CENTS || <u32>second >= <u32>CENTS) break;
        let one = load<i32>(cents + (<usize>first << 2));
        if (one == 0) {
          if (known == most) break;
          store<T>(found + <usize>known * size, load<T>(at));
          one = ++known;
          store<i32>(cents + (<usize>first << 2), one);
        }
        let other = load<i32>(cents + (<usize>second << 2));
        if (other == 0) {
          if (known == most) break;
          store<T>(found + <usize>known * size, load<T>(at + 8));
          other = ++known;
          store<i32>(cents + (<usize>second << 2), other);
        }
        store<i32>(codes + (<usize>i << 2), one - 1);
        store<i32>(codes + (<usize>i << 2) + 4, other - 1);
      }
      alone = i > from ? 2 : min(alone * 2, 64);
    } else alone = count;
    for (const end = min(i + alone, count); i < end; i++) {
      const bits = load<T>(values + <usize>i * size);
      if (code == 0 || bits != last) {
        last = bits;
        const place = sizeof<T>() == 8 ? placeOfCents(<u64>bits, cents) : <usize>0;
        if (place != 0) code = load<i32>(place);
        else {
          let slot = slotOf(<u64>bits, mask);
          code = load<i32>(slots + (<usize>slot << 2));
          while (code != 0 && load<T>(found + <usize>(code - 1) * size) != bits) {
            slot = (slot + 1) & mask;
            code = load<i32>(slots + (<usize>slot << 2));
          }
          if (code == 0 && known < most) {
            store<i32>(slots + (<usize>slot << 2), known + 1);
            hashed++;
          }
        }
        if (code == 0) {
          if (known == most || (known == HARDLY_ANY_TWICE && i < OF_SO_MANY)) {
            forgetCents<T>(found, known, cents);
            return -1;
          }
          store<T>(found + <usize>known * size, bits);
          code = ++known;
          if (place != 0) store<i32>(place, code);
          else if (<u32>hashed * 2 > mask) {
            mask = mask * 4 + 3;
            rehash<T>(found, known, slots, mask, cents);
          }
        }
      }
      store<i32>(codes + (<usize>i << 2), code - 1);
    }
  }
  forgetCents<T>(found, known, cents);
  return known;
}

/**
 * Where a table of all whole cents in a range has the code of a double, given by its bits; 0 when it is none of them.
 *
 * Nearly all prices are: their codes are looked up where they must stand, with neither a hash nor a comparison.
 */
// @ts-ignore: decorator
@inline
function placeOfCents(bits: u64, cents: usize): usize {
  const index = centOf(bits);
  return index < 0 ? 0 : cents + (<usize>index << 2);
}

/** Which of the whole cents from {@link LOWEST_CENT} on a double is, given by its bits; -1 when it is none of them. */
// @ts-ignore: decorator
@inline
export function centOf(bits: u64): i32 {
  const price = reinterpret<f64>(bits);
  // What is no number, or too large, becomes one that is none of its cents.
  const number = <i32>nearest<f64>(price * 100);
  const index = number - LOWEST_CENT;
  // Of the doubles around a number of cents only one is it; zero with a sign is none.
  return <u32>index >= <u32>CENTS || reinterpret<u64>(<f64>number / 100) != bits ? -1 : index;
}

/** Empties the table of cents again: by what is in it, for it is large. */
// @ts-ignore: decorator
@inline
function forgetCents<T>(found: usize, known: i32, cents: usize): void {
  if (sizeof<T>() != 8) return;
  for (let i = 0; i < known; i++) {
    const place = placeOfCents(load<u64>(found + (<usize>i << 3)), cents);
    if (place != 0) store<i32>(place, 0);
  }
}

function rehash<T>(found: usize, known: i32, slots: usize, mask: u32, cents: usize): void {
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  for (let code = 1; code <= known; code++) {
    const bits = <u64>load<T>(found + <usize>(code - 1) * sizeof<T>());
    if (sizeof<T>() == 8 && placeOfCents(bits, cents) != 0) continue;
    let slot = slotOf(bits, mask);
    while (load<i32>(slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask;
    store<i32>(slots + (<usize>slot << 2), code);
  }
}

/**
 * {@link distinct} of doubles.
 *
 * `cents` has room for {@link CENTS} numbers of four bytes, all of them 0, and is left so.
 */
export function distinct8(
  values: usize,
  count: i32,
  codes: usize,
  found: usize,
  slots: usize,
  most: i32,
  cents: usize,
): i32 {
  return distinct<u64>(values, count, codes, found, slots, most, cents);
}

/** {@link distinct} of whole numbers of four bytes. */
export function distinct4(values: usize, count: i32, codes: usize, found: usize, slots: usize, most: i32): i32 {
  return distinct<u32>(values, count, codes, found, slots, most, 0);
}

/** The values of eight bytes at the places that `from` names. */
export function gather8(values: usize, from: usize, count: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<u64>(out + (i << 3), load<u64>(values + (<usize>load<u32>(from + (i << 2)) << 3)));
  }
}

/** The values of four bytes at the places that `from` names. */
export function gather4(values: usize, from: usize, count: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<u32>(out + (i << 2), load<u32>(values + (<usize>load<u32>(from + (i << 2)) << 2)));
  }
}

/** The codes of four bytes that are not negative, moved together; returns how many there are. */
export function dropNegative(codes: usize, count: i32): i32 {
  let kept: usize = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const code = load<i32>(codes + (i << 2));
    store<i32>(codes + (kept << 2), code);
    kept += <usize>(code >= 0);
  }
  return <i32>kept;
}

/** Definition levels 0 and 1, as numbers of four bytes: 1 where the code is not negative. */
export function levelsOfCodes(codes: usize, count: i32, levels: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<i32>(levels + (i << 2), <i32>(load<i32>(codes + (i << 2)) >= 0));
  }
}

/** Definition levels 0 and 1, as numbers of four bytes, of an Arrow validity bitmap. */
export function levelsOfBits(bits: usize, count: i32, levels: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<i32>(levels + (i << 2), <i32>((load<u8>(bits + (i >> 3)) >> <u8>(i & 7)) & 1));
  }
}

/** Repeats of a code that are worth a run of their own. */
const LONG_RUN = 16;

/**
 * Parquet's hybrid of run lengths and bit packing (Parquet format, "Run Length Encoding / Bit-Packing Hybrid"): long
 * repeats become runs and all else is packed.
 *
 * A run is `varint(count << 1)` and the value in whole bytes; a packed stretch is `varint(groups << 1 | 1)` and
 * groups of eight values, `width` bits each, low bits first. Returns where the bytes end.
 *
 * Long repeats have eight codes of one value side by side wherever one looks: only these are looked for.
 */
export function hybrid(codes: usize, count: i32, width: i32, out: usize): usize {
  let literal = 0;
  for (let at = 0; at + 8 <= count; ) {
    const here = codes + (<usize>at << 2);
    const value = load<u32>(here);
    const same = i32x4.splat(value);
    // Of most, the first and the last differ.
    if (
      value != load<u32>(here + 28) ||
      v128.any_true(
        v128.or(v128.xor(v128.load(here), same), v128.xor(v128.load(here + 16), same)),
      )
    ) {
      at += 8;
      continue;
    }
    let begin = at;
    while (begin > literal && load<u32>(codes + (<usize>(begin - 1) << 2)) == value) begin--;
    let end = at + 8;
    while (end < count && load<u32>(codes + (<usize>end << 2)) == value) end++;
    // Packed stretches hold whole groups of eight: what is missing is taken from the run.
    const missing = (8 - ((begin - literal) & 7)) & 7;
    if (end - begin - missing >= LONG_RUN) {
      out = packed(codes, literal, begin + missing, width, out);
      out = repeated(value, <u32>(end - begin - missing), width, out);
      literal = end;
    }
    at = end;
  }
  return packed(codes, literal, count, width, out);
}

/** Codes [from, to), padded with zeros to whole groups. Writes up to 16 bytes more than it returns the end of. */
function packed(codes: usize, from: i32, to: i32, width: i32, out: usize): usize {
  if (from >= to) return out;
  const groups = (to - from + 7) >> 3;
  out = varint(<u32>groups * 2 + 1, out);
  const end = out + <usize>groups * <usize>width;
  const last = codes + (<usize>to << 2);
  let at = codes + (<usize>from << 2);
  if (width == 16) {
    for (; at + 32 <= last; at += 32) {
      v128.store(out, i16x8.narrow_i32x4_u(v128.load(at), v128.load(at, 16)));
      out += 16;
    }
  } else if (width < 16) {
    // A group is so many bytes as a code has bits: each is written at once, and begins where a byte does.
    const half = <i64>width * 4;
    for (; at + 32 <= last; at += 32) {
      const lower = fourCodes(at, width);
      const upper = fourCodes(at + 16, width);
      store<u64>(out, lower | (upper << half));
      store<u64>(out + 8, <u64>upper >> (64 - half));
      out += width;
    }
  }
  const bitsOfCode = <u64>width;
  let bits: u64 = 0;
  let held: u64 = 0;
  for (; at < last; at += 4) {
    const code = <u64>load<u32>(at);
    bits |= code << held;
    held += bitsOfCode;
    if (held >= 64) {
      store<u64>(out, bits);
      out += 8;
      held -= 64;
      // What of the code did not fit: nothing where it ended with the word.
      bits = code >> (bitsOfCode - held);
    }
  }
  for (; held > 0; held = held > 8 ? held - 8 : 0) {
    store<u8>(out++, <u8>bits);
    bits >>= 8;
  }
  if (out < end) memory.fill(out, 0, end - out);
  return end;
}

/** Four codes of up to 16 bits side by side. */
// @ts-ignore: decorator
@inline
function fourCodes(at: usize, width: i32): i64 {
  const codes = v128.load(at);
  // Of two codes the upper one moves down to where the lower one ends; then of the two pairs.
  const pairs = v128.or(v128.and(codes, i64x2.splat(0xffffffff)), i64x2.shr_u(codes, 32 - width));
  return i64x2.extract_lane(pairs, 0) | (i64x2.extract_lane(pairs, 1) << (<i64>width * 2));
}

function repeated(value: u32, count: u32, width: i32, out: usize): usize {
  out = varint(count * 2, out);
  for (let shift = 0; shift < width; shift += 8) store<u8>(out++, <u8>(value >> shift));
  return out;
}

function varint(value: u32, out: usize): usize {
  while (value >= 128) {
    store<u8>(out++, <u8>((value & 127) | 128));
    value >>= 7;
  }
  store<u8>(out, <u8>value);
  return out + 1;
}
