import assert from "node:assert/strict";
import { test } from "node:test";
import { benchTargets } from "../../bench/bench-targets.js";
import type { PeerResult } from "../../bench/table.js";
import { gapText, targetTable } from "../../bench/target.js";
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

test("targets are held against the peers on each input, the gap and the floor are said, within 80 columns", () => {
  const duckdb = [peer("duckdb-year-zstd", 2.5, 200), peer("duckdb-file-zstd", 1.2, 300, 95)];
  const tables = benchTargets({
    peers: [...OWN, ...duckdb],
    year: [
      peer("gridparquet-zstd", 20, 132, 900),
      peer("gridparquet-1-thread", 30, 100),
      peer("duckdb-year-zstd", 80, 600),
      peer("duckdb-file-any-order", 50, 300, 1000),
      peer("polars-file-zstd", 60, 300, 100),
    ],
    tenth: [peer("gridparquet-zstd", 2, 110)],
    smallFiles: { runs: usages([50, 20, 30], 100) },
    start: [peer("gridparquet-zstd", 0.28, 100), peer("duckdb-year-zstd", 0.2, 100)],
  }).map(targetTable);
  assert.deepEqual(tables, [
    `a year of PJM                 measured  target
wall / DuckDB by year         0.25 x    <= 0.50 x   met by 50 %
wall / fastest peer           0.40 x    <= 0.67 x   met by 40 %
peak memory / DuckDB by year  0.22 x    <= 0.45 x   met by 51 %
bytes / DuckDB, one file      0.90 x    <= 1.10 x   met by 18 %
2 threads against 1           1.50 x    >= 1.80 x   missed by 17 %, floor MISSED
peak memory / a tenth of it   1.20 x    <= 1.05 x   missed by 14 %, floor MISSED
wall                          20.00 s   <= 22.00 s  met by 9 %
peak memory                   132 MB    <= 384 MB   met by 66 %
`,
    `a month of PJM                measured  target
wall / DuckDB by year         0.40 x    <= 0.50 x  met by 20 %
wall / fastest peer           0.83 x    <= 0.67 x  missed by 24 %, floor MISSED
peak memory / DuckDB by year  0.55 x    <= 0.45 x  missed by 22 %, floor met
bytes / DuckDB, one file      1.05 x    <= 1.10 x  met by 4 %
2 threads against 1           1.70 x    >= 1.80 x  missed by 6 %, floor met
`,
    `other inputs                  measured  target
a file of 100 rows            0.28 s    <= 0.35 s   met by 20 %
a year of ERCOT's small zips  30.00 s   <= 25.00 s  missed by 20 %, floor met
`,
  ]);
  for (const line of tables.join("").split("\n")) assert.ok(line.length <= 80, line);
});

test("of an input of which nothing was measured there is no table, of another all that is to be measured", () => {
  assert.deepEqual(benchTargets({ peers: OWN.slice(0, 1) }), []);
  const [year, ...others] = benchTargets({ year: OWN.slice(0, 1) });
  assert.deepEqual(others, []);
  const gaps = year!.targets.map(gapText);
  assert.deepEqual(gaps, [...Array(6).fill("not measured"), "met by 95 %", "met by 71 %"]);
});
