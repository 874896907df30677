import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, afterEach, before, type TestContext, test } from "node:test";
import { type ConvertOptions, type ConvertSummary, convert } from "../../src/index.js";
import {
  assertNothingLeft,
  checkAccounts,
  convertJson,
  dayLines,
  digests,
  filesBelow,
  plainEnvironment,
  runGroups,
  tempFolder,
  writeDays,
} from "./helpers.js";

/* Threads that die while they decode: of a fault (GRIDPARQUET_FAULT) at a message of a file, once or each time. */

const FAULT = "GRIDPARQUET_FAULT";
const CHUNK = 40;
const shared = mkdtempSync(join(tmpdir(), "gridparquet-e2e-"));
const input = join(shared, "in");
const large = join(shared, "large");
after(() => rmSync(shared, { recursive: true, force: true }));
afterEach(() => {
  delete process.env[FAULT];
});
let days: string[] = [];

/** Five small files of one task, the third with records that are rejected; and a file that is cut into ranges. */
before(async () => {
  const dates = ["2025-06-01", "2025-06-02", "2025-06-03", "2025-06-04", "2025-06-05"];
  days = await writeDays(
    input,
    dates.map((date) => ({ feed: "da_hourly", date, nodeCount: 3 })),
  );
  appendFileSync(days[2]!, "a record that is none\n".repeat(3));
  const { header, records } = dayLines({ feed: "da_hourly", date: "2025-07-01", nodeCount: 60 });
  mkdirSync(large, { recursive: true });
  const bad = records.map((record, i) => (i % 200 === 7 ? `${record},too,many` : record));
  writeFileSync(join(large, "large.csv"), [header, ...bad, ""].join("\n"));
});

interface Run {
  summary: ConvertSummary;
  warnings: string[];
}

async function run(out: string, options: Partial<ConvertOptions> = {}): Promise<Run> {
  const warnings: string[] = [];
  const onLog: ConvertOptions["onLog"] = (level, text) => {
    if (level === "warn") warnings.push(text);
  };
  const settings = { inputs: [input], threads: 2, chunkSize: CHUNK, ...options };
  const summary = await convert({ ...settings, out, onLog });
  checkAccounts({ ...summary });
  assertNothingLeft(out);
  return { summary, warnings };
}

function rejectsOf({ summary }: Run): string[] {
  if (summary.rejects === null) return [];
  const folder = summary.rejects;
  return filesBelow(folder).map((name) => readFileSync(join(folder, name), "utf8"));
}

/** Runs with a thread that dies at message 0, 1, … of a file, until there is no such message. */
async function dieAtEach(
  t: TestContext,
  file: string,
  kind: string,
  options: Partial<ConvertOptions> = {},
): Promise<number> {
  const folder = tempFolder(t);
  const whole = await run(join(folder, "whole"), options);
  for (let message = 0; ; message++) {
    const marker = join(folder, `died-${message}`);
    process.env[FAULT] = `${kind},${basename(file)},${message},${marker}`;
    const out = join(folder, `out-${message}`);
    const died = await run(out, options);
    assert.equal(died.summary.status, whole.summary.status);
    assert.deepEqual(digests(out), digests(join(folder, "whole")), `message ${message}`);
    assert.deepEqual(rejectsOf(died), rejectsOf(whole), `message ${message}`);
    assert.deepEqual(died.summary.totals, whole.summary.totals);
    const { retries, seconds } = died.summary.files.find((each) => basename(each.file) === basename(file))!;
    assert.ok(
      seconds !== null && retries === (existsSync(marker) ? 1 : 0),
      `${seconds} s, ${retries} retries`,
    );
    const ofGroups = runGroups(died.summary).reduce((sum, group) => sum + group.retries, 0);
    if (!existsSync(marker)) return message;
    assert.ok(ofGroups >= 1);
    assert.match(died.warnings.join("\n"), /the decoder failed \(.*\); it is tried again/);
  }
}

test("whatever message it dies at, the task is done again and no row comes twice or is lost", async (t) => {
  assert.ok((await dieAtEach(t, days[2]!, "throw")) >= 4);
});

test("a thread that ends, with all the tasks that it has, is made up for", async (t) => {
  assert.ok((await dieAtEach(t, days[1]!, "exit", { threads: 1, batchSize: 2 })) >= 3);
});

test("a range of a large file is done again, too", async (t) => {
  const options = { inputs: [large], rangeBytes: 30_000, chunkSize: 150 };
  assert.ok((await dieAtEach(t, "large.csv", "throw", options)) >= 6);
});

for (const kind of ["throw", "exit", "trap"]) {
  test(`a file that always makes its thread ${kind} fails alone`, async (t) => {
    const folder = tempFolder(t);
    const others = join(folder, "others");
    await run(others, { inputs: days.filter((_, index) => index !== 3) });
    // The end of the file: what was sent of it before has its rows in no batch yet.
    process.env[FAULT] = `${kind},${basename(days[3]!)},0`;
    const out = join(folder, "out");
    const { summary } = await run(out, { chunkSize: 100_000 });
    assert.equal(summary.status, "partial");
    assert.deepEqual(
      summary.failures.map(({ file }) => file),
      [days[3]],
    );
    assert.match(
      summary.failures[0]!.message,
      /^the decoder failed twice, the second time on a thread of its own: /,
    );
    assert.deepEqual(digests(out), digests(others));
  });
}

test("two files that kill their threads fail, and no other", async (t) => {
  const out = join(tempFolder(t), "out");
  // The same name in two folders: both are of one task.
  const twin = join(tempFolder(t), "twin");
  mkdirSync(twin);
  writeFileSync(join(twin, basename(days[0]!)), readFileSync(days[0]!));
  process.env[FAULT] = `exit,${basename(days[0]!)},0`;
  const { summary } = await run(out, { inputs: [input, twin] });
  const failed = summary.failures.map(({ file }) => file);
  assert.ok(failed.includes(days[0]!));
  assert.equal(summary.outputs[0]!.rows, 4 * 24 * 3);
  assert.ok(failed.every((file) => basename(file) === basename(days[0]!)));
});

test("a decoder that does nothing for long is ended, and its file fails", async (t) => {
  process.env[FAULT] = `hang,${basename(days[4]!)},0`;
  const out = join(tempFolder(t), "out");
  const { summary } = await run(out, { decodeTimeoutMs: 5000 });
  assert.deepEqual(
    summary.failures.map(({ file }) => file),
    [days[4]],
  );
  assert.match(summary.failures[0]!.message, /it did nothing for too long/);
  assert.equal(summary.outputs[0]!.rows, 4 * 24 * 3);
});

test("a thread that runs out of memory fails its file, and the run goes on", async (t) => {
  const out = join(tempFolder(t), "out");
  const env = {
    ...plainEnvironment(),
    NODE_OPTIONS: "--max-old-space-size=64",
    [FAULT]: `memory,${basename(days[0]!)},0`,
  };
  const { summary, run: process } = await convertJson([input, "--out", out], { env });
  assert.equal(process.code, 2);
  assert.match(summary.failures[0]!.message, /memory/);
  assert.deepEqual(
    summary.failures.map(({ file }) => file),
    [days[0]],
  );
  assert.equal(summary.outputs[0]!.rows, 4 * 24 * 3);
});
