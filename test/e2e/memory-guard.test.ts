import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { GridparquetError } from "../../src/errors.js";
import { type ConvertOptions, convert } from "../../src/index.js";
import { assertNothingLeft, convertJson, digests, filesBelow, tempFolder, writeDays } from "./helpers.js";

/* The memory guard with the memory of a real run: the limits are set around what this process has. */

const shared = mkdtempSync(join(tmpdir(), "gridparquet-e2e-"));
const input = join(shared, "in");
after(() => rmSync(shared, { recursive: true, force: true }));

before(async () => {
  const days = Array.from({ length: 20 }, (_, day) => ({
    feed: "da_hourly" as const,
    date: `2025-06-${String(day + 1).padStart(2, "0")}`,
    nodeCount: 500,
  }));
  await writeDays(input, days);
});

/** A run in this process, with what it logged. */
async function run(
  options: Omit<ConvertOptions, "inputs">,
): Promise<{ log: string[]; error: GridparquetError | null }> {
  const log: string[] = [];
  try {
    await convert({ ...options, inputs: [input], onLog: (level, text) => log.push(`${level} ${text}`) });
    return { log, error: null };
  } catch (error) {
    assert.ok(error instanceof GridparquetError);
    return { log, error };
  }
}

test("a run that stays far above its limit is slowed down, then stopped; what to change is said", async (t) => {
  const out = join(tempFolder(t), "out");
  const { log, error } = await run({ out, memoryLimit: 20e6, memoryBreakMs: 1, chunkSize: 50 });
  assert.equal(error?.code, "memory-limit");
  assert.equal(error.exitCode, 1);
  assert.match(error.message, /limit of 20 MB/);
  assert.match(error.hint!, /--memory-limit.*--threads 1.*--sequential/);
  assert.ok(log.some((line) => /^warn the memory limit of 20 MB is little/.test(line)));
  assert.ok(log.some((line) => /^info memory is at \d+ MB of 20 MB; 50 %/.test(line)));
  assert.deepEqual(
    filesBelow(out).filter((name) => name.endsWith(".parquet")),
    [],
  );
  // What was done may have been kept, or there was none; either way the run can be made with more memory.
  assert.equal((await run({ out, memoryLimit: 64e9 })).error, null);
  assertNothingLeft(out);
});

test("a run that is only slowed down writes the same bytes", async (t) => {
  const folder = tempFolder(t);
  const free = join(folder, "free");
  const tight = join(folder, "tight");
  assert.equal((await run({ out: free, memoryLimit: 64e9 })).error, null);
  // Above what the process has: the breaker stays shut for want of time.
  const { log, error } = await run({ out: tight, memoryLimit: 20e6, memoryBreakMs: 3_600_000 });
  assert.equal(error, null);
  assert.ok(log.some((line) => /of 20 MB; 50 %/.test(line)));
  assert.deepEqual(digests(tight), digests(free));
  assert.equal(Object.keys(digests(free)).length, 1);
});

test("the command takes a limit with a unit and refuses one without", async (t) => {
  const out = join(tempFolder(t), "out");
  const { summary } = await convertJson([input, "--out", out, "--memory-limit", "256MB"]);
  assert.equal(summary.status, "complete");
  assert.ok(summary.peakRssBytes < 256e6, `${summary.peakRssBytes}`);
  const { run: refused } = await convertJson([input, "--out", `${out}2`, "--memory-limit", "256"]);
  assert.equal(refused.code, 64);
  assert.match(refused.stderr, /--memory-limit must be a size with its unit, such as 512MB/);
  assert.ok(!existsSync(`${out}2`));
});
