import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import {
  dateReader,
  hourReader,
  readOffsetTimestamp,
  readRepeatedHourFlag,
  wallClockReader,
} from "../../src/csv/parse-date.js";
import { isoDate } from "../../src/time/calendar.js";
import { hourStart, LetteredHours, numberedHourStart } from "../../src/time/hour-ending.js";
import { MarketClock } from "../../src/time/market-clock.js";
import { OrderClock } from "../../src/time/order-clock.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Folder with files as the markets publish them, by ISO; without it there is nothing to test here. */
const root = process.env.GRIDPARQUET_REAL_DATA;
const skip = root === undefined ? "GRIDPARQUET_REAL_DATA is not set" : false;

function filesIn(folder: string, pattern: RegExp): string[] {
  const path = join(root!, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => pattern.test(name))
    .map((name) => join(path, name));
}

/** Records after the header, by column, less spaces around names and values. */
function records(bytes: Buffer): Record<string, string>[] {
  return parse(bytes, {
    columns: (header: string[]) => header.map((name) => name.trim()),
    trim: true,
    skip_empty_lines: true,
  });
}

/** The one entry of a zip: found through the central directory, which comes last. */
function onlyEntry(zip: Buffer): Buffer {
  const directory = zip.readUInt32LE(zip.lastIndexOf("PK\x05\x06") + 16);
  const size = zip.readUInt32LE(directory + 20);
  const local = zip.readUInt32LE(directory + 42);
  const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(data, data + size);
  return zip.readUInt16LE(directory + 10) === 0 ? bytes : inflateRawSync(bytes);
}

function read(reader: (bytes: Uint8Array, start: number, end: number) => number, text: string): number {
  const bytes = Buffer.from(text);
  return reader(bytes, 0, bytes.length);
}

/** Each series has every hour of its operating days once: none twice, none missing. */
function assertWholeDays(
  clock: MarketClock,
  series: Map<string, number[]>,
  hoursOf: (day: string) => number,
) {
  for (const [name, starts] of series) {
    const days = new Map<number, Set<number>>();
    for (const start of starts) {
      assert.ok(!Number.isNaN(start), name);
      const date = clock.operatingDate(start);
      const day = days.get(date) ?? new Set();
      assert.ok(!day.has(start), `${name} has ${new Date(start).toISOString()} twice`);
      days.set(date, day.add(start));
    }
    for (const [date, hours] of days) {
      assert.equal(hours.size, hoursOf(isoDate(date)), `${name} on ${isoDate(date)}`);
      for (let at = clock.dayStart(date); at < clock.dayStart(date + 1); at += HOUR_MS)
        assert.ok(hours.has(at), `${name} has no ${new Date(at).toISOString()}`);
    }
  }
}

function add(series: Map<string, number[]>, name: string, start: number): void {
  const starts = series.get(name);
  if (starts === undefined) series.set(name, [start]);
  else starts.push(start);
}

test("NYISO's hourly files: 24 hours of each location a day, 23 and 25 when clocks change", { skip }, () => {
  const clock = new MarketClock("America/New_York");
  const order = new OrderClock(clock, { stamp: "start" });
  const odd: Record<string, number> = { "2017-03-12": 23, "2017-11-05": 25, "2025-11-02": 25 };
  const stamp = wallClockReader("M/D/YYYY H:mm");
  const files = [
    ...filesIn("NYISO/damlbmp_zone", /\.csv$/),
    ...filesIn("NYISO/rtlbmp_zone", /^20251102rtlbmp_zone/),
  ];
  const seen = new Set<string>();
  for (const file of files) {
    order.reset();
    const series = new Map<string, number[]>();
    for (const record of records(readFileSync(file))) {
      add(series, record.Name!, order.toUtc(read(stamp, record["Time Stamp"]!), Number(record.PTID)));
      seen.add(isoDate(Math.floor(read(stamp, record["Time Stamp"]!) / DAY_MS)));
    }
    assertWholeDays(clock, series, (day) => odd[day] ?? 24);
  }
  for (const day of Object.keys(odd)) assert.ok(files.length === 0 || seen.has(day), day);
});

