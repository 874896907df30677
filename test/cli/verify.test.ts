import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { main } from "../../src/cli/main.js";
import { resolveVerify } from "../../src/cli/resolve-dataset.js";
import { verifyText } from "../../src/cli/verify-text.js";
import { lockOutput } from "../../src/run/output-lock.js";
import type { VerifyResult } from "../../src/verify/verify-dataset.js";
import { dayRows, daysFrom, putYears } from "../helpers/datasets.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { collector, folder, raw, surroundings, tooLong, usage } from "./helpers.js";

before(loadEncoders);

function verify(...args: string[]) {
  return verifyOn(undefined, ...args);
}

/** @param terminal that stderr is; none where it is left out */
async function verifyOn(terminal: { columns: number } | undefined, ...args: string[]) {
  const [stdout, stderr] = [collector(), collector(terminal)];
  const code = await main(["verify", ...args], { stdout: stdout.stream, stderr: stderr.stream });
  return { code, text: stdout.text(), errors: stderr.text() };
}

test("exit codes: 0 for warnings, 2 for errors; --json, --quiet", async (t) => {
  const out = folder(t);
  const [path] = await putYears(out, dayRows(daysFrom("2024-05-01", "2024-05-03")));
  const doubtful = await verify(out, "--threads", "1");
  // Files that are made here have no manifest.
  assert.equal(doubtful.code, 0);
  // Where its lines break depends on how long the folder's name is.
  assert.match(
    doubtful.text.replaceAll("\n", " "),
    /1 year file, 216 rows, .* read back in .*; 0 errors, 1 warning /,
  );
  assert.match(doubtful.text, /\n {2}warning {2}manifest {9}it has no manifest: /);
  writeFileSync(join(out, path!), "PAR1");
  const damaged = await verify(out, "--json");
  assert.equal(damaged.code, 2);
  const printed = JSON.parse(damaged.text) as VerifyResult;
  assert.deepEqual([printed.status, printed.exitCode, printed.totals.errors], ["damaged", 2, 1]);
  assert.deepEqual(printed.findings, [
    {
      check: "magic",
      severity: "error",
      file: path,
      rowGroup: null,
      day: null,
      location: null,
      message: "it has only 4 bytes",
    },
  ]);
  assert.deepEqual(await verify(out, "--quiet"), { code: 2, text: "", errors: "" });
  assert.equal((await verify(out, "--year", "2023")).code, 0);
});

test("progress on a terminal, unless it is switched off; nothing elsewhere", async (t) => {
  const out = folder(t);
  const day = daysFrom("2024-05-01", "2024-05-01");
  await putYears(out, [...dayRows(day), ...dayRows(daysFrom("2025-05-01", "2025-05-01"))]);
  const term = process.env.TERM;
  process.env.TERM = "xterm";
  t.after(() => {
    if (term === undefined) delete process.env.TERM;
    else process.env.TERM = term;
  });
  const columns = { columns: 80 };
  const shown = await verifyOn(columns, out, "--threads", "1");
  assert.match(shown.errors, /verify {2}\[=+\] 100% {2}2\/2 files {2}144 rows {2}done {2}mem /);
  assert.match(shown.text, /2 year files, 144 rows/);
  for (const option of ["--quiet", "--no-progress"])
    assert.equal((await verifyOn(columns, out, option)).errors, "", option);
  assert.equal((await verify(out)).errors, "");
});

test("a run that is at work on the dataset is named, and nothing is refused", async (t) => {
  const out = folder(t);
  await putYears(out, dayRows(daysFrom("2024-05-01", "2024-05-03")));
  mkdirSync(join(out, "_gridparquet"), { recursive: true });
  const unlock = await lockOutput(out);
  const { code, text, errors } = await verify(out);
  assert.equal(code, 0);
  assert.match(text, /216 rows/);
  assert.match(
    errors,
    /^gridparquet: warning: a run is at work on [^\n]*: process \d+, since 20\S+; files that it replaces[^\n]*\n$/,
  );
  assert.ok(errors.includes(`process ${process.pid}, since `));
  assert.equal((await verify(out, "--quiet")).errors, "");
  await unlock();
  assert.equal((await verify(out)).errors, "");
});

test("the text fits 80 columns, but for paths", () => {
  const file = `energy/iso=PJM/market=DA/feed=da_hourly/year=2024/${"x".repeat(40)}.parquet`;
  const finding = { severity: "error", check: "interval-length", file } as const;
  const text = verifyText({
    status: "damaged",
    exitCode: 2,
    out: "lake",
    elapsedSeconds: 1.5,
    totals: { files: 1, rows: 1_234_567, bytes: 7_000_000, errors: 1240, warnings: 0 },
    findings: [
      {
        ...finding,
        rowGroup: 17,
        day: "2024-03-10",
        location: "A LOCATION WITH \u001b[31mCOLOUR",
        message: "the interval 2024-03-10 07:00 UTC has 65 minutes, the others 60",
      },
    ],
    omitted: [{ ...finding, count: 1239 }],
  });
  assert.deepEqual(
    tooLong(text).filter((line) => line !== file),
    [],
  );
  assert.match(text, /row group 17, 2024-03-10, A LOCATION WITH\s+\\x1b\[31mCOLOUR: the\s+interval/);
  assert.match(text, /\n {2}and 1,239 more of interval-length\n$/);
});

test("options: a folder, threads, source files", async () => {
  const resolved = async (...args: string[]) =>
    (await resolveVerify(raw("verify", ...args), surroundings("/"))).options;
  const { out, threads, deep } = await resolved("lake", "--threads", "3", "--deep", "in/", "more/*.csv");
  assert.deepEqual([out, threads, deep], ["lake", 3, ["in/", "more/*.csv"]]);
  assert.deepEqual((await resolved("lake")).deep, []);
  await assert.rejects(resolved("--deep", "in", "lake"), usage(/no folder given/, /gridparquet verify DIR/));
});
