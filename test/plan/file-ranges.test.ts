import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import type { RecognisedFile } from "../../src/feeds/recognise.js";
import { fileRanges, RANGE_BYTES } from "../../src/plan/file-ranges.js";
import { planJobs } from "../../src/plan/plan-jobs.js";
import { summarisePlan } from "../../src/plan/plan-run.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { forSeeds } from "../helpers/random.js";

const END = Number.POSITIVE_INFINITY;

function file(bytes: number, more: Partial<RecognisedFile> = {}): RecognisedFile {
  const source = { path: "a", entry: [], bytes, locations: [], gzip: false };
  const start = { header: [], dataStart: 100, firstLine: 2, recordBytes: 100, day: null, firstStart: 0 };
  return { path: "a", source, bytes, sample: 0, feed: DA_HOURLY, alsoOf: [], ...start, ...more };
}

test("a file of more than two ranges is cut into even ones, the last one open", () => {
  assert.equal(fileRanges(file(2000), 1000), null);
  assert.deepEqual(fileRanges(file(2001), 1000), [
    { from: 100, to: 1051 },
    { from: 1051, to: END },
  ]);
  assert.deepEqual(fileRanges(file(3100), 1000), [
    { from: 100, to: 1100 },
    { from: 1100, to: 2100 },
    { from: 2100, to: END },
  ]);
  assert.equal(fileRanges(file(2 * RANGE_BYTES), RANGE_BYTES), null);
  assert.equal(fileRanges(file(2e9), RANGE_BYTES)!.length, 60);
});

test("ranges follow one another, are no larger than asked for, and none is empty", () => {
  forSeeds(500, (random) => {
    const dataStart = random.int(0, 300);
    const rangeBytes = random.int(1, 500);
    const bytes = random.int(1, 3000);
    const ranges = fileRanges(file(bytes, { dataStart }), rangeBytes);
    if (bytes <= 2 * rangeBytes || bytes <= dataStart) return assert.equal(ranges, null);
    assert.equal(ranges![0]!.from, dataStart);
    assert.equal(ranges!.at(-1)!.to, END);
    for (const [at, { from, to }] of ranges!.entries()) {
      const end = Math.min(to, bytes);
      assert.ok(end > from && end - from <= rangeBytes);
      if (at > 0) assert.equal(from, ranges![at - 1]!.to);
    }
  });
});

test("what is packed, or whose records depend on those before them, is not cut", () => {
  const packed = { path: "a.zip", entry: ["a.csv"], bytes: 9000, locations: [], gzip: false };
  assert.equal(fileRanges(file(9000, { source: packed }), 1000), null);
  assert.equal(fileRanges(file(9000, { source: { ...packed, entry: [], gzip: true } }), 1000), null);
  const layouts: Partial<FeedDefinition>[] = [
    { recordTypes: { column: "H", data: "D", other: [], trailer: "T" } },
    { repeatedHour: "by_order" },
    { shortDayByEnd: true },
    { dateAbove: ["M/D/YYYY"] },
  ];
  for (const layout of layouts)
    assert.equal(fileRanges(file(9000, { feed: { ...DA_HOURLY, ...layout } }), 1000), null);
});

test("each range is a task of its own, between those of the files around; the file is in the plan once", () => {
  const sizes = [500, 500, 3100, 500, 500];
  const files = sizes.map((bytes, at) => file(bytes, { path: `f${at}`, firstStart: at }));
  const jobs = planJobs(files, 50, 1000);
  assert.deepEqual(jobs[0]!.groups[0]!.tasks, [
    { files: [0, 1], range: null },
    { files: [2], range: { from: 100, to: 1100 } },
    { files: [2], range: { from: 1100, to: 2100 } },
    { files: [2], range: { from: 2100, to: END } },
    { files: [3, 4], range: null },
  ]);
  assert.equal(jobs[0]!.bytes, 5100);
  assert.deepEqual(
    summarisePlan(jobs).files.map((planned) => planned.file),
    ["f0", "f1", "f2", "f3", "f4"],
  );
});
