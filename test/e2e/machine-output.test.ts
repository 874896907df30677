import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { samplesOf } from "../helpers/prometheus.js";
import { type CliRun, convertJson, runCli, runGroups, runRecord, tempFolder, writeDays } from "./helpers.js";

/* What programs read of a run: log lines as JSON, the metrics file, the run's record. */

async function oneDay(t: TestContext): Promise<{ folder: string; input: string }> {
  const folder = tempFolder(t);
  const input = join(folder, "in");
  await writeDays(input, [{ feed: "da_hourly", date: "2025-06-01", nodeCount: 5 }]);
  writeFileSync(join(input, "notes.txt"), "no feed\n");
  return { folder, input };
}

function logOf({ stderr }: CliRun): { time: string; level: string; message: string; code?: string }[] {
  return stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("with --log-format json every line on stderr is an object, progress and faults too", async (t) => {
  const { folder, input } = await oneDay(t);
  const options = ["--out", join(folder, "out"), "--log-format", "json", "--log-level", "info"];
  const run = await runCli(["convert", input, ...options]);
  assert.equal(run.code, 0);
  const log = logOf(run);
  assert.ok(log.some(({ level, message }) => level === "info" && message.startsWith("memory: limit")));
  for (const { time } of log) assert.equal(new Date(time).toISOString(), time);

  const missing = await runCli(["convert", join(folder, "nothing"), ...options]);
  assert.equal(missing.code, 1);
  const last = logOf(missing).at(-1)!;
  assert.deepEqual([last.level, last.code], ["error", "input-missing"]);
  const wrong = await runCli(["convert", input, "--log-format=json", "--nonsense"]);
  assert.equal(logOf(wrong).at(-1)!.code, "usage");
});

test("--metrics-file leaves what the run did, for the textfile collector", async (t) => {
  const { folder, input } = await oneDay(t);
  const path = join(folder, "gridparquet.prom");
  const { summary } = await convertJson([input, "--out", join(folder, "out"), "--metrics-file", path]);
  const samples = samplesOf(readFileSync(path, "utf8"));
  assert.equal(samples.get("gridparquet_written_rows_total"), summary.totals.rowsWritten);
  assert.equal(samples.get('gridparquet_decoded_rows_total{iso="PJM"}'), summary.totals.rowsRead);
  assert.equal(samples.get('gridparquet_decoded_files_total{iso="PJM"}'), 1);
  assert.ok(samples.get("gridparquet_batch_duration_seconds_count")! >= 1);
  assert.ok(samples.get("gridparquet_peak_resident_memory_bytes")! > 0);
  assert.deepEqual(readdirSync(folder).sort(), ["gridparquet.prom", "in", "out"]);
  const { run } = await convertJson([input, "--out", join(folder, "out"), "--metrics-file", "m.txt"]);
  assert.equal(run.code, 64);
});

test("a run's record has versions, settings, the memory plan, samples and a page", async (t) => {
  const { folder, input } = await oneDay(t);
  const limits = ["--memory-limit", "512MB", "--threads", "1"];
  const { summary } = await convertJson([input, "--out", join(folder, "out"), ...limits]);
  const record = runRecord(summary) as unknown as Record<string, Record<string, unknown>>;
  assert.equal(record.versions!.node, process.versions.node);
  assert.match(String(record.versions!.gridparquet), /^\d+\.\d+\.\d+/);
  assert.equal(record.settings!.threads, 1);
  const { limit } = record.memory!.plan as { limit: { bytes: number; source: string } };
  assert.deepEqual(limit, { bytes: 512e6, source: "option" });
  const beside = (name: string) => readFileSync(join(dirname(summary.report!), name), "utf8");
  const { columns } = JSON.parse(beside("memory.json")) as { columns: Record<string, number[]> };
  assert.ok(columns.rss!.length >= 1 && columns.rss!.every((bytes) => bytes > 0));
  assert.equal(columns.wasmReserved!.length, columns.rss!.length);
  assert.match(beside("summary.md"), /^# complete: run of [\s\S]*- read: 1 file,[\s\S]*## Written/);
});

test("a run's record has the time and the rows of each file and of each group", async (t) => {
  const folder = tempFolder(t);
  const input = join(folder, "in");
  const dates = ["2025-06-01", "2025-06-02", "2025-06-03"];
  const nodes = { feed: "da_hourly", nodeCount: 5 } as const;
  const paths = await writeDays(
    input,
    dates.map((date) => ({ ...nodes, date })),
  );
  appendFileSync(paths[2]!, "a record that is none\n");
  const { summary } = await convertJson([input, "--out", join(folder, "out"), "--batch-size", "2"]);
  assert.equal("files" in summary || "groups" in summary, false, "they are in the record only");
  const { files } = runRecord(summary);
  assert.ok(files.every(({ seconds, retries }) => seconds !== null && seconds > 0 && retries === 0));
  const [first, second] = runGroups(summary);
  const [a, b, c] = files.map(({ seconds }) => seconds!);
  const rows = 24 * 5;
  const close = (seconds: number | null, sum: number) => Math.abs(seconds! - sum) < 2e-6;
  assert.ok(close(first!.seconds, a! + b!) && close(second!.seconds, c!));
  assert.deepEqual(
    [first, second].map((group) => ({ ...group, seconds: null })),
    [
      { iso: "PJM", index: 0, files: 2, rows: 2 * rows, seconds: null, rejects: 0, retries: 0 },
      { iso: "PJM", index: 1, files: 1, rows: rows + 1, seconds: null, rejects: 1, retries: 0 },
    ],
  );
});

test("a dry run says what the memory limit leaves", async (t) => {
  const { folder, input } = await oneDay(t);
  const run = await runCli([
    ...["convert", input, "--out", join(folder, "out"), "--dry-run"],
    ...["--memory-limit", "256MB", "--threads", "8"],
  ]);
  assert.match(run.stdout, /memory: limit 256 MB; 1 thread, batches of 50,000\s+rows/);
  assert.match(run.stderr, /warning: the memory limit of 256 MB leaves room for 1 of 8 threads/);
});
