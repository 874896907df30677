import assert from "node:assert/strict";
import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { PjmDayOptions } from "../../src/demo/pjm-files.js";
import type { ConvertSummary } from "../../src/run/options.js";
import { faultEnvironment, signalWhenHeld } from "../faults/fault.js";
import {
  assertNothingLeft,
  checkAccounts,
  convertJson,
  dayLines,
  digests,
  filesBelow,
  runCli,
  tempFolder,
  writeDays,
} from "./helpers.js";

/* The built command line as people and scripts meet it. */

const HOURLY = { feed: "da_hourly", nodeCount: 5 } as const;
const DAYS: PjmDayOptions[] = [
  { ...HOURLY, date: "2024-12-31" },
  { ...HOURLY, date: "2025-01-01" },
  { feed: "rt_hourly", nodeCount: 4, date: "2025-01-01" },
];

/** The keys of the `--json` object, as the documentation has them. */
const SUMMARY_KEYS = [
  ...["status", "exitCode", "elapsedSeconds", "peakRssBytes", "totals", "outputs"],
  ...["skipped", "passedOver", "failures", "unmapped", "resumed", "rejects", "report", "stages"],
];

test("--json prints exactly one object, also when nothing could be done", async (t) => {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), DAYS);
  const done = await runCli(["convert", "in", "--out", "out", "--json"], { cwd });
  assert.equal(done.code, 0);
  const summary = JSON.parse(done.stdout) as ConvertSummary;
  assert.deepEqual(Object.keys(summary), SUMMARY_KEYS);
  assert.equal(summary.exitCode, 0);
  assert.deepEqual(Object.keys(summary.totals), [
    ...["files", "filesSkipped", "unmappedWords", "bytesIn", "recordsRead", "recordsSkipped", "rowsRead"],
    ...["rowsWritten", "rowsRejected", "rowsDeduplicated", "rowsFiltered", "rowsFailed", "bytesOut"],
  ]);
  assert.deepEqual(Object.keys(summary.outputs[0]!), [
    ...["path", "table", "iso", "market", "feed", "year", "rows", "rowGroups", "bytes"],
  ]);
  assert.ok(summary.peakRssBytes > 1e7 && summary.elapsedSeconds > 0);
  for (const { path, bytes } of summary.outputs) assert.equal(statSync(join(cwd, path)).size, bytes);

  for (const [args, code] of [
    [["convert", "missing", "--out", "out", "--json"], 1],
    [["convert", "--json"], 64],
    [["convert", "in", "--out", "out", "--thread", "2", "--json"], 64],
  ] as const) {
    const failed = await runCli(args, { cwd });
    assert.equal(failed.code, code);
    const printed = JSON.parse(failed.stdout) as {
      status: string;
      exitCode: number;
      error: { message: string };
    };
    assert.deepEqual([printed.status, printed.exitCode], ["failed", code]);
    assert.ok(failed.stderr.includes(printed.error.message.split("\n")[0]!));
  }
});

test("results go to stdout, all else to stderr, and neither has escape codes", async (t) => {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), DAYS);
  const run = await runCli(["convert", "in", "--out", "out"], { cwd });
  assert.equal(run.code, 0);
  assert.match(run.stdout, /^complete; 3 files written/);
  assert.match(run.stdout, /^rows read 336 = 336 written \+ 0 rejected/m);
  assert.match(run.stderr, /^PJM: started, 3 files, .*\nPJM: done, 336 rows, .*\n$/);
  for (const text of [run.stdout, run.stderr]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  }
  const quiet = await runCli(["convert", "in", "--out", "out", "--quiet"], { cwd });
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
  const silent = await runCli(["convert", "in", "--out", "out", "--no-progress"], { cwd });
  assert.deepEqual([silent.code, silent.stderr], [0, ""]);
});

test("a reader that goes away does not spoil the run", async (t) => {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), DAYS);
  for (const more of [[], ["--json"]]) {
    const run = await runCli(["convert", "in", "--out", "out", ...more], {
      cwd,
      onStart: (child) => {
        child.stdout!.destroy();
        child.stderr!.destroy();
      },
    });
    assert.deepEqual([run.code, run.signal], [0, null]);
    assert.equal(Object.keys(digests(join(cwd, "out"))).length, 3);
  }
});

