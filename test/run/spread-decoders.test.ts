import assert from "node:assert/strict";
import { test } from "node:test";
import { SpreadDecoders } from "../../src/run/spread-decoders.js";

type Balancer = SpreadDecoders["choose"];
type Task = Parameters<Balancer>[0];
type Worker = Parameters<Balancer>[1][number];

const DECODE = "decode";
const task = (name: string): Task => ({ name }) as Task;

/** Threads with tasks; what is chosen gets another one. */
function threads(usages: Record<number, number>) {
  const workers = Object.entries(usages).map(([id, currentUsage]) => ({ id: Number(id), currentUsage }));
  return (spread: SpreadDecoders, name: string): number | null => {
    const chosen = spread.choose(task(name), workers as unknown as Worker[]);
    const worker = workers.find(({ id }) => id === chosen?.id);
    if (worker !== undefined) worker.currentUsage++;
    return worker?.id ?? null;
  };
}

test("decode tasks go to different threads, however busy these are with other tasks", () => {
  const spread = new SpreadDecoders(DECODE, 4);
  const give = threads({ 1: 0, 2: 3, 3: 0 });
  assert.deepEqual([give(spread, DECODE), give(spread, DECODE), give(spread, DECODE)], [1, 3, 2]);
  // None is without one: the one with the fewest tasks gets the next.
  assert.equal(give(spread, DECODE), 1);
});

test("a thread whose decode task has ended is given the next one", () => {
  const spread = new SpreadDecoders(DECODE, 4);
  const give = threads({ 1: 1, 2: 0 });
  assert.deepEqual([give(spread, DECODE), give(spread, DECODE)], [2, 1]);
  spread.ended(1);
  assert.equal(give(spread, DECODE), 1);
  // Of a thread that has none, and of one that nobody knows, nothing is taken off.
  for (const thread of [1, 1, 2, 0, 9]) spread.ended(thread);
  assert.equal(give(spread, DECODE), 2);
});

test("other tasks go to the thread with the fewest, and none where all are full", () => {
  const spread = new SpreadDecoders(DECODE, 4);
  const give = threads({ 1: 2, 2: 1 });
  assert.deepEqual([give(spread, "encode"), give(spread, "encode")], [2, 1]);
  assert.deepEqual([give(spread, "a"), give(spread, "b"), give(spread, DECODE)], [2, 1, 2]);
  assert.deepEqual([give(spread, "encode"), give(spread, DECODE)], [null, null]);
});
