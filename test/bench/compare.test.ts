import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRecords, comparisonTable, differencesOf } from "../../bench/compare-records.js";
import type { BenchRecord } from "../../bench/record-types.js";
import { CIRCUMSTANCES, datasetRecord, memoryRecord, peersRecord, usages } from "./made-up-records.js";

const soak = (seconds: number[], rss: number[]): BenchRecord => ({
  ...CIRCUMSTANCES,
  bench: "soak",
  options: { minutes: 1, days: 30, nodes: 6000, threads: 2 },
  input: { files: 30, rows: 1, bytes: 2 },
  wallSeconds: seconds,
  samples: rss.map((megabytes, second) => ({ seconds: second, rssBytes: megabytes * 1e6 })),
  trend: { firstThirdBytes: 0, lastThirdBytes: 0, bytesPerHour: 7e6 },
});

const startup = (wall: number[]): BenchRecord => ({
  ...CIRCUMSTANCES,
  bench: "startup",
  options: { rounds: 2, rows: 100 },
  results: [{ name: "node -e 0", runs: usages(wall, 40) }],
});

const layouts = (wall: number[], inflateSeconds: number[]): BenchRecord => ({
  ...CIRCUMSTANCES,
  bench: "layouts",
  options: { only: [], megabytes: 100, rounds: 2, threads: 2 },
  results: [
    {
      name: "PJM gzip",
      input: { days: 1, files: 1, csvBytes: 1, bytes: 1 },
      rows: 1,
      runs: usages(wall, 200),
      inflateSeconds,
    },
  ],
  failed: [],
});

test("a difference counts when no round lies within those of the other record", () => {
  const a = peersRecord([3, 1, 2], [4, 5, 6]);
  const verdicts = (gridparquet: number[], duckdb: number[]) =>
    compareRecords(a, peersRecord(gridparquet, duckdb))
      .filter(({ quantity }) => quantity === "wall s")
      .map(({ verdict }) => verdict);
  assert.deepEqual(verdicts([0.7, 0.8, 0.9], [6.1, 7, 8]), ["lower", "higher"]);
  // Medians far apart, ranges that touch.
  assert.deepEqual(verdicts([3, 9, 9], [1, 1, 4]), ["within spread", "within spread"]);
  // One round has no spread to go by.
  assert.deepEqual(verdicts([9], [1]), [null, null]);
});

test("medians and their ratio are those of the rounds", () => {
  const [wall, cpu, peak] = compareRecords(peersRecord([1, 2, 9], []), peersRecord([3, 3, 3], []));
  assert.deepEqual(wall, {
    ...{ name: "gridparquet-zstd", quantity: "wall s", a: 2, b: 3, ratio: 1.5 },
    verdict: "within spread",
  });
  assert.deepEqual([cpu!.a, cpu!.b], [4, 6]);
  assert.deepEqual([peak!.a, peak!.b, peak!.ratio, peak!.verdict], [300, 300, 1, "within spread"]);
});

test("what only one record has is shown without a ratio", () => {
  const a = memoryRecord([300]);
  const b = memoryRecord([300, 400]);
  const alone = { name: "10x", quantity: "peak MB", ratio: null, verdict: null };
  assert.deepEqual(compareRecords(a, b).at(-1), { ...alone, a: null, b: 400 });
  assert.deepEqual(compareRecords(b, a).at(-1), { ...alone, a: 400, b: null });
});

test("each kind of record is compared with its own, and with no other", () => {
  const pairs: [BenchRecord, BenchRecord, string[]][] = [
    [startup([1, 2]), startup([3, 4]), ["wall s", "CPU s", "peak MB"]],
    [layouts([1, 2], [1, 1]), layouts([3, 4], [2, 2]), ["wall s", "CPU s", "peak MB", "inflate s"]],
    [memoryRecord([1]), memoryRecord([2]), ["wall s", "CPU s", "peak MB"]],
    [soak([1, 2], [1, 9, 9, 9]), soak([3, 4], [1, 5, 5, 5]), ["wall s", "RSS MB", "slope MB/h"]],
  ];
  for (const [a, b, quantities] of pairs) {
    const comparisons = compareRecords(a, b);
    assert.deepEqual(
      comparisons.map(({ quantity }) => quantity),
      quantities,
    );
    assert.throws(() => compareRecords(a, peersRecord([1], [1])), /A is a record of/);
  }
  const [wall, rss, slope] = compareRecords(soak([1, 2], [1, 9, 9, 9]), soak([3, 4], [1, 5, 5, 5]));
  assert.equal(wall!.verdict, "higher");
  // The first third, in which memory fills, is left out.
  assert.deepEqual([rss!.a, rss!.b, rss!.verdict], [9, 5, "lower"]);
  assert.deepEqual([slope!.a, slope!.ratio, slope!.verdict], [7, 1, null]);
});

test("the table names each peer once, within 80 columns", () => {
  const table = comparisonTable(compareRecords(peersRecord([1, 1], [2, 2]), peersRecord([3, 3], [2, 2])));
  assert.deepEqual(
    table.split("\n").map((line) => line.trim().split(/ {2,}/)),
    [
      ["A", "B", "B/A", "B is"],
      ["gridparquet-zstd", "wall s", "1.00", "3.00", "3.00", "higher"],
      ["CPU s", "2.00", "6.00", "3.00", "higher"],
      ["peak MB", "300.00", "300.00", "1.00", "within spread"],
      ["duckdb-year-zstd", "wall s", "2.00", "2.00", "1.00", "within spread"],
      ["CPU s", "4.00", "4.00", "1.00", "within spread"],
      ["peak MB", "500.00", "500.00", "1.00", "within spread"],
      [""],
    ],
  );
  for (const line of table.split("\n")) assert.ok(line.length <= 80, line);
});

test("records of datasets are compared process by process", () => {
  const comparisons = compareRecords(datasetRecord(), datasetRecord());
  assert.equal(comparisons.length, 30);
  assert.deepEqual(comparisons[9], {
    ...{ name: "update, one day", quantity: "wall s", a: 1.5, b: 1.5, ratio: 1 },
    verdict: "within spread",
  });
  assert.deepEqual(differencesOf(datasetRecord(), datasetRecord()), []);
});

test("other machines, versions, options or inputs are said", () => {
  const a = memoryRecord([300]);
  assert.deepEqual(differencesOf(a, memoryRecord([400])), []);
  const b = { ...memoryRecord([300, 400]), machine: { ...a.machine, cores: 64 } };
  assert.match(
    differencesOf(a, b).join("\n"),
    /^The machines differ: .*64.*\nThe inputs differ: A \[.*\], B/,
  );
});
