import assert from "node:assert/strict";
import { test } from "node:test";
import { packCodes, packNumbers, unpackCodes, unpackNumbers } from "../../src/order/packed-numbers.js";
import { forSeeds } from "../helpers/random.js";

const bitsOf = (values: Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function checkNumbers(values: Float64Array | Int32Array, isPacked?: boolean): void {
  const packed = packNumbers(values);
  if (isPacked !== undefined) assert.equal("scale" in packed, isPacked, `${values.slice(0, 5)}`);
  assert.deepEqual(bitsOf(unpackNumbers(packed)), bitsOf(values.slice()));
}

test("prices take half the room, and come back to the bit", () => {
  checkNumbers(Float64Array.of(), true);
  checkNumbers(Float64Array.of(0, 31.25, -0.01, 1999.99, 21_474_836.47), true);
  checkNumbers(Float64Array.of(0.1234, -2000), true);
  checkNumbers(Float64Array.of(34.123456, 0, -1.000001), true);
  checkNumbers(Int32Array.of(1, -2, 2 ** 31 - 1, -(2 ** 31)), false);
});

test("what is no whole part of a cent is kept as it is", () => {
  for (const odd of [-0, Number.NaN, 1 / 3, 21_474_836.48, 1e300, 5e-324, Infinity, 0.1 + 0.2])
    checkNumbers(Float64Array.of(1.25, odd, 3.5), false);
});

test("any numbers come back to the bit", () => {
  forSeeds(200, (random) => {
    const decimals = random.int(0, 8);
    const values = Float64Array.from({ length: random.int(0, 300) }, () => {
      if (random.chance(0.002)) return random.pick([-0, Number.NaN, 1e17, 1 / 7]);
      return Number(((random.int(0, 4_000_000) - 2_000_000) / 1000).toFixed(decimals));
    });
    checkNumbers(values);
  });
});

test("codes take as many bytes as the highest of them needs", () => {
  for (const [count, bytes] of [
    [1, 1],
    [256, 1],
    [257, 2],
    [65_536, 2],
    [65_537, 4],
  ] as const) {
    const codes = Int32Array.of(0, count - 1, count >> 1);
    const packed = packCodes(codes, count);
    assert.equal(packed.BYTES_PER_ELEMENT, bytes);
    assert.deepEqual(unpackCodes(packed), codes);
  }
});
