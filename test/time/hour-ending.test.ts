import assert from "node:assert/strict";
import { test } from "node:test";
import { hourStart, LetteredHours, numberedHourStart, REPEATED_HOUR } from "../../src/time/hour-ending.js";
import { MarketClock } from "../../src/time/market-clock.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const X = REPEATED_HOUR;
const ALL = Array.from({ length: 24 }, (_, index) => index + 1);
const SHORT = ALL.filter((hour) => hour !== 3);
/** What some copies of ISO New England's files have instead. */
const SHORT_WITHOUT_2 = ALL.filter((hour) => hour !== 2);
const LONG = [1, 2, X, ...ALL.slice(2)];

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY_MS;

/** All days of forty years; `labels` are the hours that each must have, in order. */
function forEachDay(clock: MarketClock, check: (date: number, labels: readonly number[]) => void): void {
  let odd = 0;
  for (let date = day("1998-01-01"); date < day("2038-01-01"); date++) {
    const hours = clock.hoursInDay(date);
    if (hours !== 24) odd++;
    check(date, hours === 23 ? SHORT : hours === 25 ? LONG : ALL);
  }
  assert.equal(odd, 80);
}

/** The labels stand for the hours of the day, one after the other from its start to its end. */
function assertHours(
  clock: MarketClock,
  date: number,
  labels: readonly number[],
  start: (hour: number) => number,
): void {
  let expected = clock.dayStart(date);
  for (const hour of labels) {
    if (start(hour) !== expected) assert.fail(`hour ${hour} of day ${date} is ${start(hour)}`);
    expected += HOUR_MS;
  }
  assert.equal(expected, clock.dayStart(date + 1));
}

test("hour ending with a flag: the hours of each day follow each other, and no others exist", () => {
  const clock = new MarketClock("America/Chicago");
  forEachDay(clock, (date, labels) => {
    const start = (hour: number) => hourStart(clock, date, hour === X ? 2 : hour, hour === X ? 2 : 1);
    assertHours(clock, date, labels, start);
    for (const hour of ALL) {
      if (!labels.includes(hour)) assert.equal(hourStart(clock, date, hour, 1), Number.NaN);
      const flagged = hourStart(clock, date, hour, 2);
      if (Number.isNaN(flagged) === (hour === 2 && labels.includes(X)))
        assert.fail(`flag on ${hour} of ${date}`);
    }
  });
});

test("hour ending with a flag: by hand", () => {
  const clock = new MarketClock("America/Chicago");
  const autumn = day("2015-11-01");
  assert.equal(hourStart(clock, autumn, 1, 1), Date.parse("2015-11-01T05:00Z"));
  assert.equal(hourStart(clock, autumn, 2, 1), Date.parse("2015-11-01T06:00Z"));
  assert.equal(hourStart(clock, autumn, 2, 2), Date.parse("2015-11-01T07:00Z"));
  assert.equal(hourStart(clock, autumn, 3, 1), Date.parse("2015-11-01T08:00Z"));
  assert.equal(hourStart(clock, autumn, 24, 1), Date.parse("2015-11-02T05:00Z"));
  assert.equal(hourStart(clock, day("2015-03-08"), 2, 1), Date.parse("2015-03-08T07:00Z"));
  assert.equal(hourStart(clock, day("2015-03-08"), 3, 1), Number.NaN);
  assert.equal(hourStart(clock, day("2015-03-08"), 4, 1), Date.parse("2015-03-08T08:00Z"));
});

test("OPR_HR: 25 is between 2 and 3 on the long day and exists on no other", () => {
  const clock = new MarketClock("America/Los_Angeles");
  forEachDay(clock, (date, labels) => {
    assertHours(clock, date, labels, (hour) => numberedHourStart(clock, date, hour));
    const absent = [...ALL, X].filter((hour) => !labels.includes(hour));
    for (const hour of absent) assert.equal(numberedHourStart(clock, date, hour), Number.NaN);
  });
});

test("02X: the hours of each day follow each other, whichever hour the short day leaves out", () => {
  const clock = new MarketClock("America/New_York");
  for (const short of [SHORT, SHORT_WITHOUT_2]) {
    const hours = new LetteredHours(clock);
    forEachDay(clock, (date, labels) => {
      const printed = labels === SHORT ? short : labels;
      for (let location = 0; location < 2; location++)
        assertHours(clock, date, printed, (hour) => hours.start(date, hour));
      if (!labels.includes(X)) assert.equal(hours.start(date, X), Number.NaN);
    });
  }
});

test("02X: a file that has both 02 and 03 on the short day names one hour too many", () => {
  const clock = new MarketClock("America/New_York");
  const hours = new LetteredHours(clock);
  const spring = day("2025-03-09");
  const secondHour = Date.parse("2025-03-09T06:00Z");
  const read = (...labels: number[]) => labels.map((hour) => hours.start(spring, hour));
  assert.deepEqual(read(1, 2, 3, 4, 2, 3), [
    Date.parse("2025-03-09T05:00Z"),
    secondHour,
    Number.NaN,
    Date.parse("2025-03-09T07:00Z"),
    secondHour,
    Number.NaN,
  ]);
  // Days in between do not make it forget.
  hours.start(spring + 1, 3);
  assert.deepEqual(read(3, 2), [Number.NaN, secondHour]);
  hours.reset();
  assert.deepEqual(read(3, 2, 3), [secondHour, Number.NaN, secondHour]);
  // Another year's file may have the other names.
  assert.equal(hours.start(day("2024-03-10"), 2), Date.parse("2024-03-10T06:00Z"));
});

test("what is no hour or no day is NaN", () => {
  const clock = new MarketClock("America/New_York");
  const hours = new LetteredHours(clock);
  const spring = day("2024-03-10");
  const dates = [spring, spring + 1, day("2024-11-03")];
  for (const date of dates) {
    for (const hour of [0, -1, 26, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(hourStart(clock, date, hour, 1), Number.NaN);
      assert.equal(numberedHourStart(clock, date, hour), Number.NaN);
      assert.equal(hours.start(date, hour), Number.NaN);
    }
    assert.equal(hourStart(clock, date, X, 1), Number.NaN);
    assert.equal(hourStart(clock, date, 2, Number.NaN), Number.NaN);
  }
  for (const hour of [1, 2, 3, X]) {
    assert.equal(hourStart(clock, Number.NaN, hour, 1), Number.NaN);
    assert.equal(numberedHourStart(clock, Number.NaN, hour), Number.NaN);
    assert.equal(hours.start(Number.NaN, hour), Number.NaN);
  }
});