test("NYISO's five-minute files: stamps rise by five minutes, or less off the grid", { skip }, () => {
  const order = new OrderClock(new MarketClock("America/New_York"), { stamp: "end" });
  const stamp = wallClockReader("M/D/YYYY H:mm:ss");
  for (const file of filesIn("NYISO/realtime_zone", /\.csv$/)) {
    order.reset();
    const series = new Map<string, number[]>();
    for (const record of records(readFileSync(file)))
      add(series, record.Name!, order.toUtc(read(stamp, record["Time Stamp"]!), Number(record.PTID)));
    for (const [name, ends] of series) {
      for (let i = 1; i < ends.length; i++)
        assert.ok(ends[i]! > ends[i - 1]! && ends[i]! - ends[i - 1]! <= 300_000, `${file} ${name} ${i}`);
      assert.equal(ends.at(-1)! - ends[0]! + 300_000, DAY_MS);
    }
  }
});

test("ERCOT's yearly ancillary files: each hour of the year once", { skip }, () => {
  const clock = new MarketClock("America/Chicago");
  const odd: Record<string, number> = {
    "2014-03-09": 23,
    "2014-11-02": 25,
    "2015-03-08": 23,
    "2015-11-01": 25,
  };
  for (const file of filesIn("ERCOT/as_yearly", /\.(csv|zip)$/)) {
    const bytes = readFileSync(file);
    const starts = records(file.endsWith(".zip") ? onlyEntry(bytes) : bytes).map((record) =>
      hourStart(
        clock,
        read(dateReader("M/D/YYYY"), record["Delivery Date"]!),
        read(hourReader("HH:00"), record["Hour Ending"]!),
        read(readRepeatedHourFlag, record["Repeated Hour Flag"]!),
      ),
    );
    assertWholeDays(clock, new Map([[file, starts]]), (day) => odd[day] ?? 24);
    assert.equal(starts.length, 8760);
  }
});

test("ISO New England's day-ahead files: each hour of the day once for each location", { skip }, () => {
  const clock = new MarketClock("America/New_York");
  const hours = new LetteredHours(clock);
  for (const file of filesIn("ISONE/da", /^WW_DALMP_ISO_.*\.csv$/)) {
    hours.reset();
    const series = new Map<string, number[]>();
    for (const line of readFileSync(file, "latin1").split("\n")) {
      const [kind, date, hour, location] = line.split(",").map((cell) => cell.replaceAll('"', ""));
      if (kind !== "D") continue;
      const day = read(dateReader("M/D/YYYY"), date!);
      add(series, location!, hours.start(day, read(hourReader("h or 02X"), hour!)));
    }
    assert.ok(series.size > 0);
    assertWholeDays(clock, series, () => 24);
  }
});

test("CAISO's OPR_DT and OPR_HR agree with its UTC columns, the repeated hour 25 too", { skip }, () => {
  const clock = new MarketClock("America/Los_Angeles");
  const numbers = new Set<number>();
  const files = ["da", "hasp", "rtpd", "as"].flatMap((folder) => filesIn(`CAISO/${folder}`, /\.csv$/));
  for (const file of files) {
    let last = "";
    for (const line of readFileSync(file, "latin1").split("\n")) {
      const [start, , date, hour] = line.split(",");
      const key = `${start},${date},${hour}`;
      if (key === last || !start!.startsWith("2")) continue;
      last = key;
      const number = read(hourReader("h or 25"), hour!);
      numbers.add(number);
      const found = numberedHourStart(clock, read(dateReader("YYYY-MM-DD"), date!), number);
      const utc = read(readOffsetTimestamp, start!);
      assert.equal(found, utc - (utc % HOUR_MS), `${file}: ${line}`);
    }
  }
  assert.ok(files.length === 0 || numbers.has(25));
});
