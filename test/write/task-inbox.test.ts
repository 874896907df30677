import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import type { DecoderMessage } from "../../src/run/protocol.js";
import { TaskInbox } from "../../src/write/task-inbox.js";

const fileEnd = (fileIndex: number): DecoderMessage => ({
  type: "file",
  fileIndex,
  counts: { records: 0, rows: 0, skipped: 0, rejected: 0, filtered: 0 },
  failure: null,
});

function inbox(): TaskInbox {
  return new TaskInbox(new MessageChannel().port1, [0]);
}

test("messages come out in the order in which they came, then null after the end", async () => {
  const box = inbox();
  assert.ok(box.isEmpty);
  box.push(fileEnd(1));
  box.push(fileEnd(2));
  assert.ok(!box.isEmpty);
  assert.deepEqual(await box.next(), fileEnd(1));
  const waiting = [box.next(), box.next()];
  box.push({ type: "end" });
  assert.deepEqual(await Promise.all(waiting), [fileEnd(2), { type: "end" }]);
  assert.equal(await box.next(), null);
});

test("whoever waits is woken by a message", async () => {
  const box = inbox();
  const next = box.next();
  box.push(fileEnd(3));
  assert.deepEqual(await next, fileEnd(3));
});

test("when the task fails, what had come is still handed out", async () => {
  const box = inbox();
  box.push(fileEnd(1));
  box.fail("the thread has died");
  assert.deepEqual(await box.next(), fileEnd(1));
  assert.equal(await box.next(), null);
  assert.equal(box.failure, "the thread has died");

  const other = inbox();
  const waiting = other.next();
  other.fail("gone");
  assert.equal(await waiting, null);
});
