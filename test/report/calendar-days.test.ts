import assert from "node:assert/strict";
import { test } from "node:test";
import { calendarTotals, calendarYears, dayStates, stateRuns } from "../../src/report/calendar-days.js";
import type { FeedDays } from "../../src/report/report-model.js";
import { daysFromDate } from "../../src/time/calendar.js";

const LAST_DAYS: FeedDays = {
  ...{ iso: "PJM", market: "DA", feed: "da_hourly", firstDay: daysFromDate(2023, 12, 30) },
  dayRows: [24, 12, 0, 24],
  partial: [
    {
      ...{ day: daysFromDate(2023, 12, 31), intervals: 12, expectedIntervals: 24 },
      ...{ rowsPerInterval: 1, expectedRowsPerInterval: 1 },
    },
  ],
};

test("days are whole, partial or missing", () => {
  assert.deepEqual(dayStates(LAST_DAYS), ["whole", "partial", "missing", "whole"]);
  const { feeds, whole, partial, missing } = calendarTotals([LAST_DAYS, LAST_DAYS]);
  assert.deepEqual([feeds, whole, partial, missing], [2, 4, 2, 2]);
});

test("a year has all its days, those outside the feed's as none; the newest year comes first", () => {
  const [first, second] = calendarYears([LAST_DAYS]);
  assert.deepEqual([first!.year, second!.year], [2024, 2023]);
  assert.deepEqual(stateRuns(first!.feeds[0]!.states), [
    { state: "missing", from: 0, length: 1 },
    { state: "whole", from: 1, length: 1 },
    { state: "none", from: 2, length: 364 },
  ]);
  assert.deepEqual(stateRuns(second!.feeds[0]!.states), [
    { state: "none", from: 0, length: 363 },
    { state: "whole", from: 363, length: 1 },
    { state: "partial", from: 364, length: 1 },
  ]);
});

test("feeds of an ISO stand beside each other", () => {
  const feeds = ["SPP", "CAISO", "SPP"].map((iso) => ({ ...LAST_DAYS, iso }));
  assert.deepEqual(
    calendarYears(feeds)[0]!.feeds.map(({ feed }) => feed.iso),
    ["CAISO", "SPP", "SPP"],
  );
});
