import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { checkoutRoot } from "../../bench/checkout.js";
import { benchMarkdown, benchOf, newestForReadme, replaceBench } from "../../bench/readme-markdown.js";
import { resultsFolder } from "../../bench/record.js";
import type { LayoutsRecord } from "../../bench/record-types.js";
import { folder, put } from "../helpers/folder.js";
import {
  CIRCUMSTANCES,
  datasetRecord,
  memoryRecord,
  peersRecord,
  usages,
  wholeRecord,
} from "./made-up-records.js";

const readme = readFileSync(path.join(checkoutRoot(), "README.md"), "utf8");

test("the README's benchmark is what the newest records give", async (t) => {
  assert.notEqual(benchOf(readme), undefined, "README.md has no place for the benchmark");
  const records = await newestForReadme(resultsFolder(checkoutRoot()));
  if (records === undefined) t.skip("bench/results has no record of all peers");
  else assert.equal(benchOf(readme), benchMarkdown(records), "`npm run bench:readme` brings it up to date");
});

test("commit, machine, versions and medians come from the record", () => {
  const text = benchMarkdown({
    peers: peersRecord([2, 1, 9], [4, 4, 4]),
    memory: memoryRecord([300, 330]),
  });
  assert.equal(
    text,
    `Medians of 3 rounds of \`npm run bench\` on 2025-03-04 (commit 0123456): Example CPU 1.0, 2 cores, 16 GB, Node 20.19.0,
DuckDB 1.2.3, 2 threads each. × columns are multiples of \`duckdb-year-zstd\`.

PJM's day-ahead prices: 30 files, 547 MB, 4.3 million rows.

| | wall s | CPU s | peak MB | out MB | wall × | memory × | sorted |
| - | -: | -: | -: | -: | -: | -: | - |
| \`gridparquet-zstd\` | 2.00 | 4.00 | 300 | 23.0 | 0.50 | 0.60 | yes |
| \`duckdb-year-zstd\` | 4.00 | 8.00 | 500 | 23.0 | 1.00 | 1.00 | no |

\`polars-file-zstd\` did not run: it does not load.

| a month of PJM | measured | target |
| - | -: | -: |
| wall / DuckDB by year | 0.50 × | ≤ 0.50 × |
| wall / fastest peer | 0.50 × | ≤ 0.67 × |
| peak memory / DuckDB by year | 0.60 × | ≤ 0.45 × |

Peak memory of gridparquet by size of the input, medians of 2 rounds of \`npm run bench:memory\` on 2025-03-04 (commit
0123456): Example CPU 1.0, 2 cores, 16 GB, Node 20.19.0, 2 threads: 300 MB for 500 MB, 330 MB for 5000 MB.
`,
  );
});

test("peers stand beside each other for a year and for a month, and all parts in tables of targets", () => {
  const record = wholeRecord([2, 2, 2], [4, 4, 4]);
  record.year!.peers[1]!.runs.pop();
  const text = benchMarkdown({ peers: record });
  assert.ok(
    text.includes(`
A year of PJM's day-ahead prices: 366 files, 7000 MB, 55.0 million rows, in 2 rounds where one takes more than 15 s.

| | wall s | CPU s | peak MB | out MB | wall × | memory × | sorted |
| - | -: | -: | -: | -: | -: | -: | - |
| \`gridparquet-zstd\` | 2.00 | 4.00 | 300 | 23.0 | 0.50 | 0.60 | yes |
| \`duckdb-year-zstd\` | 4.00 | 8.00 | 500 | 23.0 | 1.00 | 1.00 | no |

\`polars-file-zstd\` did not run: it does not load.

A month of them: 30 files, 547 MB, 4.3 million rows.
`),
    text,
  );
  assert.ok(
    text.endsWith(`
| a year of PJM | measured | target |
| - | -: | -: |
| wall / DuckDB by year | 0.50 × | ≤ 0.50 × |
| wall / fastest peer | 0.50 × | ≤ 0.67 × |
| peak memory / DuckDB by year | 0.60 × | ≤ 0.45 × |
| peak memory / a tenth of it | 1.00 × | ≤ 1.05 × |
| wall | 2.00 s | ≤ 22.00 s |
| peak memory | 300 MB | ≤ 384 MB |

| a month of PJM | measured | target |
| - | -: | -: |
| wall / DuckDB by year | 0.50 × | ≤ 0.50 × |
| wall / fastest peer | 0.50 × | ≤ 0.67 × |
| peak memory / DuckDB by year | 0.60 × | ≤ 0.45 × |

| other inputs | measured | target |
| - | -: | -: |
| a file of 100 rows | 2.00 s | ≤ 0.35 s |
| a year of ERCOT's small zips | 20.00 s | ≤ 25.00 s |

Inputs: a tenth of the year: 36 files, 680 MB; small zips: 35,040 files, 1200 MB of CSV, 28.0 million rows. DuckDB
takes 4.00 s for the file of 100 rows.
`),
    text,
  );
});

test("without DuckDB there are no multiples", () => {
  const record = peersRecord([2, 1, 9], [4, 4, 4]);
  record.sets[0]!.peers.pop();
  const text = benchMarkdown({ peers: record });
  assert.match(text, /^\| `gridparquet-zstd` \| 2\.00 \| 4\.00 \| 300 \| 23\.0 \| \| \| yes \|$/m);
  assert.doesNotMatch(text, /multiples|bench:memory/);
});

