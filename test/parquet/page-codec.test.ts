import assert from "node:assert/strict";
import { before, test } from "node:test";
import { decompress as zstdDecompress } from "@bokuweb/zstd-wasm";
import { snappyUncompress } from "hyparquet";
import { pageCodec, storedFrame } from "../../src/parquet/page-codec.js";
import { COMPRESSIONS, type Compression } from "../../src/run/options.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { Random } from "../helpers/random.js";

before(loadEncoders);

const SIZES = [1, 2, 9, 1000, 131_071, 131_072, 131_073, 262_144, 300_000];

function noise(size: number): Uint8Array {
  const random = new Random(size);
  return Uint8Array.from({ length: size }, () => random.int(0, 255));
}

function decompress(compression: Compression, bytes: Uint8Array, size: number): Uint8Array {
  if (compression === "none") return bytes;
  if (compression === "zstd") return zstdDecompress(bytes);
  const output = new Uint8Array(size);
  snappyUncompress(bytes, output);
  return output;
}

for (const compression of COMPRESSIONS) {
  test(`${compression}: pages of every kind decompress to themselves`, () => {
    const codec = pageCodec(compression);
    for (const size of SIZES) {
      for (const page of [
        noise(size),
        new Uint8Array(size),
        Uint8Array.from({ length: size }, (_, i) => i % 100),
      ]) {
        for (const content of ["dictionary", "codes", "noise", "values"] as const) {
          const back = decompress(compression, Buffer.concat(codec.compress(page, content)), size);
          assert.ok(Buffer.from(back).equals(page), `${size} bytes of ${content}`);
        }
      }
    }
  });
}

test("a stored frame is a zstd frame a little longer than its page", () => {
  for (const size of SIZES) {
    const page = noise(size);
    const frame = Buffer.concat(storedFrame(page));
    assert.ok(Buffer.from(zstdDecompress(frame)).equals(page), `${size} bytes`);
    assert.ok(frame.length <= size + 9 + 3 * Math.ceil(size / 131_072));
  }
});

test("zstd stores what is noise, and compresses all else", () => {
  const codec = pageCodec("zstd");
  const page = new Uint8Array(10_000);
  assert.deepEqual(codec.compress(page, "noise"), storedFrame(page));
  for (const content of ["dictionary", "codes", "values"] as const)
    assert.ok(Buffer.concat(codec.compress(page, content)).length < 100);
});

test("the size of codes is that of the page that they become", () => {
  const codec = pageCodec("zstd");
  for (const codes of [noise(20_000), new Uint8Array(20_000)])
    assert.equal(codec.sizeOf!(codes), Buffer.concat(codec.compress(codes, "codes")).length);
});
