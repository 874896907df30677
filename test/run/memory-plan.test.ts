import assert from "node:assert/strict";
import { test } from "node:test";
import { creditBudget, planMemory, TIGHTEN_ABOVE } from "../../src/run/memory-plan.js";
import { memoryLine, memoryRemarks } from "../../src/run/memory-remarks.js";
import { DEFAULTS } from "../../src/run/options.js";

const limit = (bytes: number) => ({ bytes, source: "option" as const });
const wishes = (threads: number) => ({
  threads,
  decoders: threads,
  chunkSize: DEFAULTS.chunkSize,
  rowGroupSize: DEFAULTS.rowGroupSize,
});

test("with enough memory all stays as it was asked for", () => {
  for (const threads of [1, 2, 8]) {
    const plan = planMemory(wishes(threads), limit(8e9));
    assert.equal(plan.threads, threads);
    assert.equal(plan.decoders, threads);
    assert.equal(plan.chunkSize, DEFAULTS.chunkSize);
    assert.equal(plan.creditBytes, creditBudget(threads, DEFAULTS.rowGroupSize, DEFAULTS.chunkSize));
    assert.ok(plan.fits);
  }
});

test("256 MB are enough for one thread with the default row groups", () => {
  const plan = planMemory(wishes(8), limit(256e6));
  assert.deepEqual([plan.threads, plan.decoders, plan.fits], [1, 1, true]);
  assert.ok(plan.chunkSize < DEFAULTS.chunkSize);
  assert.equal(plan.fittingRowGroupSize, DEFAULTS.rowGroupSize);
});

test("more memory never gives fewer threads, and what is planned stays below where the run is slowed down", () => {
  let before = 0;
  for (let bytes = 256e6; bytes <= 32e9; bytes *= 1.1) {
    const plan = planMemory(wishes(64), limit(bytes));
    assert.ok(plan.threads >= before, `${bytes}`);
    assert.ok(plan.expectedPeakBytes <= bytes * TIGHTEN_ABOVE);
    assert.ok(plan.creditBytes > 0 && plan.chunkSize > 0);
    before = plan.threads;
  }
  assert.equal(before, 64);
});

test("a small batch size that was asked for stays", () => {
  const plan = planMemory({ ...wishes(8), chunkSize: 7 }, limit(256e6));
  assert.equal(plan.chunkSize, 7);
});

test("a limit that is too small for the row groups is said, with row groups that would fit", () => {
  const rowGroupSize = 2_000_000;
  const plan = planMemory({ ...wishes(4), rowGroupSize }, limit(400e6));
  assert.deepEqual([plan.threads, plan.fits], [1, false]);
  const rows = plan.fittingRowGroupSize!;
  assert.ok(rows < rowGroupSize);
  assert.ok(planMemory({ ...wishes(4), rowGroupSize: rows }, limit(400e6)).fits);
  const remarks = memoryRemarks(plan, 4, true);
  assert.deepEqual(
    remarks.map(({ level }) => level),
    ["info", "warn", "warn"],
  );
  assert.match(remarks[1]!.text, /room for 1 of 4 threads/);
  assert.match(remarks[2]!.text, new RegExp(`--memory-limit.*--row-group-size ${rows}`));
  assert.equal(planMemory(wishes(4), limit(50e6)).fittingRowGroupSize, null);
});

test("the plan in a line", () => {
  assert.match(
    memoryLine(planMemory(wishes(1), limit(8e9))),
    /^memory: limit 8000 MB; 1 thread, batches of 100,000 rows, 23 MB of them at once; at most about \d+ MB expected$/,
  );
});

test("the budget of bytes on their way depends on settings, and has room for row groups and batches", () => {
  const budget = creditBudget(2, 200_000, 100_000);
  assert.ok(budget > 2 * 200_000 * 52);
  assert.ok(creditBudget(4, 200_000, 100_000) > budget);
  assert.ok(creditBudget(2, 400_000, 100_000) > budget);
  assert.ok(creditBudget(2, 200_000, 200_000) > budget);
});
