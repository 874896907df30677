import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { type ConvertSummary, convert, type RunProgress } from "../../src/index.js";
import { compareValues } from "../../src/order/compare-values.js";
import type { PlannedTask } from "../../src/plan/plan-jobs.js";
import { decodeFiles } from "../../src/run/decode-files.js";
import type { JobResult } from "../../src/run/protocol.js";
import { Credits, Semaphore } from "../../src/write/credits.js";
import { JobWriter } from "../../src/write/job-writer.js";
import { SpareShelf } from "../../src/write/spare-buffers.js";
import { MUCH_TROUBLE, randomCsv } from "../helpers/csv-files.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { InProcessPool } from "../helpers/in-process-pool.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { forSeedsAsync, type Random } from "../helpers/random.js";
import { decodeTask, jobInfo, planFolder, turns } from "./decode-tasks.js";
import {
  assertNothingLeft,
  checkAccounts,
  dayLines,
  digests,
  filesBelow,
  readRejects,
  tempFolder,
} from "./helpers.js";

/* A large file is read in ranges, side by side; nobody can see it in what comes out. */

before(loadEncoders);

/** Days of prices in one file, New Year among them. */
function writeDays(folder: string, change: (records: string[]) => string[], ends = "\n"): string {
  const days = ["2024-12-30", "2024-12-31", "2025-01-01"].map((date) =>
    dayLines({ feed: "da_hourly", date, nodeCount: 12, seed: 7 }),
  );
  const records = change(days.flatMap((day) => day.records));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "days_da_hrl_lmps.csv");
  writeFileSync(path, [days[0]!.header, ...records, ""].join(ends));
  return path;
}

/** What a run leaves, less what depends on the clock. */
function outcome(summary: ConvertSummary, out: string): unknown {
  const { status, totals, failures } = summary;
  return { status, totals, failures, files: digests(out), rejects: readRejects(summary) };
}

/** Some records with line breaks in quotes, many with commas in them, a few that are bad. */
function quoted(records: string[]): string[] {
  return records.map((record, at) => {
    const cells = record.split(",");
    if (at % 5 === 0) cells[5] = `"a, ""b"""`;
    if (at % 7 === 0) cells[5] = `"two\nlines"`;
    if (at % 11 === 0) cells[5] = `"1/1/2025 5:00:00 AM\n${record}\n${record}"`;
    if (at % 97 === 0) cells[9] = "bad";
    return cells.join(",");
  });
}

const FILES: [string, (records: string[]) => string[], string][] = [
  ["plain", (records) => records, "\n"],
  [
    "with bad records and blank lines, CRLF",
    (all) => all.with(300, "bad").with(600, "").with(700, "x,y"),
    "\r\n",
  ],
  ["with line breaks in quotes", quoted, "\n"],
  ["with a quote that is never closed", (all) => all.with(400, `${all[400]!.slice(0, 60)},"`), "\n"],
];

for (const [name, change, ends] of FILES) {
  test(`the same comes of a file in ranges, ${name}`, async (t) => {
    const folder = tempFolder(t);
    const path = writeDays(join(folder, "in"), change, ends);
    const { length } = readFileSync(path);
    const run = async (rangeBytes: number, threads: number) => {
      const out = join(folder, `out-${rangeBytes}-${threads}`);
      const seen: RunProgress[] = [];
      const onProgress = (progress: RunProgress) => void seen.push(progress);
      const options = { rangeBytes, threads, rowGroupSize: 100, chunkSize: 50, onProgress };
      const summary = await convert({ inputs: [path], out, ...options });
      checkAccounts(summary);
      assertNothingLeft(out);
      const { filesDone, filesTotal, bytesDone, bytesTotal } = seen.at(-1)!.jobs[0]!;
      assert.deepEqual([filesDone, filesTotal, bytesDone, bytesTotal], [1, 1, length, length]);
      return outcome(summary, out);
    };
    const whole = await run(length, 1);
    assert.equal(Object.keys((whole as { files: object }).files).length, 2);
    for (const [rangeBytes, threads] of [
      [20_000, 1],
      [20_000, 2],
      [3_001, 4],
      [199, 2],
    ] as const)
      assert.deepEqual(await run(rangeBytes, threads), whole, `${rangeBytes} bytes, ${threads} threads`);
  });
}

