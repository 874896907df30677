import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ConvertSummary } from "../../src/run/options.js";
import {
  assertNothingLeft,
  checkAccounts,
  convertJson,
  dayLines,
  digests,
  filesBelow,
  runRecord,
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

/** Failures by the name of the file they are about. */
function failuresOf({ failures }: ConvertSummary): Record<string, string> {
  return Object.fromEntries(failures.map(({ file, message }) => [file.split("/").at(-1)!, message]));
}

test("a disk that becomes full costs the years that do not fit, and nothing published", async (t) => {
  const disk = smallDisk(t, "512k");
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
  const { summary, run } = await convertJson([input, "--out", out, ...SMALL_ARGS]);
  assert.deepEqual([run.code, summary.status], [2, "partial"]);
  const full =
    "the year file was not written: the disk is full (ENOSPC); make room on the disk and run the same command again";
  assert.deepEqual(failuresOf(summary), { "pjm_da_hourly_2025.parquet": full });
  assert.deepEqual(
    summary.outputs.map(({ year }) => year),
    [2024, 2026],
  );
  assert.ok(summary.totals.rowsFailed > 30_000);
  checkAccounts(summary);
  assertNothingLeft(out);
  const path = Object.keys(before).find((name) => name.includes("year=2025"))!;
  assert.equal(digests(out)[path], before[path], "the published file of that year is as it was");
});

test("a disk with no room at all: every year says so, and so does the record of the run", async (t) => {
  const disk = smallDisk(t, "64k");
  if (disk === null) return;
  const input = join(tempFolder(t), "in");
  await writeDays(input, [DAY]);
  writeFileSync(join(disk, "ballast"), new Uint8Array(64 << 10));
  const { summary, run } = await convertJson([input, "--out", join(disk, "out")]);
  assert.deepEqual([run.code, summary.status, summary.report], [1, "failed", null]);
  const failures = failuresOf(summary);
  assert.match(
    failures["pjm_da_hourly_2025.parquet"]!,
    /^the year file was not written: the disk is full .*make room/,
  );
  assert.match(failures["run.json"]!, /^the record of the run was not written: the disk is full .*make room/);
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
  const { summary, run } = await convertJson([input, "--out", out]);
  assert.deepEqual([run.code, summary.outputs, summary.rejects], [1, [], null]);
  assert.match(
    summary.failures[0]!.message,
    /the rejects file .* cannot be written: the disk is full .*make room/,
  );
  assert.deepEqual(runRecord(summary).failures, summary.failures);
  assertNothingLeft(out);
});
