import assert from "node:assert/strict";
import { test } from "node:test";
import { feedsText } from "../../src/cli/feeds-text.js";
import { commonFolder, planText } from "../../src/cli/plan-text.js";
import { accounting, summaryText } from "../../src/cli/summary-text.js";
import type { OutputFile } from "../../src/run/options.js";
import { FEEDS, feed, summary, tooLong } from "./helpers.js";

function output(year: number, more: Partial<OutputFile> = {}): OutputFile {
  const path = `lake/energy/iso=PJM/market=DA/feed=da_hourly/year=${year}/pjm_da_hourly_${year}.parquet`;
  return {
    path,
    table: "energy",
    iso: "PJM",
    market: "DA",
    feed: "da_hourly",
    year,
    rows: 4_199_999,
    rowGroups: 14,
    bytes: 21_400_000,
    ...more,
  };
}

test("the accounting is a visible sum", () => {
  const { totals } = summary({ rowsWritten: 4190, rowsRejected: 2, rowsDeduplicated: 8 });
  assert.deepEqual(accounting(totals), [
    "rows read 4,200 = 4,190 written + 2 rejected + 8 duplicates dropped",
  ]);
  const filtered = summary({ rowsWritten: 4000, rowsFiltered: 200 }).totals;
  assert.match(accounting(filtered).join(" "), /\+ 200 outside the chosen years$/);
  const failed = summary({ rowsWritten: 4000, rowsFailed: 200 }).totals;
  assert.match(accounting(failed).join(" "), /\+ 200 of year files that failed$/);
  const records = summary({ recordsRead: 175 }).totals;
  assert.deepEqual(accounting(records).at(-1), "from 175 CSV records");
});

test("a sum that does not hold is not written as one", () => {
  assert.match(accounting(summary({ rowsWritten: 4199 }).totals)[0]!, /^rows read 4,200 ≠ 4,199 written/);
});

test("a large sum wraps between its parts", () => {
  const n = 145_000_000;
  const { totals } = summary({
    recordsRead: 4 * n,
    rowsRead: 4 * n,
    rowsWritten: n,
    rowsRejected: n,
    rowsDeduplicated: n,
    rowsFiltered: n,
  });
  const lines = accounting(totals);
  assert.deepEqual(lines, [
    "rows read 580,000,000 = 145,000,000 written + 145,000,000 rejected",
    "                        + 145,000,000 duplicates dropped",
    "                        + 145,000,000 outside the chosen years",
  ]);
});

test("a complete run", () => {
  const text = summaryText(
    summary({}, { outputs: [output(2023), output(2024, { rows: 999, rowGroups: 1, bytes: 12_345 })] }),
  );
  assert.equal(
    text,
    `complete; 2 files written, 21.4 MB

lake/energy/iso=PJM/market=DA/feed=da_hourly/
       rows  row groups     size  file
  4,199,999          14  21.4 MB  year=2023/pjm_da_hourly_2023.parquet
        999           1  12.3 kB  year=2024/pjm_da_hourly_2024.parquet

rows read 4,200 = 4,200 written + 0 rejected + 0 duplicates dropped

3 files read, 510.0 MB

2.00 s, 255 MB/s, 2,100 rows/s, peak memory 210.0 MB
`,
  );
});

test("a partial run names what was skipped, failed and rejected", () => {
  const skipped = Array.from({ length: 13 }, (_, i) => ({
    file: `in/notes-${i}.csv`,
    reason: "the header is not that of any known feed, nearest is PJM da_hourly",
  }));
  const failures = [
    { file: "in/bad\u001b[2J.csv", message: "line 3 has no end" },
    { file: "", message: "of the run itself" },
  ];
  const more = {
    status: "partial" as const,
    exitCode: 2,
    skipped,
    failures,
    rejects: "lake/_gridparquet/rejects",
    report: "lake/_gridparquet/runs/2026-01-02/run.json",
  };
  const text = summaryText(summary({ filesSkipped: 13, rowsWritten: 4199, rowsRejected: 1 }, more));
  assert.match(text, /^partial \(1 row rejected, 2 failures\); 0 files written/);
  assert.match(text, /3 files read, 510\.0 MB; 13 files skipped/);
  assert.match(text, / {2}skipped in\/notes-9\.csv: the header/);
  assert.doesNotMatch(text, /notes-10/);
  assert.match(text, /and 3 more; all in lake\/_gridparquet\/runs\/2026-01-02\/run\.json/);
  assert.match(text, / {2}failed in\/bad\\x1b\[2J\.csv: line 3 has no end/);
  assert.match(text, / {2}failed of the run itself/);
  assert.match(text, /rejected records.*\n {2}lake\/_gridparquet\/rejects\n/);
  assert.deepEqual(tooLong(text), []);
});

test("no time gone by is not a division by zero", () => {
  assert.doesNotMatch(summaryText(summary({}, { elapsedSeconds: 0 })), /NaN|Infinity/);
});

test("the plan of a dry run", () => {
  const files = [
    { file: "in/pjm/da.csv", iso: "PJM", feed: "da_hourly", bytes: 1_400_000, group: 1 },
    { file: "in/pjm/old/rt.csv", iso: "PJM", feed: "rt_5min", bytes: 999, group: 12 },
  ];
  const skipped = [{ file: "in/x\n.txt", reason: "not a CSV file" }];
  assert.equal(
    planText(summary({}, { plan: { files }, skipped })),
    `dry run: 2 files would be read, 1.4 MB; nothing was written

files in in/pjm/
ISO  feed       group    size  file
PJM  da_hourly      1  1.4 MB  da.csv
PJM  rt_5min       12   999 B  old/rt.csv

1 file skipped
  in/x\\n.txt: not a CSV file
`,
  );
  assert.match(planText(summary({}, { plan: { files: [] } })), /^dry run: 0 files would be read/);
});

test("the common folder ends at a slash", () => {
  assert.equal(commonFolder(["a/bc/1", "a/bd/2"]), "a/");
  assert.equal(commonFolder(["a/b.csv"]), "a/");
  assert.equal(commonFolder(["a.csv", "b.csv"]), "");
  assert.equal(commonFolder(["/x", "/x/y"]), "/");
  assert.equal(commonFolder([]), "");
});

test("feeds fit 80 columns", () => {
  const long = feed("CAISO", "ancillary_services_hourly", {
    timeZone: "America/Los_Angeles",
    table: "ancillary",
    confirmed: false,
    title: "Ancillary services clearing prices, day-ahead, with regions and expanded regions",
  });
  const text = feedsText([...FEEDS, long]);
  assert.deepEqual(tooLong(text), []);
  assert.match(text, /CAISO {2}ancillary_services_hourly {2}ancillary {2}DA {8}60 min {2}no/);
  assert.match(text, /clock America\/Los_Angeles/);
  assert.match(text, /without a real file/);
});