test("what a dataset costs is shown against its targets where a record of a whole year has it", async (t) => {
  const text = benchMarkdown({ peers: peersRecord([1], [1]), dataset: datasetRecord() });
  assert.ok(
    text.endsWith(`
What a dataset costs once it is there, medians of 3 rounds of \`npm run bench:dataset\` on 2025-03-04 (commit 0123456):
Example CPU 1.0, 2 cores, 16 GB, Node 20.19.0, 2 threads unless said otherwise.

| | measured | target |
| - | -: | -: |
| update with one more day | 1.50 s | ≤ 2.00 s |
| update / (day alone + copy) | 2.00 × | ≤ 1.30 × |
| files by node / files by day | 2.00 × | ≤ 2.50 × |
| status of seven ISOs | 0.50 s | ≤ 1.00 s |
| verify, one thread | 5.50 M rows/s | ≥ 5.00 M rows/s |
| verify, each of 2 threads | 4.58 M rows/s | ≥ 5.00 M rows/s |

Time and peak memory: update, one day 1.50 s and 300 MB; day alone 0.50 s and 200 MB; update, nothing new 0.30 s and
90 MB; copy of year file 0.25 s.

Inputs: update: a day; merge: nodes; status: seven; verify: rows.
`),
    text,
  );
  const root = folder(t);
  const write = (name: string, record: object) => put(root, name, JSON.stringify(record));
  write("peers-a.json", wholeRecord([1], [1]));
  const whole = datasetRecord();
  write("dataset-a.json", { ...whole, options: { ...whole.options, days: 30 } });
  write("dataset-b.json", { ...whole, options: { ...whole.options, only: ["status"] } });
  assert.equal((await newestForReadme(root))?.dataset, undefined);
  write("dataset-c.json", whole);
  assert.deepEqual((await newestForReadme(root))?.dataset, whole);
});

test("layouts stand beside DuckDB where a record of all of them has it", async (t) => {
  const input = { days: 1, files: 1234, csvBytes: 100e6, bytes: 20e6 };
  const layout = { rows: 1, inflateSeconds: [], input };
  const record: LayoutsRecord = {
    ...CIRCUMSTANCES,
    bench: "layouts",
    options: { only: [], megabytes: 100, rounds: 3, threads: 2 },
    results: [
      {
        ...{ ...layout, name: "One", runs: usages([0.5, 0.4, 0.9], 150), duckdbRuns: usages([1, 2, 3], 310) },
        outputBytes: { own: 4.56e6, duckdb: 5e6 },
      },
      {
        ...{ ...layout, name: "Zips", runs: usages([2], 200), duckdbRuns: [] },
        outputBytes: { own: 7e6, duckdb: null },
      },
      { ...layout, name: "Old", runs: usages([2], 200), duckdbRuns: [] },
    ],
    failed: [{ name: "Two", reason: "other values" }],
  };
  const text = benchMarkdown({ peers: peersRecord([1], [1]), layouts: record });
  assert.ok(
    text.endsWith(`
The markets' layouts, medians of 3 rounds of \`npm run bench:layouts\` on 2025-03-04 (commit 0123456): Example CPU 1.0,
2 cores, 16 GB, Node 20.19.0, DuckDB 1.2.3, 2 threads each. DuckDB writes a file per year, not sorted; it cannot read
zips.

| | MB | files | wall s | MB/s | peak MB | DuckDB s | DuckDB peak MB | wall × | out MB | out × |
| - | -: | -: | -: | -: | -: | -: | -: | -: | -: | -: |
| One | 100 | 1,234 | 0.50 | 200 | 150 | 2.00 | 310 | 0.25 | 4.6 | 0.91 |
| Zips | 100 | 1,234 | 2.00 | 50 | 200 | | | | 7.0 | |
| Old | 100 | 1,234 | 2.00 | 50 | 200 | | | | | |

\`Two\` failed: other values.
`),
    text,
  );
  const root = folder(t);
  const write = (name: string, content: object) => put(root, name, JSON.stringify(content));
  write("peers-a.json", wholeRecord([1], [1]));
  write("layouts-a.json", { ...record, options: { ...record.options, only: ["pjm"] } });
  write("layouts-b.json", { ...record, results: record.results.slice(1) });
  assert.equal((await newestForReadme(root))?.layouts, undefined);
  write("layouts-c.json", record);
  assert.deepEqual((await newestForReadme(root))?.layouts, record);
});

test("only what lies between the markers is replaced", () => {
  const text = "before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n";
  assert.equal(benchOf(text), "old\n");
  assert.equal(replaceBench(text, "$1 new\n"), "before\n<!-- bench -->\n$1 new\n<!-- /bench -->\nafter\n");
  assert.throws(() => replaceBench("no markers", "new"), /lacks/);
});

test("records of some peers or parts, or of harder prices, do not speak for all", async (t) => {
  const root = folder(t);
  const write = (name: string, record: object) => put(root, name, JSON.stringify(record));
  const whole = wholeRecord([1], [1]);
  write("peers-0.json", { ...peersRecord([1], [1]), date: "2025-02-03" });
  write("peers-a.json", { ...whole, date: "2025-02-01", options: { ...whole.options, only: ["duckdb"] } });
  write("peers-b.json", { ...whole, date: "2025-02-02", options: { ...whole.options, sixDecimals: true } });
  assert.equal(await newestForReadme(root), undefined);
  write("peers-c.json", { ...whole, date: "2025-01-01" });
  assert.equal((await newestForReadme(root))?.peers.date, "2025-01-01");
});
