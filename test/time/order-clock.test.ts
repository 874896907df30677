import assert from "node:assert/strict";
import { test } from "node:test";
import { Temporal } from "temporal-polyfill";
import { MarketClock } from "../../src/time/market-clock.js";
import { OrderClock } from "../../src/time/order-clock.js";
import { Random } from "../helpers/random.js";

const ZONE = "America/New_York";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A row as a file has it, and the instant that it stands for. */
interface Row {
  wall: number;
  location: number;
  instant: number;
}

/** By year, the day on which clocks go back, or forward. */
function changeDays(hours: 23 | 25): number[] {
  const days: number[] = [];
  for (let year = 1998; year <= 2037; year++) {
    let time = Temporal.ZonedDateTime.from(`${year}-01-01T00:00[${ZONE}]`);
    for (;;) {
      time = time.getTimeZoneTransition("next")!;
      if (time.startOfDay().hoursInDay === hours) break;
    }
    days.push(time.startOfDay().epochMilliseconds);
  }
  return days;
}

const LONG_DAYS = changeDays(25);
const SHORT_DAYS = changeDays(23);

function wallOf(instant: number): number {
  const time = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(ZONE);
  return instant + time.offsetNanoseconds / 1e6;
}

/** Instants of the stamps of a day that starts at `start`. */
function stamps(start: number, series: "hourly" | "five-minute", random: Random): number[] {
  const length = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(ZONE).hoursInDay;
  const instants: number[] = [];
  if (series === "hourly") {
    for (let hour = 0; hour < length; hour++) instants.push(start + hour * HOUR_MS);
    return instants;
  }
  for (let minute = 5; minute <= length * 60; minute += 5) {
    // Runs off the grid come on top of the regular ones.
    if (random.chance(0.1)) instants.push(start + minute * MINUTE_MS - random.int(1, 299) * 1000);
    instants.push(start + minute * MINUTE_MS);
  }
  return instants;
}

/** The rows of a file: interval by interval, or location by location. */
function fileOf(instants: readonly number[], layout: "interleaved" | "blocks", random: Random): Row[] {
  const locations = Array.from({ length: 5 }, () => random.int(0, 1_000_000_000));
  const row = (instant: number, location: number) => ({ wall: walls.get(instant)!, location, instant });
  const walls = new Map(instants.map((instant) => [instant, wallOf(instant)]));
  if (layout === "blocks")
    return locations.flatMap((location) => instants.map((instant) => row(instant, location)));
  return instants.flatMap((instant) => random.shuffle(locations).map((location) => row(instant, location)));
}

function assertFile(clock: OrderClock, rows: readonly Row[]): void {
  clock.reset();
  for (const { wall, location, instant } of rows) {
    const found = clock.toUtc(wall, location);
    if (found !== instant)
      assert.fail(`${new Date(wall).toISOString()} is ${found}, not ${new Date(instant).toISOString()}`);
  }
}

for (const series of ["hourly", "five-minute"] as const) {
  for (const layout of ["interleaved", "blocks"] as const) {
    const stamp = series === "hourly" ? "start" : "end";

    test(`${series} files, ${layout}: each autumn and spring day of 40 years`, () => {
      const random = new Random(4);
      const clock = new OrderClock(new MarketClock(ZONE), { stamp });
      for (const start of [...LONG_DAYS, ...SHORT_DAYS])
        assertFile(clock, fileOf(stamps(start, series, random), layout, random));
    });

    test(`${series} files, ${layout}: three days in one file, and the file's rows twice`, () => {
      const random = new Random(5);
      const clock = new OrderClock(new MarketClock(ZONE), { stamp });
      for (const start of LONG_DAYS.slice(20, 30)) {
        const around = [start - DAY_MS, start, start + 25 * HOUR_MS];
        const instants = around.flatMap((day) => stamps(day, series, random));
        const rows = fileOf(instants, layout, random);
        assertFile(clock, [...rows, ...rows]);
      }
    });
  }
}

test("years of one series after the other keep their passes apart", () => {
  const random = new Random(6);
  const clock = new OrderClock(new MarketClock(ZONE), { stamp: "start" });
  const instants = LONG_DAYS.flatMap((start) => stamps(start, "hourly", random));
  for (const layout of ["interleaved", "blocks"] as const)
    assertFile(clock, fileOf(instants, layout, random));
});

