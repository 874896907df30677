import assert from "node:assert/strict";
import { test } from "node:test";
import { SpareShelf } from "../../src/write/spare-buffers.js";

const room = (capacity: number) => ({
  capacity,
  buffers: [new ArrayBuffer(capacity * 4), new ArrayBuffer(capacity * 8)],
});
const nothing = (capacity: number) => ({ capacity, buffers: [] });

test("buffers go to a batch that they have room for, once", () => {
  const shelf = new SpareShelf(10_000);
  assert.deepEqual(shelf.take(100), nothing(100));
  assert.deepEqual(shelf.take(50), nothing(50));
  const [large, small] = [room(100), room(50)];
  shelf.give(large);
  shelf.give(small);
  assert.equal(shelf.take(50).buffers, small.buffers);
  assert.deepEqual(shelf.take(50), nothing(50), "twice as much is too much");
  assert.deepEqual(shelf.take(101), nothing(101));
  const { capacity, buffers } = shelf.take(90);
  assert.equal(capacity, 100);
  assert.equal(buffers, large.buffers);
  assert.deepEqual(shelf.take(100), nothing(100));
});

test("buffers that no batch has asked for are not kept, nor are more than the limit", () => {
  const shelf = new SpareShelf(2000);
  shelf.give(room(100));
  assert.deepEqual(shelf.take(100), nothing(100), "nobody had asked");
  shelf.give(room(100));
  shelf.give(room(100));
  assert.equal(shelf.take(100).buffers.length, 2);
  assert.deepEqual(shelf.take(100), nothing(100), "two would have been more than the limit");
  shelf.give(room(100));
  assert.equal(shelf.take(100).buffers.length, 2, "there is room again");
});

test("buffers of a room that is of no use any more are let go", () => {
  const shelf = new SpareShelf(10_000);
  shelf.take(100);
  shelf.give(room(100));
  for (let request = 0; request < 50; request++) shelf.take(50);
  assert.deepEqual(shelf.take(100), nothing(100));
});
