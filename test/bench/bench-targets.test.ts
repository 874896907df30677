import assert from "node:assert/strict";
import { test } from "node:test";
import { benchTargets } from "../../bench/bench-targets.js";
import type { PeerResult } from "../../bench/table.js";
import { targetLine } from "../../bench/target.js";
import { usages } from "./made-up-records.js";

const peer = (name: string, wallSeconds: number, megabytes: number, outputBytes = 100): PeerResult => ({
  ...{ name, does: "", rows: 1, sorted: true, outputBytes },
  runs: usages([wallSeconds], megabytes),
});
const OWN = [
  peer("gridparquet-zstd", 1, 110),
  peer("gridparquet-snappy", 0.5, 50),
  peer("gridparquet-1-thread", 1.7, 90),
];

test("targets are held against the peers, the gap and the floor are said", () => {
  const targets = benchTargets({
    peers: [...OWN, peer("duckdb-year-zstd", 2.5, 200), peer("duckdb-file-zstd", 1.2, 300, 95)],
    year: [peer("gridparquet-zstd", 20, 132), peer("gridparquet-1-thread", 30, 100)],
    tenth: [peer("gridparquet-zstd", 2, 110)],
    smallFiles: { runs: usages([50, 20, 30], 100) },
    start: [peer("gridparquet-zstd", 0.28, 100), peer("duckdb-year-zstd", 0.2, 100)],
  });
  assert.deepEqual(targets.map(targetLine), [
    "wall / DuckDB by year          0.40 x         <= 0.50 x        met by 20 %",
    "wall / fastest peer            0.83 x         <= 0.67 x        missed by 24 %, floor MISSED",
    "peak memory / DuckDB by year   0.55 x         <= 0.45 x        missed by 22 %, floor met",
    "peak memory, a year / a tenth  1.20 x         <= 1.05 x        missed by 14 %, floor MISSED",
    "bytes / DuckDB, one file       1.05 x         <= 1.10 x        met by 4 %",
    "2 threads against 1, a month   1.70 x         >= 1.80 x        missed by 6 %, floor met",
    "2 threads against 1, a year    1.50 x         >= 1.80 x        missed by 17 %, floor MISSED",
    "a file of 100 rows             0.28 s         <= 0.35 s        met by 20 %",
    "a year of PJM                  20.00 s        <= 22.00 s       met by 9 %",
    "its peak memory                132 MB         <= 384 MB        met by 66 %",
    "a year of ERCOT's small zips   30.00 s        <= 25.00 s       missed by 20 %, floor met",
  ]);
});

test("what did not run is not measured", () => {
  const texts = benchTargets({ peers: OWN.slice(0, 1) }).map(targetLine);
  assert.ok(texts.every((text) => text.endsWith("not measured")));
});
