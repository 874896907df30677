import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { readCoverage } from "../../src/dataset/coverage.js";
import { isoDate } from "../../src/time/calendar.js";
import { dayOf, dayRows, daysFrom, putYears } from "../helpers/datasets.js";
import { folder, put } from "../helpers/folder.js";
import { loadEncoders } from "../helpers/parquet-files.js";

before(loadEncoders);

test("missing days are those between the feed's first and last, over all of its years", async (t) => {
  const out = folder(t);
  const days = daysFrom("2024-12-28", "2025-01-05", ["2024-12-31", "2025-01-01", "2025-01-04"]);
  await putYears(out, dayRows(days));
  const { feeds, stray } = await readCoverage(out);
  assert.deepEqual(stray, []);
  const [feed, ...more] = feeds;
  assert.deepEqual(more, []);
  assert.deepEqual([isoDate(feed!.firstDay), isoDate(feed!.lastDay)], ["2024-12-28", "2025-01-05"]);
  assert.deepEqual(feed!.missing.map(isoDate), ["2024-12-31", "2025-01-01", "2025-01-04"]);
  assert.deepEqual(feed!.partial, []);
  assert.equal(feed!.rows, days.length * 72);
  assert.deepEqual(
    feed!.years.map(({ year, days, missing, rows, rowsPerInterval, rowGroups }) => {
      return { year, days, missing, rows, rowsPerInterval, rowGroups };
    }),
    [
      { year: 2024, days: 3, missing: 1, rows: 216, rowsPerInterval: 3, rowGroups: 1 },
      { year: 2025, days: 3, missing: 2, rows: 216, rowsPerInterval: 3, rowGroups: 1 },
    ],
  );
});

test("the days on which clocks change are whole with 23 and 25 hours", async (t) => {
  const out = folder(t);
  await putYears(out, [
    ...dayRows(daysFrom("2025-03-07", "2025-03-12")),
    ...dayRows(daysFrom("2025-10-31", "2025-11-05")),
  ]);
  const [feed] = (await readCoverage(out)).feeds;
  const hours = (date: string) => feed!.dayIntervals[dayOf(date) - feed!.firstDay];
  assert.deepEqual([hours("2025-03-09"), hours("2025-11-02"), hours("2025-11-03")], [23, 25, 24]);
  assert.deepEqual(feed!.partial, []);
});

test("a long day with 24 hours and a short day with 22 are partial", async (t) => {
  const out = folder(t);
  await putYears(out, [
    ...dayRows(daysFrom("2025-03-07", "2025-03-12", ["2025-03-09"])),
    ...dayRows([dayOf("2025-03-09")], 3, 22),
    ...dayRows(daysFrom("2025-10-31", "2025-11-05", ["2025-11-02"])),
    ...dayRows([dayOf("2025-11-02")], 3, 24),
  ]);
  const [feed] = (await readCoverage(out)).feeds;
  assert.deepEqual(
    feed!.partial.map(({ day, intervals, expectedIntervals }) => [
      isoDate(day),
      intervals,
      expectedIntervals,
    ]),
    [
      ["2025-03-09", 22, 23],
      ["2025-11-02", 24, 25],
    ],
  );
});

test("a day with fewer locations than its neighbours is partial; a change for good is not", async (t) => {
  const out = folder(t);
  await putYears(out, [
    ...dayRows(daysFrom("2024-05-01", "2024-05-09"), 10),
    ...dayRows([dayOf("2024-05-10")], 9),
    ...dayRows(daysFrom("2024-05-11", "2024-05-19"), 10),
    ...dayRows(daysFrom("2024-05-20", "2024-05-31"), 5),
  ]);
  const [feed] = (await readCoverage(out)).feeds;
  assert.deepEqual(
    feed!.partial.map(({ day, rowsPerInterval, expectedRowsPerInterval }) => {
      return [isoDate(day), rowsPerInterval, expectedRowsPerInterval];
    }),
    [["2024-05-10", 9, 10]],
  );
});

test("the last day, of which only some hours are there, is partial; a single day is not", async (t) => {
  const out = folder(t);
  await putYears(out, [
    ...dayRows(daysFrom("2024-05-01", "2024-05-03")),
    ...dayRows([dayOf("2024-05-04")], 3, 1),
  ]);
  await putYears(out, dayRows([dayOf("2024-05-04")], 3, 1), { feed: "single" });
  const { feeds } = await readCoverage(out);
  assert.deepEqual(
    feeds.map(({ feed, partial }) => [feed, partial.map(({ day }) => isoDate(day))]),
    [
      ["da_hourly", ["2024-05-04"]],
      ["single", []],
    ],
  );
});

