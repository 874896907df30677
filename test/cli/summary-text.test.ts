import assert from "node:assert/strict";
import { test } from "node:test";
import { feedsText, listedFeeds, recognitionText } from "../../src/cli/feeds-text.js";
import { commonFolder, planText } from "../../src/cli/plan-text.js";
import { accounting, summaryText, unmappedWords } from "../../src/cli/summary-text.js";
import type { RecognisedBy } from "../../src/feeds/recognised-by.js";
import type { OutputFile, UnmappedWord } from "../../src/run/options.js";
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
    reason: `the header is not that of any known feed, nearest is PJM da_hourly, which lacks column ${i}`,
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

test("a reason that many files have is said once", () => {
  const files = (count: number, iso: string) =>
    Array.from({ length: count }, (_, i) => ({ file: `in/${iso}/${i}.zip`, reason: `is of ${iso}` }));
  const skipped = [...files(200, "CAISO"), ...files(3, "SPP")];
  const report = "lake/_gridparquet/runs/2026-01-02/run.json";
  const text = summaryText(summary({ filesSkipped: 203 }, { skipped, report }));
  const [, lines] = /; 203 files skipped\n((?: {2}.*\n)+)/.exec(text) ?? [];
  assert.deepEqual(lines?.trimEnd().split("\n"), [
    "  skipped 200 files: is of CAISO",
    "    such as in/CAISO/0.zip",
    ...files(3, "SPP").map(({ file, reason }) => `  skipped ${file}: ${reason}`),
    `  all in ${report}`,
  ]);
});

test("no time gone by is not a division by zero", () => {
  assert.doesNotMatch(summaryText(summary({}, { elapsedSeconds: 0 })), /NaN|Infinity/);
});

test("words of no vocabulary are named, by ISO and kind, and not all of very many", () => {
  const word = (value: string, more: Partial<UnmappedWord> = {}): UnmappedWord => ({
    iso: "PJM",
    feed: "da_hourly",
    column: "location_type",
    value,
    ...more,
  });
  const unmapped = [
    word("BAR"),
    word("F\u001b[2JOO"),
    word("BAR", { feed: "rt_hourly" }),
    word("XYZ", { iso: "ERCOT", column: "product_standard" }),
  ];
  assert.deepEqual(unmappedWords(summary({ unmappedWords: 4 }, { unmapped })), [
    "2 words of PJM location types are not known yet (written as OTHER): BAR,",
    "  F\\x1b[2JOO",
    "1 word of ERCOT products is not known yet (written as OTHER): XYZ",
  ]);
  assert.match(summaryText(summary({ unmappedWords: 4 }, { unmapped })), /\n\n2 words of PJM location types/);
  assert.doesNotMatch(summaryText(summary()), /not known yet/);

  const many = Array.from({ length: 100 }, (_, i) => word(`WORD_${i}`));
  const lines = unmappedWords(summary({ unmappedWords: 1234 }, { unmapped: many }));
  assert.match(lines.join(" "), /^100 words of .* WORD_7, … and 1,134 more words that are not listed$/);
  assert.deepEqual(tooLong(lines.join("\n")), []);
});

test("the plan of a dry run", () => {
  const zip = `${"a-long-name-of-an-archive".repeat(2)}.zip`;
  const files = [
    { file: "in/pjm/da.csv", iso: "PJM", feed: "da_hourly", bytes: 1_400_000, group: 1 },
    { file: "in/pjm/old/rt.csv", iso: "PJM", feed: "rt_5min", bytes: 999, group: 1 },
    { file: `in/pjm/${zip}/${"x".repeat(40)}.csv`, iso: "PJM", feed: "rt_5min", bytes: 4000, group: 12 },
  ];
  const skipped = [
    { file: "in/x\n.txt", reason: "is not a CSV file" },
    { file: "in/b/empty.csv", reason: "is empty" },
    { file: "in/b/y.txt", reason: "is not a CSV file" },
  ];
  const failures = [{ file: "z.csv", message: "cannot be read" }];
  const text = planText(summary({}, { plan: { files }, skipped, failures }));
  assert.equal(
    text,
    `dry run: 3 files would be read, 1.4 MB; nothing was written

PJM da_hourly: 1 file, 1.4 MB
  in in/pjm/
  group    size  file
      1  1.4 MB  da.csv

PJM rt_5min: 2 files, 5.0 kB
  in in/pjm/
  group    size  file
      1   999 B  old/rt.csv
     12  4.0 kB  ${zip}/
    ${"x".repeat(40)}.csv

3 files skipped
  in in/
  is not a CSV file
    x\\n.txt
    b/y.txt
  is empty
    b/empty.csv

1 failure
  cannot be read
    z.csv
`,
  );
  assert.deepEqual(tooLong(text), []);
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

test("how a feed is recognised, in words", () => {
  const by: RecognisedBy = {
    columns: ["a"],
    textAbove: [],
    values: {},
    sameHeader: [],
    times: null,
    fileNames: [],
  };
  assert.equal(recognitionText(by), "column a");
  assert.equal(
    recognitionText({ ...by, columns: ["a", "b", "c"], textAbove: ["T", "U"], values: { KIND: "DAM" } }),
    'columns a, b and 1 more; above them "T" or "U"; KIND is DAM',
  );
  const off = { kind: "off-grid", minutes: 60 } as const;
  const told = (more: Partial<RecognisedBy>) => recognitionText({ ...by, ...more }).split("; ")[1];
  assert.equal(told({ sameHeader: ["x"] }), "told from x by --feed");
  assert.equal(told({ sameHeader: ["x", "y"], times: off }), "told from x and y by times off the hour");
  assert.equal(
    told({ sameHeader: ["x", "y", "z"], times: { kind: "on-grid", minutes: 15 }, fileNames: ["*n*"] }),
    "told from 3 other feeds by times on the 15 minutes or a file name like *n*",
  );
});

test("feeds that ISOs have in common are listed once, after all others", () => {
  const shared = (iso: string, name: string, more = {}) => feed(iso, name, { isoNames: [iso], ...more });
  const listed = listedFeeds([
    shared("CAISO", "export_da", { timeZone: "America/Los_Angeles", confirmed: false }),
    shared("CAISO", "export_rt"),
    ...FEEDS,
    shared("PJM", "export_da"),
    feed("SPP", "da_lmp_sl"),
    shared("SPP", "export_da"),
    shared("SPP", "export_rt"),
    shared("SPP", "export_weis"),
  ]);
  assert.deepEqual(
    listed
      .slice(FEEDS.length + 1)
      .map(({ iso, feed: name, timeZone, confirmed }) => [iso, name, timeZone, confirmed]),
    [
      ["any", "export_da", null, true],
      ["CAISO/SPP", "export_rt", null, true],
      ["SPP", "export_weis", "America/New_York", true],
    ],
  );
  assert.match(feedsText(listed), /\nany +export_da .*\n.*clock of the ISO\n/);
});

test("records that were passed over are said with what tells them from the feed's", () => {
  const passedOver = [{ iso: "PJM", feed: "as_hourly", records: 3216, reason: "unit is not Price" }];
  const text = summaryText(summary({ recordsRead: 7416, recordsSkipped: 3216 }, { passedOver }));
  assert.match(
    text,
    /\nfrom 7,416 CSV records\n3,216 CSV records of PJM\/as_hourly passed over: unit is not Price\n/,
  );
});