test("intervals that are missing do not matter as long as the clock is seen to go back", () => {
  const random = new Random(7);
  const clock = new OrderClock(new MarketClock(ZONE), { stamp: "end" });
  for (const start of LONG_DAYS) {
    const all = stamps(start, "five-minute", random);
    const repeated = start + 2 * HOUR_MS;
    // The pass shows as long as the last stamp of the first is at 1:30 or later and the first of the second before.
    const kept = all.filter(
      (instant) =>
        instant === repeated - 30 * MINUTE_MS ||
        instant === repeated + 20 * MINUTE_MS ||
        !random.chance(instant > repeated && instant < repeated + 20 * MINUTE_MS ? 1 : 0.5),
    );
    assertFile(clock, fileOf(kept, "interleaved", random));
  }
});

const LONG = Date.UTC(2025, 10, 2);
/** What a clock makes of one location's stamps on 2025-11-02, as times of day in UTC. */
function read(stamp: "start" | "end", times: readonly string[]): string[] {
  const clock = new OrderClock(new MarketClock(ZONE), { stamp });
  return times.map((time) => {
    const instant = clock.toUtc(Date.parse(`2025-11-02T${time}Z`), 7);
    return Number.isNaN(instant) ? "NaN" : new Date(instant).toISOString().slice(11, 16);
  });
}

test("hourly stamps by hand", () => {
  assert.deepEqual(read("start", ["00:00", "01:00", "01:00", "02:00", "23:00"]), [
    "04:00",
    "05:00",
    "06:00",
    "07:00",
    "04:00",
  ]);
  // A file with one of the passes alone has the first.
  assert.deepEqual(read("start", ["00:00", "01:00", "02:00"]), ["04:00", "05:00", "07:00"]);
});

test("five-minute stamps by hand", () => {
  const times = ["00:55", "01:00", "01:05", "01:55", "01:00", "01:05", "01:55", "02:00", "02:05"];
  assert.deepEqual(read("end", times), [
    "04:55",
    "05:00",
    "05:05",
    "05:55",
    "06:00",
    "06:05",
    "06:55",
    "07:00",
    "07:05",
  ]);
});

test("02:00 as an end is in doubt when the second pass has not been seen, and only then", () => {
  const named = ["01:00", "01:05", "01:55", "02:00", "01:05", "01:55", "02:00", "02:05"];
  assert.deepEqual(read("end", named), [
    "05:00",
    "05:05",
    "05:55",
    "NaN",
    "06:05",
    "06:55",
    "07:00",
    "07:05",
  ]);
  assert.deepEqual(read("end", ["01:55", "02:00", "02:05"]), ["05:55", "NaN", "07:05"]);
  assert.deepEqual(read("end", ["00:55", "02:00", "02:05"]), ["04:55", "07:00", "07:05"]);
});

test("stamps whose pass cannot be told are NaN", () => {
  assert.deepEqual(read("start", ["01:00", "01:00", "01:00", "02:00"]), ["05:00", "06:00", "NaN", "07:00"]);
  assert.deepEqual(read("start", ["03:00", "02:00", "01:00", "01:00", "00:00"]), [
    "08:00",
    "07:00",
    "NaN",
    "NaN",
    "04:00",
  ]);
  assert.deepEqual(read("end", ["01:50", "01:50", "01:55", "01:05", "02:00"]), [
    "05:50",
    "06:50",
    "06:55",
    "NaN",
    "07:00",
  ]);
});

test("a new file starts anew", () => {
  const clock = new OrderClock(new MarketClock(ZONE), { stamp: "start" });
  const wall = LONG + HOUR_MS;
  assert.equal(clock.toUtc(wall, 1), LONG + 5 * HOUR_MS);
  clock.reset();
  assert.equal(clock.toUtc(wall, 1), LONG + 5 * HOUR_MS);
  assert.equal(clock.toUtc(wall, 1), LONG + 6 * HOUR_MS);
});

test("the skipped hour and what is no reading are NaN", () => {
  for (const stamp of ["start", "end"] as const) {
    const clock = new OrderClock(new MarketClock(ZONE), { stamp });
    const spring = Date.UTC(2017, 2, 12);
    assert.equal(clock.toUtc(spring + 2 * HOUR_MS - 1000, 1), spring + 7 * HOUR_MS - 1000);
    assert.equal(clock.toUtc(spring + 2 * HOUR_MS, 1), Number.NaN);
    assert.equal(clock.toUtc(spring + 3 * HOUR_MS, 1), spring + 7 * HOUR_MS);
    for (const wall of [Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(clock.toUtc(wall, 1), Number.NaN);
  }
});

test("a clock that never changes needs no order", () => {
  const clock = new OrderClock(new MarketClock("Etc/GMT+5"), { stamp: "start" });
  for (let hour = 0; hour < 24; hour++) {
    for (let repeat = 0; repeat < 3; repeat++)
      assert.equal(clock.toUtc(LONG + hour * HOUR_MS, 1), LONG + (hour + 5) * HOUR_MS);
  }
});
