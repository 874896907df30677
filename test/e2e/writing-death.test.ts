import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { type ConvertOptions, type ConvertSummary, convert, update } from "../../src/index.js";
import { makeInput, NODES, outcome } from "./disturbed-runs.js";
import { dayLines, digests, runRecord, tempFolder, writeDays } from "./helpers.js";

/* Threads that die while they encode, merge or read back row groups of a year (GRIDPARQUET_FAULT), once or each time. */

const FAULT = "GRIDPARQUET_FAULT";
/** A task for each file, small row groups, no checkpoint before it is asked for. */
const OPTIONS = { batchSize: 1, rowGroupSize: 400, threads: 2 };
const EVERY_TASK = { checkpointMs: 0 };
const shared = mkdtempSync(join(tmpdir(), "gridparquet-e2e-"));
const input = join(shared, "in");
after(() => rmSync(shared, { recursive: true, force: true }));
afterEach(() => {
  delete process.env[FAULT];
});
let undisturbed: ReturnType<typeof outcome>;

before(async () => {
  await makeInput(input);
  const out = join(shared, "whole");
  undisturbed = outcome((await run(out)).summary, out);
});

interface Run {
  summary: ConvertSummary;
  log: string;
}

async function run(out: string, options: Partial<ConvertOptions> = {}): Promise<Run> {
  const lines: string[] = [];
  const onLog: ConvertOptions["onLog"] = (level, text) => void lines.push(`${level}: ${text}`);
  const summary = await convert({ inputs: [input], ...OPTIONS, ...options, out, onLog });
  return { summary, log: lines.join("\n") };
}

/** What the record of a run says of threads that died at the writer's work. */
function writing(summary: ConvertSummary): { workerDeaths: number; retries: number } {
  const record: object = runRecord(summary);
  return (record as { writing: { workerDeaths: number; retries: number } }).writing;
}

for (const [task, kind, options] of [
  ["encode", "exit", EVERY_TASK],
  ["encode", "trap", EVERY_TASK],
  ["encode", "throw", {}],
  ["encode", "exit", { threads: 1, fresh: true, ...EVERY_TASK }],
  ["merge", "exit", EVERY_TASK],
  ["merge", "exit", {}],
  ["read", "exit", {}],
  ["combine", "exit", {}],
] as const) {
  const how = JSON.stringify(options);
  test(`a thread that dies once of ${kind} while it has rows to ${task} changes nothing, ${how}`, async (t) => {
    const folder = tempFolder(t);
    const marker = join(folder, "died");
    process.env[FAULT] = `${kind},${task},2025,${marker}`;
    const out = join(folder, "out");
    const { summary, log } = await run(out, options);
    assert.ok(existsSync(marker));
    assert.deepEqual(outcome(summary, out), undisturbed);
    assert.deepEqual(summary.resumed, []);
    const { workerDeaths, retries } = writing(summary);
    assert.ok(workerDeaths >= 1 && retries >= 1, `${workerDeaths} deaths, ${retries} retries`);
    assert.match(log, /^warn: .*a worker thread failed: .* once more/m);
    // The file of 2024 was saved before the first rows of 2025 came.
    const isSaved = task === "encode" && "checkpointMs" in options;
    assert.equal(/goes on after [1-9]\d* of \d+ files, which this run has read/.test(log), isSaved, log);
  });
}

for (const task of ["encode", "merge", "read"]) {
  test(`a year of which each thread dies that has rows to ${task} fails alone`, async (t) => {
    const out = join(tempFolder(t), "out");
    process.env[FAULT] = `exit,${task},2025`;
    const { summary } = await run(out, EVERY_TASK);
    const { status, exitCode, outputs, files } = outcome(summary, out);
    assert.deepEqual([status, exitCode], ["partial", 2]);
    const failed = summary.failures.map(({ file }) => file);
    assert.ok(failed.length >= 1 && failed.every((file) => file.includes("year=2025")), failed.join());
    for (const { message } of summary.failures)
      assert.match(message, /^the year file was not written: a worker thread failed: /);
    const others = undisturbed.outputs.filter(({ path }) => !failed.includes(out + path));
    assert.ok(others.some(({ year }) => year === 2024));
    assert.deepEqual(outputs, others);
    for (const { path } of others) assert.equal(files[path.slice(1)], undisturbed.files[path.slice(1)]);
  });
}

test("an update outlives a death in each of the three, and adds the same", async (t) => {
  const folder = tempFolder(t);
  // Rows of the day before that come late: they must be merged with those that are there.
  const { header, records } = dayLines({ feed: "da_hourly", date: "2025-01-02", nodeCount: NODES });
  const [early, late] = [0, 1].map((rest) => {
    const path = join(folder, `half_${rest}.csv`);
    writeFileSync(path, [header, ...records.filter((_, index) => index % 2 === rest), ""].join("\n"));
    return path;
  }) as [string, string];
  const updated = async (task: string, fault: string | null): Promise<unknown> => {
    const out = join(folder, task);
    await convert({ inputs: [early], ...OPTIONS, out });
    if (fault !== null) process.env[FAULT] = fault;
    const { exitCode, totals } = await update({ inputs: [late], batchSize: 1, threads: 2, out });
    delete process.env[FAULT];
    return { exitCode, totals, files: digests(out) };
  };
  const whole = await updated("whole", null);
  for (const task of ["encode", "merge", "read"]) {
    const marker = join(folder, `${task}-died`);
    assert.deepEqual(await updated(task, `exit,${task},2025,${marker}`), whole, task);
    assert.ok(existsSync(marker), task);
  }
});

test("a file that always kills its thread fails alone, whatever else the thread has in hand", async (t) => {
  const folder = tempFolder(t);
  const dates = ["2025-06-01", "2025-06-02", "2025-06-03", "2025-06-04"];
  const days = await writeDays(
    join(folder, "in"),
    dates.map((date) => ({ feed: "da_hourly", date, nodeCount: 20 })),
  );
  for (const message of [0, 2, 4]) {
    process.env[FAULT] = `exit,${basename(days[2]!)},${message}`;
    const options = { inputs: days, threads: 1, chunkSize: 100, rowGroupSize: 50 };
    const { summary } = await run(join(folder, `out-${message}`), options);
    const failed = summary.failures.map(({ file }) => file);
    assert.deepEqual([summary.exitCode, failed], [2, [days[2]]], `message ${message}`);
  }
});
