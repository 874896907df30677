import assert from "node:assert/strict";
import { test } from "node:test";
import { collectRegularly } from "../../src/run/collect-garbage.js";

test("garbage is collected once a second, where there is something to collect it with", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const collect = t.mock.fn();
  collectRegularly(collect);
  t.mock.timers.tick(999);
  assert.equal(collect.mock.callCount(), 0);
  t.mock.timers.tick(3001);
  assert.equal(collect.mock.callCount(), 4);
  assert.equal(globalThis.gc, undefined, "this test is to be run without --expose-gc");
  collectRegularly();
  t.mock.timers.tick(1000);
  assert.equal(collect.mock.callCount(), 5);
});
