import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryTable, type PeerResult, resultTable } from "../../bench/table.js";
import { median } from "../../src/bench/median.js";

function result(name: string, wallSeconds: number[], peakMegabytes: number): PeerResult {
  const runs = wallSeconds.map((wall) => ({
    wallSeconds: wall,
    cpuSeconds: 2 * wall,
    peakRssBytes: peakMegabytes * 1e6,
  }));
  return { name, does: "", runs, rows: 10, outputBytes: 25_300_000, sorted: name.startsWith("gridparquet") };
}

const RESULTS = [
  result("gridparquet-zstd", [1.6, 1.5, 9], 210),
  result("duckdb-year-zstd", [3.2, 3, 4], 840),
  result("duckdb-file-any-order", [2.4, 2.4, 2.4], 12_345),
];

test("the median does not follow one slow run", () => {
  assert.equal(median([9, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
});

test("results are in proportion to DuckDB's output by year", () => {
  const lines = resultTable(RESULTS, 546_737_630).split("\n");
  assert.match(lines[1]!, /^gridparquet-zstd +1\.60 +342 +3\.20 +210 +25\.3 +0\.50 +0\.25 +yes$/);
  assert.match(lines[2]!, /^duckdb-year-zstd +3\.20 +171 +6\.40 +840 +25\.3 +1\.00 +1\.00 +no$/);
});

test("without that peer there are no proportions", () => {
  const lines = resultTable(RESULTS.slice(0, 1), 1e6).split("\n");
  assert.match(lines[1]!, / - +- +yes$/);
});

test("tables fit 80 columns", () => {
  const sets = [1, 10].map((scale) => ({ inputBytes: scale * 546_737_630, results: RESULTS }));
  for (const line of `${resultTable(RESULTS, 5e9)}${memoryTable(sets)}`.split("\n")) {
    assert.ok(line.length <= 80, line);
  }
});

test("memory is shown by input size, a missing peer as a dash", () => {
  const sets = [
    { inputBytes: 547e6, results: RESULTS },
    { inputBytes: 5470e6, results: RESULTS.slice(0, 1) },
  ];
  const lines = memoryTable(sets).split("\n");
  assert.match(lines[0]!, /547 MB +5470 MB$/);
  assert.match(lines[1]!, /^gridparquet-zstd +210 +210$/);
  assert.match(lines[2]!, /^duckdb-year-zstd +840 +-$/);
});