test("a reject in the third range has its own line", async (t) => {
  const folder = tempFolder(t);
  const path = writeDays(join(folder, "in"), (records) => records.with(-10, "bad").with(0, '"'));
  const { length } = readFileSync(path);
  const out = join(folder, "out");
  const summary = await convert({ inputs: [path], out, rangeBytes: Math.ceil(length / 3), threads: 2 });
  const rejects = readRejects(summary).map(({ line, record }) => [Number(line), record]);
  assert.deepEqual(rejects, [
    [2, '"'],
    [2 + 3 * 24 * 12 - 10, "bad"],
  ]);
});

/** Decodes a folder of one ISO in ranges and writes it, on one thread; what came of it and how often a range was decoded again. */
async function convertHere(input: string, out: string, rangeBytes: number, random: Random) {
  const plan = await planFolder(input, 50, rangeBytes);
  const tasks = plan.groups.flatMap((group) => group.tasks);
  const credits = new Credits(2000);
  const sizes = { rowGroupSize: 50, chunkSize: 20, threads: 2 };
  let again = 0;
  const decode = async (task: number, planned: PlannedTask, isAgain = false): Promise<void> => {
    const { port1, port2 } = new MessageChannel();
    writer.addTask(task, { id: 0, ...planned, port: port2 });
    try {
      await decodeFiles(decodeTask(plan, planned, port1, sizes.chunkSize, isAgain));
    } catch (error) {
      writer.failTask(task, (error as Error).message);
    }
  };
  const writer = new JobWriter(jobInfo(plan, "PJM", { out, ...sizes }), {
    credits,
    encoding: new Semaphore(3),
    spare: new SpareShelf(1e6),
    pool: new InProcessPool(random).run,
    onPublishing: () => undefined,
    decodeAgain: (task, file, range) => {
      again++;
      void decode(task, { files: [file], range }, true);
    },
  });
  const done: Promise<JobResult> = writer.run();
  let next = 0;
  const lane = async () => {
    while (next < tasks.length) {
      const task = next++;
      await turns(random.int(0, 5));
      await decode(task, tasks[task]!);
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  writer.endTasks(tasks.length);
  const { outputs, ...result } = await done;
  assert.ok(Math.abs(credits.used) < 1, `${credits.used} bytes were never given back`);
  const rejects = filesBelow(out).filter((name) => name.endsWith("da_hourly.csv"));
  const told = rejects.map((name) => readFileSync(join(out, name), "utf8"));
  result.unmapped.sort((a, b) => compareValues(a.column + a.value, b.column + b.value));
  return { outcome: { ...result, rejects: told, files: digests(out) }, ranges: tasks.length, again };
}

test("random files with quotes anywhere, in ranges of any size", async (t) => {
  const folder = tempFolder(t);
  let again = 0;
  let right = 0;
  await forSeedsAsync(60, async (random, seed) => {
    const trouble = { ...MUCH_TROUBLE, bytes: random.pick([0, 0.05, 0.3]) };
    const file = randomCsv(random, DA_HOURLY, random.int(5, 60), trouble);
    const input = join(folder, `in-${seed}`);
    mkdirSync(input);
    const bytes = Buffer.concat([Buffer.from(`${file.header.join()}\n`), Buffer.from(file.text, "latin1")]);
    writeFileSync(join(input, "a_da.csv"), bytes);
    const whole = await convertHere(input, join(folder, `whole-${seed}`), bytes.length, random);
    assert.equal(whole.ranges, 1);
    const size = random.pick([random.int(1, 60), random.int(60, bytes.length >> 1)]);
    const cut = await convertHere(input, join(folder, `cut-${seed}`), size, random);
    assert.ok(cut.ranges > 1);
    assert.deepEqual(cut.outcome, whole.outcome);
    again += cut.again;
    right += cut.ranges - cut.again;
  });
  assert.ok(again > 20 && right > 500, `${again} ranges decoded again, ${right} at once`);
});
