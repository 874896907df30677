import assert from "node:assert/strict";
import { test } from "node:test";
import { daysFromDate, isoDate, monthOfDay, yearOfDay } from "../../src/time/calendar.js";

const DAY_MS = 86_400_000;

test("every day of four centuries has the number, year, month and name that Date gives it", () => {
  const last = Date.UTC(2201, 0, 1) / DAY_MS;
  for (let day = Date.UTC(1800, 0, 1) / DAY_MS; day < last; day++) {
    const date = new Date(day * DAY_MS);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    if (daysFromDate(year, month + 1, date.getUTCDate()) !== day) assert.fail(date.toISOString());
    if (yearOfDay(day) !== year || monthOfDay(day) !== year * 12 + month) assert.fail(date.toISOString());
    if (isoDate(day) !== date.toISOString().slice(0, 10)) assert.fail(date.toISOString());
  }
});

test("days that are not in the calendar have no number", () => {
  for (const year of [1900, 1996, 2000, 2023, 2024, 2100]) {
    for (let month = -1; month <= 14; month++) {
      for (let day = -1; day <= 33; day++) {
        const date = new Date(Date.UTC(year, month - 1, day));
        const exists =
          month >= 1 && month <= 12 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        assert.equal(
          daysFromDate(year, month, day),
          exists ? date.getTime() / DAY_MS : Number.NaN,
          `${year}-${month}-${day}`,
        );
      }
    }
  }
  assert.equal(daysFromDate(Number.NaN, 1, 1), Number.NaN);
  assert.equal(daysFromDate(2024, Number.NaN, 1), Number.NaN);
  assert.equal(daysFromDate(2024, 1, Number.NaN), Number.NaN);
});
