import assert from "node:assert/strict";
import { test } from "node:test";
import { SpareShelf } from "../../src/write/spare-buffers.js";

const room = (capacity: number) => ({
  capacity,
  buffers: [new ArrayBuffer(capacity * 4), new ArrayBuffer(capacity * 8)],
});

test("buffers go to a batch with the same room, once", () => {
  const shelf = new SpareShelf(10_000);
  assert.deepEqual([shelf.take(100), shelf.take(50)], [[], []]);
  const [large, small] = [room(100), room(50)];
  shelf.give(large);
  shelf.give(small);
  assert.equal(shelf.take(50), small.buffers);
  assert.deepEqual(shelf.take(50), []);
  assert.equal(shelf.take(100), large.buffers);
});

test("buffers that no batch has asked for are not kept, nor are more than the limit", () => {
  const shelf = new SpareShelf(2000);
  shelf.give(room(100));
  assert.deepEqual(shelf.take(100), [], "nobody had asked");
  shelf.give(room(100));
  shelf.give(room(100));
  assert.equal(shelf.take(100).length, 2);
  assert.deepEqual(shelf.take(100), [], "two would have been more than the limit");
  shelf.give(room(100));
  assert.equal(shelf.take(100).length, 2, "there is room again");
});
