import assert from "node:assert/strict";
import { test } from "node:test";
import { CENTS } from "../../kernels/layout.js";
import { Scratch } from "../../src/wasm/scratch.js";
import { forSeeds, type Random } from "../helpers/random.js";

/* The kernels that work on whole columns, against the plainest way to say what they do. */

/** Calls with a scratch memory and gives it back. */
function withScratch<T>(use: (scratch: Scratch) => T): T {
  const scratch = Scratch.take(100_000);
  try {
    return use(scratch);
  } finally {
    scratch.giveBack();
  }
}

/** Distinct values and codes by a Map over the values' bits. */
function naiveDistinct(bits: readonly (bigint | number)[]): { first: number[]; codes: number[] } {
  const known = new Map<bigint | number, number>();
  const first: number[] = [];
  const codes = bits.map((value, index) => {
    if (!known.has(value)) {
      known.set(value, known.size);
      first.push(index);
    }
    return known.get(value)!;
  });
  return { first, codes };
}

function randomPrices(random: Random): Float64Array {
  const length = random.int(1, 3000);
  const kinds = [
    () => random.int(0, 40) / 100,
    () => random.int(-100_000, 100_000) / 100,
    // around the ends of the table of cents, and beside it
    () => (random.pick([-100_000, 424_288]) + random.int(-3, 3)) / 100,
    () => random.int(-1_000_000, 1_000_000) / random.pick([10, 100, 1000]),
    () => random.next() * 1e6,
    () => random.pick([0, -0, 1e-300, Number.MAX_VALUE, -1, Infinity, -Infinity, Number.NaN]),
  ];
  // Two are looked up at a time: also of different kinds.
  const kind = random.chance(0.3) ? () => random.pick(kinds)() : random.pick(kinds);
  const values = Float64Array.from({ length }, kind);
  for (let i = 1; i < length; i++) if (random.chance(0.3)) values[i] = values[i - 1]!;
  return values;
}

test("distinct doubles are told apart by their bits, in the order in which they come", () => {
  forSeeds(120, (random) => {
    const values = randomPrices(random);
    const expected = naiveDistinct([...new BigUint64Array(values.buffer)]);
    withScratch((scratch) => {
      const codes = scratch.int32(values.length);
      const found = scratch.float64(values.length);
      const slots = scratch.int32(values.length * 8 + 1024);
      const count = scratch.kernels.distinct8(
        ...[scratch.addressOf(values), values.length, codes.byteOffset],
        ...([found.byteOffset, slots.byteOffset, values.length, scratch.cents] as const),
      );
      assert.equal(count, expected.first.length);
      assert.deepEqual([...codes], expected.codes);
      assert.deepEqual(
        [...found.subarray(0, count)],
        expected.first.map((index) => values[index]),
      );
      assert.ok(centsOf(scratch).every((code) => code === 0));
    });
  });
});

test("doubles of which there are too many leave the table of cents empty, too", () => {
  forSeeds(40, (random) => {
    const values = randomPrices(random);
    const distinct = naiveDistinct([...new BigUint64Array(values.buffer)]).first.length;
    const most = random.int(1, distinct);
    withScratch((scratch) => {
      const codes = scratch.int32(values.length);
      const found = scratch.float64(most);
      const slots = scratch.int32(most * 8 + 1024);
      const count = scratch.kernels.distinct8(
        ...[scratch.addressOf(values), values.length, codes.byteOffset],
        ...([found.byteOffset, slots.byteOffset, most, scratch.cents] as const),
      );
      assert.equal(count, most < distinct ? -1 : distinct);
      assert.ok(centsOf(scratch).every((code) => code === 0));
    });
  });
});

test("distinct doubles are sorted, and codes are those of their new places", () => {
  forSeeds(120, (random) => {
    const values = random.chance(0.2)
      ? Float64Array.from({ length: random.int(2, 9000) }, () => random.int(-100_000, 424_287) / 100)
      : randomPrices(random);
    const { first, codes } = naiveDistinct([...new BigUint64Array(values.buffer)]);
    withScratch((scratch) => {
      const found = scratch.float64(first.length);
      found.set(first.map((index) => values[index]!));
      const moved = scratch.int32(codes.length);
      moved.set(codes);
      const work = scratch.uint8(first.length * 28 + 8192);
      const beyond = scratch.int32(1).fill(-7);
      const at = [found.byteOffset, first.length, moved.byteOffset, codes.length] as const;
      scratch.kernels.sortDistinct8(...at, work.byteOffset);
      assert.equal(beyond[0], -7, "no more is used than is said");
      const numbers = [...found].filter((value) => !Number.isNaN(value));
      const inOrder = numbers.every((value, i) => i === 0 || isBelow(numbers[i - 1]!, value));
      assert.ok(inOrder, "each is above the one before");
      assert.equal(
        numbers.length + Number([...found.slice(0, 1), ...found.slice(-1)].some(Number.isNaN)),
        first.length,
      );
      assert.deepEqual(
        Float64Array.from(moved, (code) => found[code]!),
        values,
      );
    });
  });
});

