import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type CodeForm, formOfCodes } from "../../src/parquet/code-form.js";
import { pageCodec } from "../../src/parquet/page-codec.js";
import { codeWidth } from "../../src/parquet/rle-hybrid.js";
import type { Compression } from "../../src/run/options.js";
import { Scratch } from "../../src/wasm/scratch.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { Random } from "../helpers/random.js";

before(loadEncoders);

const ROWS = 60_000;
const random = new Random(3);
/** Each code is as likely as each other. */
const noise = (entries: number) => (): number => random.int(0, entries - 1);
/** A walk: each code is close to the one before. */
function close(entries: number): () => number {
  let code = entries >> 1;
  return () => {
    code = Math.max(0, Math.min(entries - 1, code + random.int(-4, 4)));
    return code;
  };
}

function formOf(
  entries: number,
  next: () => number,
  { compression = "zstd", period }: { compression?: Compression; period?: number } = {},
): CodeForm {
  const scratch = Scratch.take(ROWS);
  try {
    const values = scratch.int32(ROWS);
    for (let row = 0; row < ROWS; row++) values[row] = next();
    const coded = { entries, codes: { values, count: ROWS }, ...(period === undefined ? {} : { period }) };
    return formOfCodes(coded, pageCodec(compression), scratch);
  } finally {
    scratch.giveBack();
  }
}

test("codes that are noise are packed, and stored as they are", () => {
  for (const entries of [500, 4096, 6000, 60_000])
    assert.deepEqual(formOf(entries, noise(entries)), { width: codeWidth(entries), content: "noise" });
});

test("codes that are close to each other are in whole bytes", () => {
  for (const entries of [600, 6000, 20_000])
    assert.deepEqual(formOf(entries, close(entries)), { width: 16, content: "codes" });
});

test("long runs of codes come to so little that it does not tell what becomes of all", () => {
  let row = 0;
  assert.deepEqual(
    formOf(24, () => Math.floor(row++ / 2500)),
    { width: 5, content: "codes" },
  );
});

test("where the beginning is of another kind than the middle, the middle counts", () => {
  const orderly = (row: number) => row % 100;
  for (const isNoiseAtFirst of [false, true]) {
    let row = 0;
    const next = () => (row++ < 20_000 === isNoiseAtFirst ? random.int(0, 5999) : orderly(row));
    assert.equal(formOf(6000, next).content, isNoiseAtFirst ? "codes" : "noise");
  }
});

test("codes that come back are in whole bytes where that takes long, whatever the codec", () => {
  for (const compression of ["zstd", "snappy"] as const) {
    assert.equal(formOf(100, noise(100), { compression, period: 100 }).width, 7);
    assert.equal(formOf(6000, noise(6000), { compression, period: 6000 }).width, 16);
  }
});

test("without zstd codes of prices are packed", () => {
  for (const compression of ["snappy", "none"] as const)
    assert.deepEqual(formOf(6000, close(6000), { compression }), { width: 13, content: "codes" });
});
