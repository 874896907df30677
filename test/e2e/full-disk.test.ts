import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
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

/* What a full disk costs, and what it must not cost. */

const DAY = { feed: "da_hourly", date: "2025-06-04", nodeCount: 3 } as const;

/** A small file system of its own; null, with the test skipped, where none can be mounted. */
function smallDisk(t: TestContext, size: string): string | null {
  const path = mkdtempSync(join(tmpdir(), "gridparquet-disk-"));
  let mounted = false;
  t.after(() => {
    if (mounted) execFileSync("umount", [path]);
    rmSync(path, { recursive: true, force: true });
  });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path], { stdio: "ignore" });
    mounted = true;
  } catch {
    t.skip("needs the right to mount a small file system");
    return null;
  }
  return path;
}

const LARGE = { feed: "da_hourly", nodeCount: 400, sixDecimalAggregates: true } as const;
const SMALL_ARGS = ["--compression", "none", "--row-group-size", "2000"];

test("a disk that becomes full stops the run and costs nothing published; with room it goes on", async (t) => {
  const disk = smallDisk(t, "1m");
  if (disk === null) return;
  const input = join(tempFolder(t), "in");
  const out = join(disk, "out");
  await writeDays(input, [{ ...DAY, date: "2024-12-30" }]);
  await writeDays(input, [{ ...DAY, date: "2025-01-02" }]);
  const first = await convertJson([input, "--out", out]);
  assert.equal(first.run.code, 0);
  const before = digests(out);
  assert.equal(Object.keys(before).length, 2);

  const days = ["2025-01-02", "2025-01-03", "2025-02-04", "2025-03-05"].map((date) => ({ ...LARGE, date }));
  await writeDays(input, [...days, { ...DAY, date: "2026-01-05" }]);
  // Short as it is the run would keep no journal.
  const env = { GRIDPARQUET_FAILPOINT: "none" };
  const args = ["convert", input, "--out", out, ...SMALL_ARGS, "--batch-size", "1", "--no-progress"];
  for (let attempt = 0; attempt < 2; attempt++) {
    const run = await runCli(args, { env });
    assert.equal(run.code, 1);
    assert.match(
      run.stderr.replaceAll(/\s+/g, " "),
      /^gridparquet: there is no room left in \S*out: PJM needs about \d+ MB more Make room and run the same command again: it goes on from where it stopped\. $/,
    );
    assert.deepEqual(digests(out), before);
  }
  execFileSync("mount", ["-o", "remount,size=16m", disk]);
  const { summary, run } = await convertJson(args.slice(1), { env });
  assert.deepEqual([run.code, summary.status], [0, "complete"]);
  assert.ok(summary.resumed[0]!.filesDone > 0, "what was done before is not read again");
  checkAccounts(summary);
  assertNothingLeft(out);
  const whole = join(tempFolder(t), "whole");
  await convertJson([input, "--out", whole, ...SMALL_ARGS]);
  assert.deepEqual(digests(out), digests(whole));
});

test("a disk that becomes full in a run without a journal leaves nothing of it", async (t) => {
  const disk = smallDisk(t, "256k");
  if (disk === null) return;
  const input = join(tempFolder(t), "in");
  await writeDays(input, [{ ...LARGE, date: "2025-01-02" }]);
  const run = await runCli(["convert", input, "--out", join(disk, "out"), "--no-progress", ...SMALL_ARGS]);
  assert.equal(run.code, 1);
  assert.match(run.stderr, /there is no room left in .*\n {2}Make room and run the same command again\.\n$/);
  assert.deepEqual(filesBelow(disk), []);
});

test("a disk with no room at all: the run says so and leaves nothing", async (t) => {
  const disk = smallDisk(t, "64k");
  if (disk === null) return;
  const input = join(tempFolder(t), "in");
  await writeDays(input, [DAY]);
  writeFileSync(join(disk, "ballast"), new Uint8Array(64 << 10));
  const run = await runCli(["convert", input, "--out", join(disk, "out"), "--json"]);
  const { status, error } = JSON.parse(run.stdout) as { status: string; error: { code: string } };
  assert.deepEqual([run.code, status, error.code], [1, "failed", "disk-full"]);
  assert.deepEqual(filesBelow(disk), ["ballast"]);
});

test("a disk that the rejected records fill", async (t) => {
  const disk = smallDisk(t, "64k");
  if (disk === null) return;
  const input = join(tempFolder(t), "in");
  mkdirSync(input);
  const { header, records } = dayLines({ ...LARGE, date: "2025-01-02" });
  const bad = records.map((record) => record.replace(/,1$/, ",one"));
  writeFileSync(join(input, "bad.csv"), [header, ...bad, ""].join("\n"));
  await writeDays(input, [{ ...DAY, date: "2025-01-05" }]);
  const out = join(disk, "out");
  const run = await runCli(["convert", input, "--out", out]);
  assert.equal(run.code, 1);
  assert.match(run.stderr, /there is no room left in .*make room/is);
  assert.deepEqual(filesBelow(out), []);
});
