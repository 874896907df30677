import assert from "node:assert/strict";
import { test } from "node:test";
import { findPartialDays } from "../../src/dataset/partial-days.js";
import { MarketClock } from "../../src/time/market-clock.js";
import { dayOf } from "../helpers/datasets.js";

const CLOCK = new MarketClock("America/New_York");

/** Partial days by their place, of days with so many intervals and ten rows each. */
function partial(intervals: readonly number[], rowsPerInterval = 10, firstDay = "2024-05-01"): number[] {
  const rows = intervals.map((count) => count * rowsPerInterval);
  const first = dayOf(firstDay);
  return findPartialDays({ firstDay: first, rows, intervals }, CLOCK).map(({ day }) => day - first);
}

test("where days agree, one interval less is partial", () => {
  assert.deepEqual(partial([288, 288, 287, 288, 288]), [2]);
  assert.deepEqual(partial([287, 288, 288, 288, 12]), [0, 4]);
});

test("a stretch of a few partial days is found, a feed that changes for good is not partial", () => {
  assert.deepEqual(partial([24, 24, 24, 24, 24, 9, 9, 9, 24, 24, 24, 24, 24]), [5, 6, 7]);
  assert.deepEqual(partial([24, 24, 24, 24, 24, 96, 96, 96, 96, 96, 96, 96]), []);
  assert.deepEqual(partial([96, 96, 96, 96, 96, 96, 96, 24, 24, 24, 24, 24, 24, 24]), []);
});

test("where days differ, as those of dispatch runs do, only a tenth less is partial", () => {
  assert.deepEqual(partial([290, 291, 288, 293, 287, 280, 292, 289]), []);
  assert.deepEqual(partial([290, 291, 288, 293, 230, 286, 292, 289]), [4]);
});

test("days that are far off say nothing", () => {
  const gap = new Array<number>(40).fill(0);
  assert.deepEqual(partial([24, 24, ...gap, 12]), []);
  assert.deepEqual(partial([24, 24, ...gap.slice(0, 5), 12]), [7]);
});

test("clock changes are no reason, in five minutes as in hours", () => {
  assert.deepEqual(partial([288, 276, 288], 10, "2024-03-09"), []);
  assert.deepEqual(partial([288, 300, 288], 10, "2024-11-02"), []);
  assert.deepEqual(partial([288, 288, 288], 10, "2024-11-02"), [1]);
});
