import assert from "node:assert/strict";
import { test } from "node:test";
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
