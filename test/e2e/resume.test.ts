import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { type ConvertOptions, type ConvertSummary, convert } from "../../src/index.js";
import { FAILPOINTS } from "../../src/run/failpoints.js";
import { makeInput, NODES, outcome } from "./disturbed-runs.js";
import {
  assertNothingLeft,
  changeDigit,
  checkAccounts,
  convertJson,
  dayLines,
  digests,
  filesBelow,
  plainEnvironment,
  runCli,
  runGroups,
  tempFolder,
  writeDays,
} from "./helpers.js";

/* Runs that are killed, stopped or hindered, and what the same command makes of it when it is given again. */

/** A task for each file, a checkpoint after each task, small row groups. */
const ARGS = ["--batch-size", "1", "--row-group-size", "400", "--threads", "2"];
const OPTIONS = { batchSize: 1, rowGroupSize: 400, threads: 2, checkpointMs: 0 };

let input: string;
let undisturbed: unknown;

before(async () => {
  const cleanUp: (() => void)[] = [];
  const folder = tempFolder({ after: (hook: () => void) => void cleanUp.push(hook) } as TestContext);
  process.on("exit", () => {
    for (const hook of cleanUp) hook();
  });
  input = join(folder, "in");
  await makeInput(input);
  const out = join(folder, "out");
  const { summary, run } = await convertJson([input, "--out", out, ...ARGS]);
  assert.equal(run.code, 2, run.stderr);
  undisturbed = outcome(summary, out);
  const { status, totals, rejected, files } = undisturbed as ReturnType<typeof outcome>;
  assert.equal(status, "partial");
  assert.ok(totals.rowsRejected > 1 && totals.rowsDeduplicated > 0);
  assert.ok(rejected.some(({ reason }) => /the total is missing/.test(reason)));
  assert.ok(Object.keys(files).length >= 4);
});

async function runKilled(
  out: string,
  failpoint: string,
  inputs = [input],
  more: string[] = [],
): Promise<void> {
  const run = await runCli(["convert", ...inputs, "--out", out, ...ARGS, ...more], {
    env: { GRIDPARQUET_FAILPOINT: failpoint },
  });
  assert.equal(run.signal, "SIGKILL", `${failpoint} was not reached: ${run.stdout}${run.stderr}`);
}

/** The same again, to its end: in this process, as starting one takes longer than all that is tested. */
async function runAgain(
  out: string,
  inputs = [input],
  more: Partial<ConvertOptions> = {},
): Promise<{ summary: ConvertSummary; log: string }> {
  const lines: string[] = [];
  const onLog = (level: string, message: string): void => {
    // What memory there is differs from machine to machine.
    if (!message.startsWith("memory: ")) lines.push(`${level}: ${message}`);
  };
  const summary = await convert({ inputs, out, ...OPTIONS, onLog, ...more });
  return { summary, log: lines.join("\n") };
}

const journalOf = (out: string, iso = "pjm") => join(out, "_gridparquet", "journal", `${iso}.journal`);

/** By ISO: files that were not read again. */
const resumed = (summary: ConvertSummary): Record<string, number> =>
  Object.fromEntries(summary.resumed.map(({ iso, filesDone }) => [iso, filesDone]));

for (const failpoint of [
  ...FAILPOINTS,
  "part:appended:4",
  "checkpoint:after-rename:3",
  "year:after-rename:2",
]) {
  test(`killed at ${failpoint}, the same command gives what an undisturbed run gives`, async (t) => {
    const out = join(tempFolder(t), "out");
    await runKilled(out, failpoint);
    const { summary } = await runAgain(out);
    assert.deepEqual(outcome(summary, out), undisturbed);
  });
}

test("killed again and again, it goes on each time from where it was", async (t) => {
  const out = join(tempFolder(t), "out");
  await runKilled(out, "checkpoint:done:2");
  await runKilled(out, "part:appended:2");
  await runKilled(out, "checkpoint:before-rename:4");
  await runKilled(out, "year:rewritten");
  await runKilled(out, "year:after-rename");
  await runKilled(out, "seen:before-list");
  await runKilled(out, "record:before");
  const { summary, run } = await convertJson([input, "--out", out, ...ARGS, "--log-level", "info"]);
  assert.deepEqual(outcome(summary, out), undisturbed);
  assert.deepEqual(resumed(summary), { CAISO: 4, PJM: 6 }, "nothing was left to decode");
  assert.match(run.stderr, /^gridparquet: PJM goes on after 6 of 6 files/m);
});

