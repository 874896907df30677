import assert from "node:assert/strict";
import { test } from "node:test";
import { Temporal } from "temporal-polyfill";
import { MarketClock } from "../../src/time/market-clock.js";
import { Random } from "../helpers/random.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FROM = Date.UTC(1998, 0, 1);
const TO = Date.UTC(2038, 0, 1);
const ZONES = ["America/New_York", "America/Chicago", "America/Los_Angeles", "Etc/GMT+5"];

/** What Temporal says of a zone: its clock changes, with the offsets before and after each. */
interface Change {
  at: number;
  before: number;
  after: number;
}

function temporalChanges(zone: string): { first: number; changes: Change[] } {
  const offsetOf = (time: Temporal.ZonedDateTime) => time.offsetNanoseconds / 1e6;
  let time = Temporal.Instant.fromEpochMilliseconds(FROM - 7 * DAY_MS).toZonedDateTimeISO(zone);
  const first = offsetOf(time);
  const changes: Change[] = [];
  for (;;) {
    const next = time.getTimeZoneTransition("next");
    if (next === null || next.epochMilliseconds > TO) return { first, changes };
    changes.push({ at: next.epochMilliseconds, before: offsetOf(time), after: offsetOf(next) });
    time = next;
  }
}

/** Temporal's instants for a reading of the wall clock: none, one, or those of both passes. */
function temporalInstants(wallMs: number, zone: string): number[] {
  const reading = Temporal.PlainDateTime.from(new Date(wallMs).toISOString().slice(0, -1));
  const [earlier, later] = (["earlier", "later"] as const).map((disambiguation) =>
    reading.toZonedDateTime(zone, { disambiguation }),
  );
  if (!earlier!.toPlainDateTime().equals(reading)) return [];
  const instants = [earlier!.epochMilliseconds, later!.epochMilliseconds];
  return instants[0] === instants[1] ? [instants[0]!] : instants;
}

/** What the clock makes of a reading, in the form of {@link temporalInstants}. */
function clockInstants(clock: MarketClock, wallMs: number): number[] {
  const [first, second] = [clock.toUtc(wallMs, 1), clock.toUtc(wallMs, 2)];
  assert.equal(clock.isRepeated(wallMs), !Number.isNaN(second), new Date(wallMs).toISOString());
  return [first, second].filter((instant) => !Number.isNaN(instant));
}

/** The quarter hours, and odd seconds, of the two days around each change. */
function* readingsNearChanges(changes: readonly Change[]): Generator<number> {
  for (const { at, after } of changes) {
    const middle = at + after;
    for (let wall = middle - DAY_MS; wall <= middle + DAY_MS; wall += 15 * MINUTE_MS) yield wall;
    for (const hours of [-1, 0, 1]) {
      for (const seconds of [-1, 1, 1082]) yield middle + hours * HOUR_MS + seconds * 1000;
    }
  }
}

for (const zone of ZONES) {
  test(`${zone}: readings around every clock change of 40 years have Temporal's instants`, () => {
    const { changes } = temporalChanges(zone);
    assert.equal(changes.length, zone === "Etc/GMT+5" ? 0 : 80);
    const clock = new MarketClock(zone);
    for (const wall of readingsNearChanges(changes)) {
      const expected = temporalInstants(wall, zone);
      assert.deepEqual(clockInstants(clock, wall), expected, new Date(wall).toISOString());
    }
  });

  test(`${zone}: every hour of 40 years, there and back`, () => {
    const { first, changes } = temporalChanges(zone);
    const clock = new MarketClock(zone);
    let offset = first;
    let next = 0;
    for (let instant = FROM; instant < TO; instant += HOUR_MS) {
      while (next < changes.length && changes[next]!.at <= instant) offset = changes[next++]!.after;
      const wall = instant + offset;
      // In the hour after clocks went back, readings come for the second time.
      const change = changes[next - 1];
      const second = change !== undefined && instant < change.at + (change.before - change.after);
      if (clock.toUtc(wall, second ? 2 : 1) !== instant) assert.fail(new Date(instant).toISOString());
      if (clock.offsetAt(instant) !== offset) assert.fail(`offset at ${new Date(instant).toISOString()}`);
    }
    assert.equal(next, changes.length);
  });

  test(`${zone}: hours of every day are those of Temporal`, () => {
    const { changes } = temporalChanges(zone);
    const odd = new Map<number, number>();
    for (const { at, before, after } of changes) {
      const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
      const day = Math.floor((at + after) / DAY_MS);
      odd.set(day, time.hoursInDay);
      assert.equal(time.hoursInDay, 24 + (before - after) / HOUR_MS);
    }
    const clock = new MarketClock(zone);
    for (let day = FROM / DAY_MS; day < TO / DAY_MS; day++)
      assert.equal(clock.hoursInDay(day), odd.get(day) ?? 24);
  });

  test(`${zone}: instants do not depend on what was asked before`, () => {
    const random = new Random(3);
    const readings = [...readingsNearChanges(temporalChanges(zone).changes)].filter(() => random.chance(0.1));
    for (let i = 0; i < 2000; i++) readings.push(random.int(FROM / MINUTE_MS, TO / MINUTE_MS) * MINUTE_MS);
    const shuffled = new MarketClock(zone);
    for (const wall of random.shuffle(readings)) {
      const alone = new MarketClock(zone);
      // A clock of its own for each reading is slow: one in ten will do.
      if (!random.chance(0.1)) continue;
      assert.deepEqual(clockInstants(shuffled, wall), clockInstants(alone, wall));
    }
  });
}