test("--dry-run says which file would be read as what and writes nothing", async (t) => {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), DAYS);
  const run = await runCli(["convert", "in", "--out", "out", "--dry-run"], { cwd });
  assert.equal(run.code, 0);
  assert.match(run.stdout, /dry run: 3 files would be read, .*; nothing was written/);
  assert.match(run.stdout, /PJM rt_hourly: 1 file, .*\n(.*\n)* +0 .* rt_hrl_lmps_2025-01-01\.csv\n/);
  assert.equal(run.stderr, "");
  const { summary } = await convertJson(["in", "--out", "out", "--dry-run", "--batch-size", "1"], { cwd });
  assert.deepEqual(
    summary.plan!.files.map(({ feed, group }) => [feed, group]),
    [
      ["da_hourly", 0],
      ["da_hourly", 1],
      ["rt_hourly", 2],
    ],
  );
  assert.deepEqual([summary.outputs, summary.report], [[], null]);
  assert.deepEqual(filesBelow(cwd).length, 3);
});

test("--strict: one rejected record fails the run and nothing is published", async (t) => {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), DAYS);
  const published = await convertJson(["in", "--out", "out"], { cwd });
  assert.equal(published.run.code, 0);
  const before = digests(join(cwd, "out"));
  const { header, records } = dayLines({ ...HOURLY, date: "2025-01-02" });
  writeFileSync(join(cwd, "in", "bad.csv"), [header, ...records, "so it ends"].join("\n"));
  const { summary, run } = await convertJson(["in", "--out", "out", "--strict"], { cwd });
  assert.deepEqual([run.code, summary.status, summary.outputs], [1, "failed", []]);
  assert.equal(summary.totals.rowsRejected, 1);
  assert.equal(summary.totals.rowsFailed, summary.totals.rowsRead - 1);
  assert.deepEqual(digests(join(cwd, "out")), before);
  assertNothingLeft(join(cwd, "out"));

  mkdirSync(join(cwd, "worse"));
  writeFileSync(join(cwd, "worse", "bad.csv"), [header, "nothing", "fits"].join("\n"));
  const worse = await convertJson(["worse", "--out", "out", "--strict"], { cwd });
  assert.deepEqual([worse.run.code, worse.summary.status], [1, "failed"]);
  const lenient = await convertJson(["in", "--out", "out"], { cwd });
  assert.deepEqual([lenient.run.code, lenient.summary.status], [2, "partial"]);
});

test("--year keeps the rows of these operating years and counts the others", async (t) => {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), DAYS);
  const all = await convertJson(["in", "--out", "all"], { cwd });
  assert.equal(all.run.code, 0);
  const { summary } = await convertJson(["in", "--out", "out", "--year", "2025"], { cwd });
  assert.equal(summary.status, "complete");
  assert.deepEqual([summary.totals.rowsRead, summary.totals.rowsFiltered], [336, 120]);
  assert.deepEqual(
    summary.outputs.map(({ feed, year }) => `${feed} ${year}`),
    ["da_hourly 2025", "rt_hourly 2025"],
  );
  const files = checkAccounts({ ...summary, report: join(cwd, summary.report!) });
  assert.deepEqual(
    files.map(({ rowsFiltered }) => rowsFiltered),
    [120, 0, 0],
  );
  const whole = digests(join(cwd, "all"));
  for (const [path, digest] of Object.entries(digests(join(cwd, "out")))) assert.equal(digest, whole[path]);

  const none = await convertJson(["in", "--out", "none", "--year", "2023"], { cwd });
  assert.deepEqual([none.run.code, none.summary.outputs, none.summary.totals.rowsFiltered], [0, [], 336]);
});

test("--feed and --iso leave files out, and say so", async (t) => {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), DAYS);
  const { summary } = await convertJson(["in", "--out", "out", "--feed", "rt_hourly", "--iso", "PJM"], {
    cwd,
  });
  assert.equal(summary.status, "complete");
  assert.deepEqual(
    summary.outputs.map(({ feed }) => feed),
    ["rt_hourly"],
  );
  assert.equal(summary.totals.filesSkipped, 2);
  assert.equal(summary.skipped[0]!.reason, "is of feed da_hourly, which --feed leaves out");
});