const PJM = () => [join(input, "pjm")];

const WRITTEN = 1_700_000_000;

/** An undisturbed run and one that was killed when three of six files were done. */
async function begun(t: TestContext): Promise<{ folder: string; inputs: string[]; out: string }> {
  const folder = tempFolder(t);
  const inputs = [join(folder, "in")];
  mkdirSync(inputs[0]!);
  for (const name of filesBelow(PJM()[0]!)) {
    const path = join(inputs[0]!, name);
    writeFileSync(path, readFileSync(join(PJM()[0]!, name)));
    // A whole second, which can be set again.
    utimesSync(path, WRITTEN, WRITTEN);
  }
  const out = join(folder, "out");
  await runKilled(out, "checkpoint:done:3", inputs);
  return { folder, inputs, out };
}

/** What PJM's files give when nothing is changed. */
function plain(): Record<string, string> {
  const { files } = undisturbed as ReturnType<typeof outcome>;
  return Object.fromEntries(Object.entries(files).filter(([name]) => name.includes("iso=PJM")));
}

/** What other inputs or options give in a folder of their own. */
async function fresh(
  folder: string,
  inputs: string[],
  more: Partial<ConvertOptions> = {},
): Promise<Record<string, string>> {
  const out = join(folder, "fresh");
  assert.deepEqual((await runAgain(out, inputs, more)).summary.resumed, []);
  return digests(out);
}

test("what is done is not decoded again", async (t) => {
  const { inputs, out } = await begun(t);
  const { summary, log } = await runAgain(out, inputs);
  assert.deepEqual(resumed(summary), { PJM: 3 });
  assert.ok(summary.resumed[0]!.rowsDone > 2 * NODES * 24);
  const isTimed = [false, false, false, true, true, true];
  assert.deepEqual(
    summary.files.map(({ seconds }) => seconds !== null),
    isTimed,
  );
  assert.deepEqual(
    runGroups(summary).map(({ seconds, rows }) => seconds !== null && rows > 0),
    isTimed,
  );
  assert.equal(log, "info: PJM goes on after 3 of 6 files, which an earlier run has read");
  assert.deepEqual(digests(out), plain());
  assertNothingLeft(out);
  assert.deepEqual((await runAgain(out, inputs)).summary.resumed, [], "the journal is gone");
});

test("a file that is added behind those that are done is taken with them", async (t) => {
  const { folder, inputs, out } = await begun(t);
  await writeDays(inputs[0]!, [{ feed: "da_hourly", date: "2025-01-09", nodeCount: NODES }]);
  const { summary } = await runAgain(out, inputs);
  assert.deepEqual(resumed(summary), { PJM: 3 });
  assert.equal(summary.totals.files, 7);
  assert.deepEqual(digests(out), await fresh(folder, inputs));
});

