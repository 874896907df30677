import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import type { RowBatch } from "../../src/arrow/row-batch.js";
import type { DecoderMessage } from "../../src/run/protocol.js";
import { TaskInbox } from "../../src/write/task-inbox.js";
import { batchOf, ENERGY, energyRow } from "../helpers/rows.js";

const fileEnd = (fileIndex: number): DecoderMessage => ({
  type: "file",
  fileIndex,
  counts: { records: 0, rows: 0, skipped: 0, rejected: 0, filtered: 0 },
  failure: null,
});

function inbox(): TaskInbox {
  return new TaskInbox({ id: 0, port: new MessageChannel().port1, files: [0, 1], range: null });
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
  assert.equal(box.failureOf(0), "the thread has died");

  const other = inbox();
  const waiting = other.next();
  other.fail("gone");
  assert.equal(await waiting, null);
});

/** A batch of rows of files, of each a number of rows; prices go up from `first`. */
function rowsOf(first: number, ...files: [file: number, rows: number][]): RowBatch {
  const total = files.reduce((sum, [, rows]) => sum + rows, 0);
  const rows = Array.from({ length: total }, (_, i) =>
    energyRow(Date.UTC(2024, 0, 1), `L${first + i}`, first + i),
  );
  return { ...batchOf(ENERGY, rows), sources: Int32Array.from(files.flat()) };
}

const reject = (line: number) => ({ line, column: null, reason: "is none", raw: "" });

/** What comes out of a message of the second try, as a word. */
function newOf(box: TaskInbox, message: DecoderMessage): string {
  const left = box.newOf(message);
  if (left === null) return "nothing";
  if (left.type === "batch") return `${left.batch.rows} rows of ${left.batch.sources}`;
  if (left.type === "rejects") return `line ${left.records.map(({ line }) => line)}`;
  return left.type;
}

test("after a death what was handed out is passed over, wherever batches end then", async () => {
  const box = inbox();
  box.push({ type: "batch", batch: rowsOf(0, [0, 4]) });
  box.push({ type: "rejects", fileIndex: 0, records: [reject(3), reject(5)] });
  box.push(fileEnd(0));
  box.push({ type: "batch", batch: rowsOf(4, [0, 1], [1, 2]) });
  box.push({ type: "batch", batch: rowsOf(7, [1, 9]) });
  for (let message = 0; message < 4; message++) await box.next();
  assert.ok(box.restart(new MessageChannel().port1, null) > 0, "the last batch will come again");
  assert.ok(box.isEmpty);
  assert.equal(newOf(box, { type: "batch", batch: rowsOf(0, [0, 3]) }), "nothing");
  assert.equal(newOf(box, { type: "rejects", fileIndex: 0, records: [reject(3)] }), "nothing");
  assert.equal(newOf(box, { type: "rejects", fileIndex: 0, records: [reject(5), reject(6)] }), "line 6");
  assert.equal(newOf(box, fileEnd(0)), "nothing");
  assert.equal(newOf(box, { type: "batch", batch: rowsOf(3, [0, 2], [1, 5]) }), "3 rows of 1,3");
  assert.equal(newOf(box, { type: "batch", batch: rowsOf(10, [1, 6]) }), "6 rows of 1,6");
  assert.equal(newOf(box, fileEnd(1)), "file");
});

test("a second death is as the first: what was handed out in both is passed over", async () => {
  const box = inbox();
  for (let tries = 0; tries < 3; tries++) {
    let handedOut = 0;
    for (let row = 0; row < 6; row++) {
      const left = box.newOf({ type: "batch", batch: rowsOf(row, [0, 1]) });
      if (left === null) continue;
      box.push(left);
      if (handedOut++ < 2) await box.next();
    }
    assert.equal(handedOut, 6 - 2 * tries);
    box.restart(new MessageChannel().port1, null);
  }
});

test("a file left out fails alone; the rows of the others come as if it had never been", async () => {
  const box = inbox();
  box.push({ type: "batch", batch: rowsOf(0, [0, 2], [1, 1]) });
  await box.next();
  box.restart(new MessageChannel().port1, { file: 0, message: "it is to blame" });
  assert.equal(newOf(box, { type: "batch", batch: rowsOf(2, [1, 3]) }), "2 rows of 1,2");
  assert.equal(box.failureOf(0), "it is to blame");
  assert.equal(box.failureOf(1), null);
});

test("a file whose end came after the last batch may lack rows when its task fails", async () => {
  const box = inbox();
  box.push({ type: "batch", batch: rowsOf(0, [0, 2]) });
  box.push(fileEnd(0));
  await box.next();
  await box.next();
  box.fail("gone");
  assert.equal(box.failureOf(0), "gone");

  const other = inbox();
  other.push(fileEnd(0));
  other.push({ type: "batch", batch: rowsOf(0, [0, 2]) });
  await other.next();
  await other.next();
  other.fail("gone");
  assert.equal(other.failureOf(0), null);
  assert.equal(other.failureOf(1), "gone");
});