test("a file without day counts is counted by its rows", async (t) => {
  const [out, old] = [folder(t), folder(t)];
  const rows = dayRows(daysFrom("2025-10-30", "2025-11-05", ["2025-11-04"]));
  await putYears(out, rows);
  await putYears(old, rows, { withoutCounts: true });
  const [feed] = (await readCoverage(out)).feeds;
  const [counted] = (await readCoverage(old)).feeds;
  assert.deepEqual(
    [counted!.dayRows, counted!.dayIntervals, counted!.missing],
    [feed!.dayRows, feed!.dayIntervals, feed!.missing],
  );
});

test("damaged and foreign files are said, and hurt no other", async (t) => {
  const out = folder(t);
  const [path] = await putYears(out, dayRows(daysFrom("2024-05-01", "2024-05-03")));
  const whole = readFileSync(join(out, path!));
  const year = (iso: string) => `energy/iso=${iso}/market=DA/feed=da_hourly/year=2024`;
  put(out, `${year("A")}/a_da_hourly_2024.parquet`, "");
  put(out, `${year("B")}/b_da_hourly_2024.parquet`, whole.subarray(0, -10));
  put(out, `${year("C")}/c_da_hourly_2024.parquet`, whole);
  put(out, `${year("PJM")}/notes.txt`, "hello");
  put(out, `${year("PJM")}/pjm_da_hourly_2024.parquet.partial`, whole);
  put(out, `${year("PJM")}/_temporary`, "passed over by engines");
  put(out, "stray.parquet", whole);
  const { feeds, stray } = await readCoverage(out);
  assert.deepEqual(
    feeds.map(({ iso }) => iso),
    ["PJM"],
  );
  const found = Object.fromEntries(stray.map(({ path, kind, reason }) => [path, `${kind}: ${reason}`]));
  assert.deepEqual(found, {
    "stray.parquet": "foreign: it lies in no table's folder",
    [`${year("PJM")}/notes.txt`]: "foreign: it is no year file",
    [`${year("PJM")}/pjm_da_hourly_2024.parquet.partial`]:
      "unfinished: a run is at work on it, or was killed",
    [`${year("A")}/a_da_hourly_2024.parquet`]: "unreadable: it is empty",
    [`${year("B")}/b_da_hourly_2024.parquet`]:
      "unreadable: it does not end with PAR1: it is cut off, or something was added",
    [`${year("C")}/c_da_hourly_2024.parquet`]: "unreadable: it says that it is PJM/da_hourly/2024",
  });
});

test("the filter chooses ISOs, feeds and years", async (t) => {
  const out = folder(t);
  const rows = dayRows(daysFrom("2024-12-30", "2025-01-02"));
  for (const iso of ["PJM", "NYISO"])
    for (const feed of ["da_hourly", "da_zone"]) await putYears(out, rows, { iso, feed });
  const shown = async (filter: Parameters<typeof readCoverage>[1]) =>
    (await readCoverage(out, filter)).feeds.flatMap(({ iso, feed, years }) =>
      years.map(({ year }) => `${iso} ${feed} ${year}`),
    );
  assert.equal((await shown({})).length, 8);
  assert.deepEqual(await shown({ isos: ["NYISO"], years: [2025] }), [
    "NYISO da_hourly 2025",
    "NYISO da_zone 2025",
  ]);
  assert.deepEqual(await shown({ feeds: ["da_zone"], years: [2024] }), [
    "NYISO da_zone 2024",
    "PJM da_zone 2024",
  ]);
  assert.deepEqual(await shown({ years: [1999] }), []);
});

test("no dataset: an error that says what to give", async (t) => {
  const out = folder(t);
  await assert.rejects(readCoverage(join(out, "missing")), { code: "input-missing" });
  await assert.rejects(readCoverage(out), { code: "input-empty", message: /holds no dataset/ });
  mkdirSync(join(out, "energy", "iso=PJM"), { recursive: true });
  await assert.rejects(readCoverage(out), { code: "input-empty" });
  await assert.rejects(readCoverage(join(out, "energy")), { code: "input-empty", hint: /above / });
  put(out, "file", "");
  await assert.rejects(readCoverage(join(out, "file")), { code: "input-unreadable" });
});
