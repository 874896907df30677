import assert from "node:assert/strict";
import { test } from "node:test";
import { taskCounters } from "../../src/run/decode-progress.js";
import { FileTimes } from "../../src/run/file-times.js";
import { PROGRESS_SLOTS } from "../../src/run/protocol.js";

/** Counters of a task as they are when it is done. */
function done(...micros: number[]) {
  const counters = taskCounters(micros.length);
  for (const [place, each] of micros.entries()) counters[PROGRESS_SLOTS + place] = BigInt(each);
  return counters;
}

test("a file's time is that of all its ranges, and of a task's files each has its own", () => {
  const times = new FileTimes(5);
  times.note([1, 3], done(250_000, 500_000));
  times.note([4], done(1_000_000));
  times.note([4], done(2_000_000));
  const seconds = [0, 1, 2, 3, 4].map((file) => times.secondsOf(file));
  assert.deepEqual(seconds, [null, 0.25, null, 0.5, 3]);
});

test("a retry counts for the file in hand, and for its task once", () => {
  const times = new FileTimes(4);
  times.noteRetry([0, 1, 2], 1);
  times.noteRetry([0, 1, 2], -1);
  times.noteRetry([0, 2], null);
  times.noteRetry([3], 3);
  assert.deepEqual(
    [0, 1, 2, 3].map((file) => times.retriesOf(file)),
    [0, 1, 0, 1],
  );
  assert.deepEqual(
    [times.taskRetriesOf([0, 1, 2]), times.taskRetriesOf([3]), times.taskRetriesOf([1])],
    [3, 1, 0],
  );
});