/** Changes after which a run cannot go on, what it says then, and its options where the result is another one. */
const CHANGES: [
  string,
  (inputs: string[], out: string) => Promise<unknown> | unknown,
  RegExp,
  Partial<ConvertOptions>?,
][] = [
  [
    "a file that has grown",
    (inputs) => appendFileSync(join(inputs[0]!, "da_hrl_lmps_2025-01-01.csv"), "\n"),
    /da_hrl_lmps_2025-01-01\.csv has changed since; starting anew/,
  ],
  [
    "a file that has another time",
    (inputs) => utimesSync(join(inputs[0]!, "da_hrl_lmps_2025-01-01.csv"), 1e9, 1e9),
    /da_hrl_lmps_2025-01-01\.csv has changed since/,
  ],
  [
    "a file in whose place is another of its size and time",
    (inputs) => {
      const path = join(inputs[0]!, "da_hrl_lmps_2025-01-01.csv");
      changeDigit(path);
      utimesSync(path, WRITTEN, WRITTEN);
    },
    /da_hrl_lmps_2025-01-01\.csv has changed since/,
    {},
  ],
  [
    "a file that is gone",
    (inputs) => rmSync(join(inputs[0]!, "da_hrl_lmps_2025-01-01.csv")),
    /da_hrl_lmps_2025-01-01\.csv is not among the inputs any more/,
    {},
  ],
  [
    "a file before those that are done",
    (inputs) => writeDays(inputs[0]!, [{ feed: "da_hourly", date: "2024-12-01", nodeCount: NODES }]),
    /da_hrl_lmps_2024-12-01\.csv has been added, and its rows come before those that are done/,
    {},
  ],
  ["another setting", () => undefined, /--compression was zstd and is snappy now/, { compression: "snappy" }],
  [
    "a damaged journal",
    (_, out) => {
      const bytes = readFileSync(journalOf(out));
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(journalOf(out), bytes);
    },
    /it is damaged/,
  ],
  [
    "a part file that is gone",
    (_, out) => {
      for (const name of filesBelow(out)) if (name.endsWith("2024.parquet.partial")) rmSync(join(out, name));
    },
    /pjm_da_hourly_2024\.parquet\.partial is gone/,
  ],
];

for (const [name, change, reason, more] of CHANGES) {
  test(`${name}: the journal is set aside, and everything is read`, async (t) => {
    const { folder, inputs, out } = await begun(t);
    await change(inputs, out);
    const { summary, log } = await runAgain(out, inputs, more);
    assert.match(log, /^warn: the journal of PJM is set aside: .*; starting anew$/);
    assert.match(log, reason);
    assert.deepEqual(summary.resumed, []);
    checkAccounts(summary);
    assertNothingLeft(out);
    const expected = more === undefined ? plain() : await fresh(folder, inputs, more);
    assert.deepEqual(digests(out), expected);
  });
}

test("--fresh begins anew without a word", async (t) => {
  const { inputs, out } = await begun(t);
  const { summary, log } = await runAgain(out, inputs, { fresh: true });
  assert.equal(log, "");
  assert.deepEqual(summary.resumed, []);
  assertNothingLeft(out);
  assert.deepEqual(digests(out), plain());
});

test("of two ISOs one is done: it is not read again, and a change of its year file is seen", async (t) => {
  const out = join(tempFolder(t), "out");
  const inputs = [input];
  // One ISO after the other: CAISO's end is the first.
  await runKilled(out, "seen:after-list:2", inputs, ["--sequential"]);
  const [path] = filesBelow(out).filter((name) => name.includes("iso=CAISO") && name.endsWith(".parquet"));
  const published = readFileSync(join(out, path!));
  const { summary } = await runAgain(out, inputs, { sequential: true });
  assert.deepEqual(resumed(summary), { CAISO: 4, PJM: 6 });
  assert.deepEqual(outcome(summary, out), undisturbed);

  const other = join(tempFolder(t), "out");
  await runKilled(other, "seen:after-list:2", inputs, ["--sequential"]);
  writeFileSync(join(other, path!), published.subarray(0, 100));
  const { summary: repaired, log } = await runAgain(other, inputs, { sequential: true });
  assert.match(log, /^warn: the journal of CAISO is set aside: .*parquet has changed since/);
  assert.deepEqual(outcome(repaired, other), undisturbed);
});

/** Runs `convert` with options that the command line has not, in a process that is killed. */
async function killedConvert(folder: string, options: ConvertOptions, failpoint: string): Promise<void> {
  const library = new URL("../../src/index.js", import.meta.url).href;
  const script = join(folder, "convert.mjs");
  writeFileSync(script, `import { convert } from "${library}"; await convert(${JSON.stringify(options)});`);
  const env = { ...plainEnvironment(), GRIDPARQUET_FAILPOINT: failpoint };
  const child = spawn(process.execPath, [script], { env, stdio: "ignore" });
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  assert.equal(signal, "SIGKILL");
}

