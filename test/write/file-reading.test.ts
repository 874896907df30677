import assert from "node:assert/strict";
import { test } from "node:test";
import { FileReading } from "../../src/write/file-reading.js";

const counts = (rows: number, rejected: number) => ({
  records: rows,
  skipped: 1,
  rows,
  rejected,
  filtered: 0,
});

test("a range is taken when its first record begins where the range before ends", () => {
  const reading = new FileReading();
  assert.equal(reading.fateOf({ from: 10, to: 50 }, null), "take");
  assert.equal(reading.fateOf({ from: 10, to: 50 }, 10), "take");
  reading.endRange(57, 6);
  const second = { from: 50, to: 90 };
  assert.equal(reading.fateOf(second, null), "take");
  assert.equal(reading.fateOf(second, 57), "take");
  assert.equal(reading.fateOf(second, 55), "again");
  assert.equal(reading.fateOf(second, 90), "again");
});

test("a range in which no record begins, or after a failure, is dropped", () => {
  const reading = new FileReading();
  reading.endRange(90, 4);
  assert.equal(reading.fateOf({ from: 50, to: 90 }, 70), "drop");
  assert.equal(reading.fateOf({ from: 90, to: 130 }, 90), "take");
  reading.failed = true;
  assert.equal(reading.fateOf({ from: 90, to: 130 }, 90), "drop");
});

test("lines go on from range to range, and counts add up", () => {
  const reading = new FileReading();
  assert.equal(reading.countsGiven(0), null);
  reading.endRange(90, 12);
  reading.add(counts(10, 2));
  assert.equal(reading.line, 12);
  reading.endRange(190, 5);
  reading.add(counts(5, 0));
  assert.equal(reading.line, 17);
  assert.deepEqual(reading.countsGiven(13), { records: 15, skipped: 2, rows: 15, rejected: 2, filtered: 0 });
});

test("of a file whose thread died counts what the years have accepted, and what was told before", () => {
  const never = new FileReading();
  never.die();
  assert.equal(never.countsGiven(0), null);
  assert.deepEqual(never.countsGiven(7), { records: 7, skipped: 0, rows: 7, rejected: 0, filtered: 0 });
  const reading = new FileReading();
  reading.add(counts(10, 2));
  reading.die();
  assert.equal(reading.fateOf({ from: 50, to: 90 }, 50), "drop");
  // 8 rows of the first range and 5 of the one that ended early.
  assert.deepEqual(reading.countsGiven(13), { records: 16, skipped: 1, rows: 15, rejected: 2, filtered: 0 });
});
