import assert from "node:assert/strict";
import { test } from "node:test";
import { poolSize } from "../../src/run/pool-size.js";

const MB = 1_000_000;
const found = (bytes: number, path = "a.csv") => ({ path, bytes });

test("a small input gets one thread, a large one as many as there may be", () => {
  assert.equal(poolSize([found(0)], 8), 1);
  assert.equal(poolSize([found(MB), found(MB)], 8), 1);
  assert.equal(poolSize([found(5 * MB)], 8), 2);
  assert.equal(poolSize([found(500 * MB)], 8), 8);
  assert.equal(poolSize([found(500 * MB)], 1), 1);
});

test("archives count for what they may hold", () => {
  assert.equal(poolSize([found(MB, "a.csv.gz")], 8), 2);
  assert.equal(poolSize([found(MB, "A.ZIP")], 8), 2);
});
