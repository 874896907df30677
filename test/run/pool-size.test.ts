import assert from "node:assert/strict";
import { test } from "node:test";
import { poolSize } from "../../src/run/pool-size.js";

const MB = 1_000_000;
const found = (bytes: number, path = "a.csv") => ({ path, bytes });

test("a small input gets one thread, a large one as many as there may be", () => {
  assert.equal(poolSize([found(0)], 8), 1);
  assert.equal(poolSize([found(MB), found(MB)], 8), 1);
  assert.equal(poolSize([found(3 * MB), found(2 * MB)], 8), 2);
  assert.equal(poolSize([found(500 * MB)], 8), 8);
  assert.equal(poolSize([found(500 * MB)], 1), 1);
});

test("a file is decoded by one thread, and while a row group of it is encoded it goes on", () => {
  assert.equal(poolSize([found(20 * MB)], 8), 1);
  assert.equal(poolSize([found(20 * MB), found(20 * MB), found(20 * MB)], 8), 3);
  assert.equal(poolSize([found(40 * MB)], 8), 2);
});

test("looking into thousands of files is worth threads, too", () => {
  assert.equal(poolSize([found(MB)], 8, 366), 1);
  assert.equal(poolSize([found(MB)], 8, 2500), 3);
  assert.equal(poolSize([found(MB)], 2, 2500), 2);
});

test("archives count for what they may hold", () => {
  assert.equal(poolSize([found(MB, "a.csv.gz")], 8), 2);
  assert.equal(poolSize([found(MB, "A.ZIP")], 8), 2);
});