/** A folder of many large files that cost nothing to make: links to one generated day. */
async function manyFiles(folder: string, count: number): Promise<void> {
  const [file] = await writeDays(folder, [{ feed: "da_hourly", date: "2025-03-09", nodeCount: 400 }]);
  for (let i = 0; i < count; i++) linkSync(file!, join(folder, `da_hrl_lmps_again_${i}.csv`));
}

/** What comes of {@link manyFiles} without an interruption: the same for both signals. */
let undisturbed: { digests: Record<string, string>; totals: ConvertSummary["totals"] } | null = null;

async function wholeRun(cwd: string): Promise<NonNullable<typeof undisturbed>> {
  const { summary } = await convertJson(["in", "--out", "whole", "--row-group-size", "2000"], { cwd });
  return { digests: digests(join(cwd, "whole")), totals: summary.totals };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} in the middle: exit code 130, published years untouched; then the same command goes on`, async (t) => {
    const cwd = tempFolder(t);
    const out = join(cwd, "out");
    await writeDays(join(cwd, "first"), [{ ...HOURLY, date: "2025-01-01" }]);
    const first = await convertJson(["first", "--out", "out"], { cwd });
    const published = join(cwd, first.summary.outputs[0]!.path);
    const before = { digests: digests(out), inode: statSync(published).ino };
    await manyFiles(join(cwd, "in"), 60);
    // Small tasks: a run that is stopped waits for the end of the one in hand only so long.
    const args = ["convert", "in", "--out", "out", "--json", "--row-group-size", "2000", "--batch-size", "3"];
    // The job is at work when it writes to the year's part file; it goes on when it has understood.
    const call = "thread handle.write energy/iso=PJM/market=DA/feed=da_hourly/year=2025/";
    const [marker, until] = [join(cwd, "held"), join(cwd, "go-on")];
    const run = await runCli(args, {
      cwd,
      env: faultEnvironment({ folder: out, kind: "hold", call, marker, until }),
      onStart: (child) => {
        signalWhenHeld(child, { marker, until }, [signal]);
      },
    });
    assert.deepEqual([run.code, run.signal], [130, null], run.stderr);
    const printed = JSON.parse(run.stdout) as { exitCode: number; error: { code: string } };
    assert.deepEqual([printed.exitCode, printed.error.code], [130, "aborted"]);
    assert.match(run.stderr, /interrupted; finishing cleanly/);
    assert.match(run.stderr, /what is done is kept\n {2}Run the same command again to go on from there\./);
    assert.deepEqual({ digests: digests(out), inode: statSync(published).ino }, before);

    const { summary } = await convertJson(
      args.filter((arg) => arg !== "convert" && arg !== "--json"),
      { cwd },
    );
    assert.ok(summary.resumed[0]!.filesDone > 0);
    undisturbed ??= await wholeRun(cwd);
    assert.deepEqual({ digests: digests(out), totals: summary.totals }, undisturbed);
    assertNothingLeft(out);
  });
}

test("a second run replaces the files by renaming: who has the old one open goes on reading it", async (t) => {
  const cwd = tempFolder(t);
  const out = join(cwd, "out");
  await writeDays(join(cwd, "in"), DAYS);
  const first = await convertJson(["in", "--out", "out"], { cwd });
  const path = join(cwd, first.summary.outputs[1]!.path);
  const before = digests(out);
  const old = readFileSync(path);
  const handle = openSync(path, "r");
  try {
    const again = await convertJson(["in", "--out", "out"], { cwd });
    assert.equal(again.run.code, 0);
    assert.deepEqual(digests(out), before, "the same input gives the same bytes");
    assert.notEqual(statSync(path).ino, fstatSync(handle).ino);
    await writeDays(join(cwd, "in"), [{ ...HOURLY, date: "2025-01-02" }]);
    const more = await convertJson(["in", "--out", "out"], { cwd });
    assert.equal(more.summary.totals.rowsWritten, first.summary.totals.rowsWritten + 120);
    assert.notDeepEqual(digests(out), before);
    const bytes = Buffer.alloc(old.length + 1);
    assert.equal(readSync(handle, bytes, 0, bytes.length, 0), old.length);
    assert.deepEqual(bytes.subarray(0, old.length), old);
  } finally {
    closeSync(handle);
  }
  assertNothingLeft(out);
});
