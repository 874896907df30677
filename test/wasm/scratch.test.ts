import assert from "node:assert/strict";
import { test } from "node:test";
import { Scratch } from "../../src/wasm/scratch.js";

test("a scratch memory that is too small grows, and its kernels work on what is new", () => {
  const small = Scratch.take(10);
  const bytes = small.bytes;
  small.giveBack();

  const rows = 100_000;
  const large = Scratch.take(rows);
  assert.equal(large, small);
  assert.ok(large.bytes > bytes);
  assert.ok(large.bytes >= rows * 192);
  // Lies beyond where the memory ended before.
  large.uint8(bytes);
  const values = large.float64(rows).map((_, row) => row / 4);
  const out = large.float64(3);
  const order = large.int32(3);
  order.set([rows - 1, 0, 7]);
  large.kernels.gather8(large.addressOf(values), large.addressOf(order), 3, large.addressOf(out));
  assert.deepEqual([...out], [(rows - 1) / 4, 0, 7 / 4]);
  large.giveBack();

  // Fewer rows have room enough.
  const again = Scratch.take(10);
  assert.equal(again, large);
  again.giveBack();
});
