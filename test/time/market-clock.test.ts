import assert from "node:assert/strict";
import { test } from "node:test";
import { MarketClock } from "../../src/time/market-clock.js";
import { Random } from "../helpers/random.js";
import { WallClock } from "../helpers/wall-clock.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEARS = Array.from({ length: 40 }, (_, index) => 1998 + index);

/** Zones of the markets, with their standard offset in hours and whether they change their clocks. */
const ZONES = [
  { zone: "America/New_York", standard: -5, changes: true },
  { zone: "America/Chicago", standard: -6, changes: true },
  { zone: "America/Los_Angeles", standard: -8, changes: true },
  { zone: "Etc/GMT+5", standard: -5, changes: false },
];

/** Day of the month of the nth Sunday, `month` from 0; n = -1 for the last one. */
function sunday(year: number, month: number, n: number): number {
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const sundays: number[] = [];
  for (let day = 1; day <= days; day++) {
    if (new Date(Date.UTC(year, month, day)).getUTCDay() === 0) sundays.push(day);
  }
  return sundays.at(n > 0 ? n - 1 : n)!;
}

/** The days (since 1970) on which clocks go forward and back, by the law: Energy Policy Act of 2005, in force from 2007. */
function changeDays(year: number): { spring: number; autumn: number } {
  const law =
    year >= 2007
      ? { spring: Date.UTC(year, 2, sunday(year, 2, 2)), autumn: Date.UTC(year, 10, sunday(year, 10, 1)) }
      : { spring: Date.UTC(year, 3, sunday(year, 3, 1)), autumn: Date.UTC(year, 9, sunday(year, 9, -1)) };
  return { spring: law.spring / DAY_MS, autumn: law.autumn / DAY_MS };
}

/** Offset in hours at an instant: clocks change at 2:00 of standard and at 2:00 of daylight time. */
function offsetByLaw(instant: number, { standard, changes }: { standard: number; changes: boolean }): number {
  if (!changes) return standard;
  const { spring, autumn } = changeDays(new Date(instant + standard * HOUR_MS).getUTCFullYear());
  const begins = spring * DAY_MS + (2 - standard) * HOUR_MS;
  const ends = autumn * DAY_MS + (2 - standard - 1) * HOUR_MS;
  return instant >= begins && instant < ends ? standard + 1 : standard;
}

/** Instants to ask for: one hour a day of every year, each hour of the days around the changes. */
function* instants(): Generator<number> {
  for (const year of YEARS) {
    const { spring, autumn } = changeDays(year);
    const end = Date.UTC(year + 1, 0, 1) / DAY_MS;
    for (let day = Date.UTC(year, 0, 1) / DAY_MS; day < end; day++) {
      const near = Math.abs(day - spring) <= 3 || Math.abs(day - autumn) <= 3;
      if (!near) yield day * DAY_MS + ((day * 7) % 24) * HOUR_MS;
      else for (let hour = 0; hour < 24; hour++) yield day * DAY_MS + hour * HOUR_MS;
    }
  }
}

for (const rule of ZONES) {
  const { zone, standard, changes } = rule;

  test(`${zone}: offsets, operating days and hours of 40 years are those of the law`, () => {
    const clock = new MarketClock(zone);
    for (const instant of instants()) {
      const offset = offsetByLaw(instant, rule) * HOUR_MS;
      const date = Math.floor((instant + offset) / DAY_MS);
      const midnight = date * DAY_MS;
      const dayStart = midnight - offsetByLaw(midnight - standard * HOUR_MS, rule) * HOUR_MS;
      const hour = Math.floor((instant - dayStart) / HOUR_MS) + 1;
      const found = [clock.offsetAt(instant), clock.operatingDate(instant), clock.hourEnding(instant)];
      if (found[0] !== offset || found[1] !== date || found[2] !== hour)
        assert.deepEqual(found, [offset, date, hour], new Date(instant).toISOString());
      if (clock.dayStart(date) !== dayStart) assert.fail(`day start of ${new Date(midnight).toISOString()}`);
    }
  });

  test(`${zone}: days have 23, 24 or 25 hours, numbered from 1 without a gap`, () => {
    const clock = new MarketClock(zone);
    for (const year of YEARS) {
      const { spring, autumn } = changeDays(year);
      for (const day of [spring - 1, spring, spring + 1, autumn - 1, autumn, autumn + 1]) {
        const hours: number[] = [];
        for (let at = clock.dayStart(day); at < clock.dayStart(day + 1); at += HOUR_MS) {
          assert.equal(clock.operatingDate(at), day);
          assert.equal(clock.hourEnding(at), clock.hourEnding(at + HOUR_MS - 1));
          hours.push(clock.hourEnding(at));
        }
        const length = !changes ? 24 : day === spring ? 23 : day === autumn ? 25 : 24;
        assert.deepEqual(
          hours,
          Array.from({ length }, (_, index) => index + 1),
          `${year}, day ${day}`,
        );
      }
    }
  });

  test(`${zone}: the answers do not depend on what was asked before`, () => {
    const random = new Random(1);
    const all = [...instants()].filter(() => random.chance(0.02));
    const inOrder = new MarketClock(zone);
    const expected = new Map(all.map((instant) => [instant, inOrder.offsetAt(instant)]));
    const shuffled = new MarketClock(zone);
    for (const instant of random.shuffle(all))
      assert.equal(shuffled.offsetAt(instant), expected.get(instant));
  });
}

test("the second in which the clock changes is found exactly", () => {
  const clock = new MarketClock("America/New_York");
  const spring = Date.UTC(2024, 2, 10, 7);
  const autumn = Date.UTC(2024, 10, 3, 6);
  assert.equal(clock.offsetAt(spring - 1), -5 * HOUR_MS);
  assert.equal(clock.offsetAt(spring), -4 * HOUR_MS);
  assert.equal(clock.offsetAt(autumn - 1), -4 * HOUR_MS);
  assert.equal(clock.offsetAt(autumn), -5 * HOUR_MS);
  // The hour between 1:00 and 2:00 comes twice, as the second and the third hour of the day.
  assert.deepEqual(
    [autumn - HOUR_MS, autumn, autumn + HOUR_MS].map((at) => clock.hourEnding(at)),
    [2, 3, 4],
  );
});

test("zones of other rules agree with Intl: no change, half an hour, a change that was given up", () => {
  const random = new Random(2);
  for (const zone of [
    "America/Phoenix",
    "America/St_Johns",
    "America/Mexico_City",
    "America/Edmonton",
    "UTC",
  ]) {
    const clock = new MarketClock(zone);
    const wall = new WallClock(zone);
    for (let i = 0; i < 1000; i++) {
      const instant = random.int(Date.UTC(1998, 0, 1) / HOUR_MS, Date.UTC(2037, 0, 1) / HOUR_MS) * HOUR_MS;
      assert.equal(clock.operatingDate(instant), wall.date(instant), `${zone} ${instant}`);
    }
  }
});

test("a zone that the platform does not know is a RangeError", () => {
  assert.throws(() => new MarketClock("America/Nowhere"), RangeError);
});