test("in the middle of a large file, and with other threads, chunks, ranges and groups the next time", async (t) => {
  const folder = tempFolder(t);
  const days = ["2024-12-30", "2024-12-31", "2025-01-01"].map((date) =>
    dayLines({ feed: "da_hourly", date, nodeCount: NODES }),
  );
  const records = days.flatMap((day) => day.records);
  mkdirSync(join(folder, "in"));
  const inputs = [join(folder, "in")];
  // A bad record at the end tells whether lines are counted on.
  writeFileSync(join(inputs[0]!, "days.csv"), [days[0]!.header, ...records, "bad", ""].join("\n"));
  const whole = await runAgain(join(folder, "whole"), inputs);
  for (const [rangeBytes, again] of [
    [9_001, { rangeBytes: 9_001, threads: 1 }],
    [20_011, { rangeBytes: 3_001, threads: 2, chunkSize: 77, batchSize: 9 }],
    [9_001, { chunkSize: 1000 }],
  ] as const) {
    const out = join(folder, `out-${rangeBytes}-${JSON.stringify(again).length}`);
    await killedConvert(folder, { inputs, out, ...OPTIONS, rangeBytes, threads: 2 }, "checkpoint:done:4");
    const { summary } = await runAgain(out, inputs, again);
    assert.deepEqual(resumed(summary), { PJM: 0 });
    assert.ok(summary.resumed[0]!.rowsDone > 0);
    const { outputs: _, ...undisturbedOutcome } = outcome(whole.summary, join(folder, "whole"));
    const { outputs: __, ...resumedOutcome } = outcome(summary, out);
    assert.deepEqual(resumedOutcome, undisturbedOutcome);
  }
});

test("a year that cannot be written only costs that year, killed or not", async (t) => {
  const folder = tempFolder(t);
  const inputs = PJM();
  const year = join("energy", "iso=PJM", "market=DA", "feed=da_hourly", "year=2024");
  const blocked = (out: string): string => {
    mkdirSync(join(out, year, ".."), { recursive: true });
    writeFileSync(join(out, year), "in the way");
    return out;
  };
  const plain = blocked(join(folder, "plain"));
  const { summary: expected } = await runAgain(plain, inputs);
  assert.equal(expected.status, "partial");
  assert.ok(expected.totals.rowsFailed > 0);
  for (const failpoint of ["checkpoint:done:4", "year:before-rename"]) {
    const out = blocked(join(folder, failpoint.replace(/\W/g, "-")));
    await runKilled(out, failpoint, inputs);
    const { summary } = await runAgain(out, inputs);
    assert.ok(summary.resumed[0]!.filesDone > 0);
    checkAccounts(summary);
    assert.deepEqual(summary.totals, expected.totals);
    assert.deepEqual(
      summary.failures.map(({ message }) => message),
      expected.failures.map(({ message }) => message),
    );
    assert.deepEqual(digests(out), digests(plain));
    assertNothingLeft(out);
  }
});

test("where no journal can be kept the run says so and goes on", async (t) => {
  const out = join(tempFolder(t), "out");
  mkdirSync(join(out, "_gridparquet"), { recursive: true });
  writeFileSync(join(out, "_gridparquet", "journal"), "in the way");
  const { summary, log } = await runAgain(out);
  assert.match(log, /^warn: the journal \S+pjm\.journal cannot be written: /m);
  assert.deepEqual(outcome(summary, out), undisturbed);
});

test("what a run left that had no journal is gone after the next one", async (t) => {
  const { inputs, out } = await begun(t);
  rmSync(journalOf(out));
  assert.ok(filesBelow(out).some((name) => name.endsWith(".partial")));
  const { summary } = await runAgain(out, inputs);
  assert.deepEqual(summary.resumed, []);
  assertNothingLeft(out);
});

test("without a failpoint a short run keeps no journal", async (t) => {
  const out = join(tempFolder(t), "out");
  const { summary } = await convertJson([input, "--out", out, ...ARGS]);
  assert.deepEqual(outcome(summary, out), undisturbed);
  assert.ok(!filesBelow(out).some((name) => name.includes("journal")));
});
