import assert from "node:assert/strict";
import { test } from "node:test";
import { packCodes, packRuns } from "../../src/parquet/rle-hybrid.js";
import { onlyCode, unpackCodes } from "../../src/parquet/unpack-codes.js";
import { Scratch } from "../../src/wasm/scratch.js";
import { forSeeds, type Random } from "../helpers/random.js";

function unpack(bytes: Uint8Array, width: number, count: number): number[] {
  const out = new Int32Array(count + 2).fill(-7);
  const highest = unpackCodes(bytes, 0, bytes.length, width, out, 1, count);
  assert.deepEqual([out[0], out[count + 1]], [-7, -7], "nothing else is touched");
  const codes = [...out.subarray(1, count + 1)];
  assert.equal(highest, Math.max(0, ...codes));
  return codes;
}

/** Codes with runs and without. */
function randomCodes(random: Random, width: number): number[] {
  const codes: number[] = [];
  const most = 2 ** width - 1;
  for (let part = random.int(1, 12); part > 0; part--) {
    const same = random.chance(0.4);
    const code = random.int(0, most);
    for (let i = random.int(1, 60); i > 0; i--) codes.push(same ? code : random.int(0, most));
  }
  return codes;
}

test("codes come back from what the encoder packs, in every width", () => {
  forSeeds(6, (random) => {
    for (let width = 1; width <= 24; width++) {
      const codes = randomCodes(random, width);
      const scratch = Scratch.take(codes.length);
      const packed = packCodes(scratch, Int32Array.from(codes), codes.length, width).slice();
      scratch.giveBack();
      assert.deepEqual(unpack(packed, width, codes.length), codes, `width ${width}`);
      assert.throws(
        () => unpack(packed.subarray(0, packed.length >> 1), width, codes.length),
        /end too early/,
      );
    }
  });
});

test("runs come back, also long ones, and those beyond what is asked for", () => {
  const runs = [
    [3, 5],
    [0, 100_000],
    [1, 1],
  ] as const;
  const bytes = packRuns(Int32Array.from(runs.flat()), 2);
  const codes = runs.flatMap(([code, count]) => Array.from({ length: count }, () => code));
  assert.deepEqual(unpack(bytes, 2, codes.length), codes);
  assert.deepEqual(unpack(bytes, 2, 50), codes.slice(0, 50));
  assert.deepEqual(unpack(new Uint8Array(0), 0, 3), [0, 0, 0]);
});

test("bytes that are no codes are refused", () => {
  assert.throws(() => unpack(new Uint8Array(0), 3, 1), /end too early/);
  assert.throws(() => unpack(Uint8Array.of(0, 1), 3, 1), /end too early/, "a run of nothing");
  assert.throws(() => unpack(new Uint8Array(20).fill(255), 3, 1), /end too early/, "an endless header");
  assert.throws(() => unpack(Uint8Array.of(2), 30, 1), /30 bits/);
});

test("a single run is told from all else", () => {
  const only = (bytes: Uint8Array, count: number) => onlyCode(bytes, 0, bytes.length, count);
  assert.equal(only(packRuns(Int32Array.of(1, 1000), 1), 1000), 1);
  assert.equal(only(packRuns(Int32Array.of(0, 1000), 1), 1000), 0);
  assert.equal(only(packRuns(Int32Array.of(1, 999), 1), 1000), null);
  assert.equal(only(packRuns(Int32Array.of(1, 999, 0, 1), 1), 1000), null);
  assert.equal(only(new Uint8Array(0), 1), null);
  assert.equal(only(new Uint8Array(9).fill(255), 1), null);
});
