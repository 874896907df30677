import assert from "node:assert/strict";
import { test } from "node:test";
import { GridparquetError } from "../../src/errors.js";
import { EventTurns } from "../../src/plan/event-turns.js";

test("what waits has its turn after a while of work, and not after each piece of it", async () => {
  const turns = new EventTurns();
  let heard = false;
  setImmediate(() => {
    heard = true;
  });
  let pieces = 0;
  while (!heard) {
    const until = performance.now() + 1;
    while (performance.now() < until) {}
    await turns.take();
    pieces++;
    assert.ok(pieces < 1000, "nothing else was let in");
  }
  assert.ok(pieces > 1);
});

test("work that is to stop ends at its next turn", async () => {
  const isAborted = (error: unknown) =>
    error instanceof GridparquetError && error.code === "aborted" && error.exitCode === 130;
  const before = new EventTurns(AbortSignal.abort());
  await assert.rejects(async () => before.take(), isAborted);

  const controller = new AbortController();
  const turns = new EventTurns(controller.signal);
  setImmediate(() => controller.abort());
  await assert.rejects(async () => {
    for (;;) await turns.take();
  }, isAborted);
});