/** Of zeros the one with a sign is below the other. */
function isBelow(a: number, b: number): boolean {
  return a < b || (a === 0 && b === 0 && Object.is(a, -0) && !Object.is(b, -0));
}

function centsOf(scratch: Scratch): Int32Array {
  return new Int32Array(scratch.uint8(0).buffer, scratch.cents, CENTS);
}

test("distinct whole numbers, and none when there are more than can be told apart", () => {
  forSeeds(60, (random) => {
    const values = Int32Array.from({ length: random.int(1, 5000) }, () => random.int(-3000, 3000));
    const expected = naiveDistinct([...values]);
    const most = random.int(1, 4000);
    withScratch((scratch) => {
      const codes = scratch.int32(values.length);
      const found = scratch.int32(most);
      const slots = scratch.int32(most * 8 + 1024);
      const count = scratch.kernels.distinct4(
        ...[scratch.addressOf(values), values.length, codes.byteOffset],
        ...([found.byteOffset, slots.byteOffset, most] as const),
      );
      if (expected.first.length > most) assert.equal(count, -1);
      else {
        assert.equal(count, expected.first.length);
        assert.deepEqual([...codes], expected.codes);
      }
    });
  });
});

test("values are gathered from the places named, wherever they lie", () => {
  forSeeds(60, (random) => {
    const length = random.int(1, 500);
    const doubles = Float64Array.from({ length }, () => random.next());
    const integers = Int32Array.from({ length }, () => random.int(-1e9, 1e9));
    const from = Int32Array.from({ length: random.int(0, 800) }, () => random.int(0, length - 1));
    withScratch((scratch) => {
      const { kernels } = scratch;
      const places = scratch.addressOf(from);
      const out8 = scratch.float64(from.length);
      const out4 = scratch.int32(from.length);
      kernels.gather8(scratch.addressOf(doubles), places, from.length, out8.byteOffset);
      kernels.gather4(scratch.addressOf(integers), places, from.length, out4.byteOffset);
      assert.deepEqual(
        [...out8],
        [...from].map((place) => doubles[place]),
      );
      assert.deepEqual(
        [...out4],
        [...from].map((place) => integers[place]),
      );
    });
  });
});

test("codes that stand for null are dropped, and their levels are 0", () => {
  forSeeds(60, (random) => {
    const given = Int32Array.from({ length: random.int(0, 300) }, () => random.int(-1, 5));
    const bits = new Uint8Array(Math.ceil(given.length / 8));
    for (const [row, code] of given.entries()) if (code >= 0) bits[row >> 3]! |= 1 << (row & 7);
    withScratch((scratch) => {
      const { kernels } = scratch;
      const codes = scratch.int32(given.length);
      codes.set(given);
      const levels = scratch.int32(given.length);
      kernels.levelsOfCodes(codes.byteOffset, given.length, levels.byteOffset);
      const expected = [...given].map((code) => (code < 0 ? 0 : 1));
      assert.deepEqual([...levels], expected);
      levels.fill(9);
      kernels.levelsOfBits(scratch.addressOf(bits), given.length, levels.byteOffset);
      assert.deepEqual([...levels], expected);
      const kept = kernels.dropNegative(codes.byteOffset, given.length);
      assert.deepEqual(
        [...codes.subarray(0, kept)],
        [...given].filter((code) => code >= 0),
      );
    });
  });
});

test("a scratch memory hands out what fits, and says when more is asked for than was set aside", () => {
  withScratch((scratch) => {
    const mark = scratch.mark();
    const first = scratch.uint8(1000);
    scratch.release(mark);
    assert.equal(scratch.uint8(1000).byteOffset, first.byteOffset);
    assert.throws(() => scratch.float64(scratch.bytes), RangeError);
  });
});
