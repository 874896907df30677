import assert from "node:assert/strict";
import { test } from "node:test";
import { codeWidth, packCodes, packRuns } from "../../src/parquet/rle-hybrid.js";
import { Scratch } from "../../src/wasm/scratch.js";
import { forSeeds, type Random } from "../helpers/random.js";

/** Decodes the hybrid as its specification says it, a bit at a time. */
function decode(bytes: Uint8Array, bitWidth: number): number[] {
  const values: number[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const header = varint();
    if (header % 2 === 0) {
      let value = 0;
      for (let byte = 0; byte < Math.ceil(bitWidth / 8); byte++) value += bytes[at++]! * 256 ** byte;
      for (let i = 0; i < header / 2; i++) values.push(value);
      continue;
    }
    const count = ((header - 1) / 2) * 8;
    for (let i = 0; i < count; i++) {
      let value = 0;
      for (let bit = 0; bit < bitWidth; bit++) {
        const position = i * bitWidth + bit;
        if ((bytes[at + (position >> 3)]! >> (position & 7)) & 1) value += 2 ** bit;
      }
      values.push(value);
    }
    at += (count * bitWidth) / 8;
  }
  assert.equal(at, bytes.length, "a stretch goes on behind the end");
  return values;
}

function packed(codes: Int32Array, count: number, bitWidth: number): Uint8Array {
  const scratch = Scratch.take(count);
  try {
    return packCodes(scratch, codes, count, bitWidth).slice();
  } finally {
    scratch.giveBack();
  }
}

/** Codes with repeats of many lengths. */
function randomCodes(random: Random, bitWidth: number): Int32Array {
  const codes: number[] = [];
  const target = random.int(0, 300);
  while (codes.length < target) {
    const value = random.int(0, 2 ** bitWidth - 1);
    const repeats = random.pick([1, 1, 1, 2, 7, 8, 9, 15, 16, 17, 24, 40]);
    for (let i = 0; i < repeats; i++) codes.push(value);
  }
  return Int32Array.from(codes);
}

for (let bitWidth = 1; bitWidth <= 24; bitWidth++) {
  test(`codes of ${bitWidth} bits decode to themselves`, () => {
    forSeeds(40, (random) => {
      const codes = randomCodes(random, bitWidth);
      const decoded = decode(packed(codes, codes.length, bitWidth), bitWidth);
      assert.deepEqual(decoded.slice(0, codes.length), [...codes]);
      const padding = decoded.slice(codes.length);
      assert.ok(padding.length < 8 && padding.every((value) => value === 0));
    });
  });
}

test("runs of any length decode to themselves", () => {
  forSeeds(50, (random) => {
    const bitWidth = random.int(1, 24);
    const runs: [number, number][] = [];
    const expected: number[] = [];
    for (let run = random.int(1, 60); run > 0; run--) {
      const value = random.int(0, 2 ** bitWidth - 1);
      const count = random.pick([0, 1, 63, 64, 65, 8191, 8192, 20_000]);
      runs.push([value, count]);
      for (let i = 0; i < count; i++) expected.push(value);
    }
    assert.deepEqual(decode(packRuns(Int32Array.from(runs.flat()), bitWidth), bitWidth), expected);
  });
});

test("only the first codes are written when fewer are asked for", () => {
  const bytes = packed(Int32Array.of(1, 2, 3, 4, 5, 6, 7), 5, 3);
  assert.deepEqual(decode(bytes, 3).slice(0, 5), [1, 2, 3, 4, 5]);
});

test("long repeats take less room than packing them", () => {
  assert.ok(packed(new Int32Array(100_000).fill(99_999), 100_000, 17).length < 10);
});

test("widths that codes of a dictionary need", () => {
  const widths: [number, number][] = [
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [256, 8],
    [257, 9],
    [65_536, 16],
    [65_537, 17],
  ];
  for (const [entries, width] of widths) assert.equal(codeWidth(entries), width, String(entries));
  for (const wrong of [0, 25]) {
    assert.throws(() => packRuns(Int32Array.of(1, 1), wrong), RangeError);
    assert.throws(() => packed(Int32Array.of(1), 1, wrong), RangeError);
  }
});
