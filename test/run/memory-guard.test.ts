import assert from "node:assert/strict";
import { test } from "node:test";
import { type GuardAction, MemoryGuard } from "../../src/run/memory-guard.js";

/** Samples of a tenth of a second, each a part of the limit; what came of them, by the time in milliseconds. */
function run(guard: MemoryGuard, parts: readonly number[], from = 0): Map<number, GuardAction> {
  const actions = new Map<number, GuardAction>();
  for (const [index, part] of parts.entries()) {
    const at = from + index * 100;
    const action = guard.sample(part * 1000, at);
    if (action !== null) actions.set(at, action);
  }
  return actions;
}

const share = (part: number): GuardAction => ({ type: "share", share: part });
const times = (count: number, part: number): number[] => new Array<number>(count).fill(part);

test("below four fifths nothing happens", () => {
  assert.equal(run(new MemoryGuard(1000), times(100, 0.8)).size, 0);
});

test("above it the share is halved at once and each second, down to one file at a time", () => {
  const actions = run(new MemoryGuard(1000), times(60, 0.85));
  assert.deepEqual(
    [...actions],
    [
      [0, share(1 / 2)],
      [1000, share(1 / 4)],
      [2000, share(1 / 8)],
      [3000, share(0)],
    ],
  );
});

test("between the two marks it stays; below the lower one it comes back step by step", () => {
  const guard = new MemoryGuard(1000);
  run(guard, times(11, 0.85));
  assert.equal(guard.share, 1 / 4);
  assert.equal(run(guard, times(50, 0.75), 1100).size, 0);
  const actions = run(guard, times(50, 0.69), 6100);
  assert.deepEqual(
    [...actions],
    [
      [6100, share(1 / 2)],
      [7100, share(1)],
    ],
  );
});

test("five seconds above nine tenths in a row stop the run, once", () => {
  const guard = new MemoryGuard(1000);
  const actions = run(guard, times(200, 0.95));
  assert.deepEqual(
    [...actions].filter(([, { type }]) => type === "break"),
    [[5000, { type: "break" }]],
  );
  assert.equal(Math.max(...actions.keys()), 5000);
});

test("one sample below begins the five seconds anew", () => {
  const guard = new MemoryGuard(1000);
  const parts = [...times(49, 0.95), 0.89, ...times(49, 0.95), 0.89];
  for (const { type } of run(guard, parts).values()) assert.equal(type, "share");
});

test("a process that slept is not taken to have been above all the time", () => {
  const guard = new MemoryGuard(1000);
  guard.sample(950, 0);
  assert.equal(guard.sample(950, 3_600_000)?.type, "share");
});

test("steps need time between them, whatever the samples say", () => {
  const guard = new MemoryGuard(1000);
  const parts = Array.from({ length: 30 }, (_, index) => (index % 2 ? 0.5 : 0.85));
  const at = [...run(guard, parts).keys()];
  assert.deepEqual(at, [0, 1000, 2000]);
  assert.equal(guard.share, 1 / 8);
});
