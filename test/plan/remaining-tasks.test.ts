import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlannedTask } from "../../src/plan/plan-jobs.js";
import { remainingTasks } from "../../src/plan/remaining-tasks.js";

const END = Number.POSITIVE_INFINITY;
const PLAN: PlannedTask[] = [
  { files: [0, 1], range: null },
  { files: [2], range: { from: 10, to: 100 } },
  { files: [2], range: { from: 100, to: END } },
  { files: [3, 4], range: null },
];

test("nothing is done: everything is left", () => {
  assert.deepEqual(remainingTasks(PLAN, { files: 0, bytes: 0 }), PLAN);
});

test("files that are done are left out, be it in the middle of a task", () => {
  assert.deepEqual(remainingTasks(PLAN, { files: 2, bytes: 0 }), PLAN.slice(1));
  assert.deepEqual(remainingTasks(PLAN, { files: 1, bytes: 0 }), [
    { files: [1], range: null },
    ...PLAN.slice(1),
  ]);
  assert.deepEqual(remainingTasks(PLAN, { files: 4, bytes: 0 }), [{ files: [4], range: null }]);
  assert.deepEqual(remainingTasks(PLAN, { files: 5, bytes: 0 }), []);
});

test("a file that was begun goes on behind what is done, however the plan cuts it now", () => {
  assert.deepEqual(remainingTasks(PLAN, { files: 2, bytes: 100 }), PLAN.slice(2));
  assert.deepEqual(remainingTasks(PLAN, { files: 2, bytes: 60 }), [
    { files: [2], range: { from: 60, to: 100 } },
    ...PLAN.slice(2),
  ]);
  assert.deepEqual(remainingTasks(PLAN, { files: 3, bytes: 70 }), [
    { files: [3], range: { from: 70, to: END } },
    { files: [4], range: null },
  ]);
  assert.deepEqual(remainingTasks(PLAN, { files: 4, bytes: 7 }), [
    { files: [4], range: { from: 7, to: END } },
  ]);
});
