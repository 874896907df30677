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
  let waits = 0;
  let pieces = 0;
  for (; !heard || pieces < 1000; pieces++) {
    assert.ok(pieces < 10_000_000, "nothing else was let in");
    const turn = turns.take();
    if (turn === undefined) continue;
    waits++;
    await turn;
  }
  assert.ok(waits < pieces);
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