test("the passes of the repeated hour, the skipped hour, and marks where nothing is repeated", () => {
  const clock = new MarketClock("America/Chicago");
  const autumn = Date.UTC(2015, 10, 1, 1, 30);
  assert.equal(clock.toUtc(autumn, 1), Date.UTC(2015, 10, 1, 6, 30));
  assert.equal(clock.toUtc(autumn, 2), Date.UTC(2015, 10, 1, 7, 30));
  assert.equal(clock.toUtc(Date.UTC(2015, 10, 1, 0, 59, 59), 2), Number.NaN);
  assert.equal(clock.toUtc(Date.UTC(2015, 10, 1, 2), 2), Number.NaN);
  assert.equal(clock.toUtc(Date.UTC(2015, 6, 1, 1), 2), Number.NaN);
  const spring = Date.UTC(2015, 2, 8, 2);
  assert.equal(clock.toUtc(spring - 1000, 1), Date.UTC(2015, 2, 8, 7, 59, 59));
  for (const skipped of [spring, spring + HOUR_MS - 1000]) {
    assert.equal(clock.toUtc(skipped, 1), Number.NaN);
    assert.equal(clock.toUtc(skipped, 2), Number.NaN);
    assert.equal(clock.isRepeated(skipped), false);
  }
  assert.equal(clock.toUtc(spring + HOUR_MS, 1), Date.UTC(2015, 2, 8, 8));
});

test("what is no reading or no pass is NaN", () => {
  const clock = new MarketClock("America/New_York");
  for (const wall of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e17, -1e300]) {
    for (const pass of [1, 2]) assert.equal(clock.toUtc(wall, pass), Number.NaN);
    assert.equal(clock.isRepeated(wall), false);
    assert.equal(clock.hoursInDay(wall), Number.NaN);
  }
  for (const wall of [Date.UTC(2024, 5, 1), Date.UTC(2024, 10, 3, 1)]) {
    for (const pass of [0, 3, 1.5, Number.NaN]) assert.equal(clock.toUtc(wall, pass), Number.NaN);
  }
  assert.equal(clock.toUtc(Date.UTC(2024, 10, 3, 1), 1), Date.UTC(2024, 10, 3, 5));
});

test("zones of other rules have Temporal's instants: half hours, changes at midnight, one given up", () => {
  for (const zone of [
    "America/St_Johns",
    "America/Mexico_City",
    "America/Havana",
    "America/Edmonton",
    "Australia/Lord_Howe",
    "America/Phoenix",
    "UTC",
  ]) {
    const clock = new MarketClock(zone);
    for (const wall of readingsNearChanges(temporalChanges(zone).changes.slice(0, 60))) {
      const expected = temporalInstants(wall, zone);
      assert.deepEqual(clockInstants(clock, wall), expected, `${zone} ${new Date(wall).toISOString()}`);
    }
  }
});

test("Etc/GMT+5 is known to the platform and is EST the whole year", () => {
  const clock = new MarketClock("Etc/GMT+5");
  for (let day = Date.UTC(2024, 0, 1) / DAY_MS; day < Date.UTC(2026, 0, 1) / DAY_MS; day++) {
    assert.equal(clock.dayStart(day), day * DAY_MS + 5 * HOUR_MS);
    assert.equal(clock.hoursInDay(day), 24);
    for (let hour = 0; hour < 24; hour++) {
      const instant = clock.toUtc(day * DAY_MS + hour * HOUR_MS, 1);
      assert.equal(instant, day * DAY_MS + (hour + 5) * HOUR_MS);
      assert.equal(clock.operatingDate(instant), day);
      assert.equal(clock.hourEnding(instant), hour + 1);
      assert.equal(clock.toUtc(day * DAY_MS + hour * HOUR_MS, 2), Number.NaN);
    }
  }
});
