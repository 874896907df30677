import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { before, test } from "node:test";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { transferList } from "../../src/arrow/row-batch.js";
import type { RowAccount } from "../../src/run/options.js";
import type { DecoderMessage, JobInfo, JobResult } from "../../src/run/protocol.js";
import { Credits, Semaphore } from "../../src/write/credits.js";
import { JobWriter } from "../../src/write/job-writer.js";
import { SpareShelf } from "../../src/write/spare-buffers.js";
import { rowsByDuckDb } from "../helpers/duckdb.js";
import { folder } from "../helpers/folder.js";
import { InProcessPool } from "../helpers/in-process-pool.js";
import { sortedModel } from "../helpers/model.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { forSeedsAsync, Random } from "../helpers/random.js";
import { batchOf, ENERGY, type Row, randomEnergyRows } from "../helpers/rows.js";
import { JOB_FEED } from "../helpers/year-files.js";

before(loadEncoders);

/** Two files that one decode task reads: what becomes of it, and how many records each file rejects. */
interface FakeTask {
  rows: Row[];
  batchSize: number;
  rejected: number;
  /** The thread dies after so many batches. */
  diesAfter?: number;
}

const FILES_PER_TASK = 2;

class JobBench {
  readonly credits: Credits;
  readonly writer: JobWriter;
  readonly result: Promise<JobResult>;
  readonly tasks: readonly FakeTask[];
  published = 0;
  #sending: Promise<void>[] = [];

  constructor(out: string, tasks: readonly FakeTask[], more: Partial<JobInfo> & { budget?: number } = {}) {
    const { budget = Number.MAX_SAFE_INTEGER, ...info } = more;
    this.tasks = tasks;
    this.credits = new Credits(budget);
    const files = Array.from({ length: tasks.length * FILES_PER_TASK }, (_, index) => ({
      path: `in/${index}.csv`,
      feed: JOB_FEED.feed,
    }));
    const job: JobInfo = {
      iso: "PJM",
      out,
      files,
      feeds: [JOB_FEED],
      rowGroupSize: 60,
      chunkSize: 100,
      compression: "zstd",
      encoder: "own",
      strict: false,
      threads: 2,
      ...info,
    };
    this.writer = new JobWriter(job, {
      credits: this.credits,
      encoding: new Semaphore(2),
      spare: new SpareShelf(1e6),
      pool: new InProcessPool(new Random(1)).run,
      onPublishing: () => this.published++,
      decodeAgain: () => assert.fail("no task has a range"),
    });
    this.result = this.writer.run();
    this.result.catch(() => undefined);
  }

  /** Hands the tasks out in the order given. */
  start(order: readonly number[]): void {
    for (const task of order) {
      const { port1, port2 } = new MessageChannel();
      this.writer.addTask(task, { id: 0, files: filesOf(task), range: null, port: port1 });
      this.#sending.push(this.#send(task, port2));
    }
  }

  /** Waits for the result, and for the decoders to be told that they are done. */
  async finish(): Promise<JobResult> {
    this.writer.endTasks(this.tasks.length);
    const result = await this.result;
    await Promise.all(this.#sending);
    assert.ok(Math.abs(this.credits.used) < 1, `${this.credits.used} bytes were not given back`);
    return result;
  }

  /** What a decode worker does. */
  async #send(task: number, port: MessagePort): Promise<void> {
    const { rows, batchSize, rejected, diesAfter = Number.POSITIVE_INFINITY } = this.tasks[task]!;
    const post = (message: DecoderMessage, transfer: ArrayBuffer[] = []) =>
      port.postMessage(message, transfer);
    const closed = once(port, "close");
    let batches = 0;
    for (let at = 0; at < rows.length; at += batchSize) {
      const answer = Promise.race([once(port, "message"), closed.then(() => null)]);
      post({ type: "admit", capacity: 100, bytes: 5000 });
      if ((await answer) === null) return;
      // Granted: all that was sent before has arrived.
      if (batches++ === diesAfter) {
        this.writer.failTask(task, "the thread has died");
        return;
      }
      const batch = batchOf(ENERGY, rows.slice(at, at + batchSize));
      post({ type: "batch", batch }, transferList(batch));
    }
    for (const fileIndex of filesOf(task)) {
      const records = Array.from({ length: rejected }, (_, line) => ({
        line,
        column: null,
        reason: "x",
        raw: "y",
      }));
      if (rejected > 0) post({ type: "rejects", fileIndex, records });
      const ofFile = rows.filter(({ file }) => file === fileIndex).length;
      post({
        type: "file",
        fileIndex,
        counts: { records: ofFile + rejected, rows: ofFile + rejected, skipped: 0, rejected, filtered: 0 },
        failure: null,
      });
    }
    post({ type: "end" });
    await closed;
  }
}

const filesOf = (task: number): number[] => [task * FILES_PER_TASK, task * FILES_PER_TASK + 1];

function randomTasks(random: Random, count: number): FakeTask[] {
  return Array.from({ length: count }, (_, task) => {
    // Around New Year, so that batches hold rows of two years.
    const firstDay = Date.UTC(2023, 11, 30) / 86_400_000;
    const options = { days: 4, firstDay, locations: 3, files: FILES_PER_TASK };
    const rows = randomEnergyRows(random, random.int(1, 150), options)
      .map((row) => ({ ...row, file: row.file + task * FILES_PER_TASK }))
      .sort((a, b) => a.file - b.file);
    return { rows, batchSize: random.int(10, 80), rejected: random.int(0, 2) };
  });
}

const year = ({ date }: Row): number => new Date(date * 86_400_000).getUTCFullYear();
const sum = (accounts: readonly (RowAccount | null)[], key: keyof RowAccount): number =>
  accounts.reduce((total, account) => total + (account?.[key] ?? 0), 0);

/** Every row that was read ended somewhere, of each file. */
function expectAccounts(accounts: readonly (RowAccount | null)[]): void {
  for (const account of accounts) {
    if (account === null) continue;
    const { rowsRead, rowsWritten, rowsRejected, rowsDeduplicated, rowsFiltered, rowsFailed } = account;
    assert.equal(rowsRead, rowsWritten + rowsRejected + rowsDeduplicated + rowsFiltered + rowsFailed);
  }
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

test("tasks in any order and with any budget: the rows of the plan's order, in one file a year", async (t) => {
  await forSeedsAsync(8, async (random) => {
    const tasks = randomTasks(random, random.int(1, 6));
    const all = tasks.flatMap(({ rows }) => rows);
    let reference: Buffer[] | null = null;
    for (const budget of [Number.MAX_SAFE_INTEGER, 12_000, 0]) {
      const bench = new JobBench(folder(t), tasks, { budget });
      bench.start(random.shuffle([...tasks.keys()]));
      const { outputs, accounts, failures } = await bench.finish();
      assert.deepEqual(failures, []);
      assert.equal(bench.published, 1);
      const years = [...new Set(all.map(year))].sort();
      assert.deepEqual(
        outputs.map((output) => output.year),
        years,
      );
      for (const output of outputs) {
        const rows = all.filter((row) => year(row) === output.year);
        const expected = sortedModel(ENERGY, rows).rows.map((row) => ({ ...row, file: 0 }));
        assert.deepEqual(await rowsByDuckDb(ENERGY, output.path), expected);
      }
      expectAccounts(accounts);
      assert.equal(sum(accounts, "rowsRead"), all.length + sum(accounts, "rowsRejected"));
      const bytes = outputs.map(({ path }) => readFileSync(path));
      reference ??= bytes;
      assert.deepEqual(bytes, reference);
    }
  });
});

test("a task whose thread dies: its file is named, what came is kept and counted, the others go on", async (t) => {
  const tasks = randomTasks(new Random(5), 3);
  const rows = Array.from({ length: 3 }, () => tasks[1]!.rows)
    .flat()
    .slice(0, 60);
  tasks[1] = { rows, batchSize: 20, rejected: 0, diesAfter: 2 };
  const bench = new JobBench(folder(t), tasks);
  bench.start([0, 1, 2]);
  const { accounts, failures } = await bench.finish();
  assert.deepEqual(
    failures,
    filesOf(1).map((file) => ({ file: `in/${file}.csv`, message: "the thread has died" })),
  );
  expectAccounts(accounts);
  const ofTask = filesOf(1).map((file) => accounts[file] ?? null);
  assert.equal(sum(ofTask, "rowsRead"), 40);
  for (const task of [0, 2]) {
    const others = filesOf(task).map((file) => accounts[file] ?? null);
    assert.equal(sum(others, "rowsRead"), tasks[task]!.rows.length + tasks[task]!.rejected * 2);
  }
});

test("strict: a rejected record keeps every year from being published", async (t) => {
  const out = folder(t);
  const tasks = randomTasks(new Random(6), 2).map((task, index) => ({ ...task, rejected: index }));
  const bench = new JobBench(out, tasks, { strict: true });
  bench.start([1, 0]);
  const { outputs, accounts, rejects } = await bench.finish();
  assert.deepEqual(outputs, []);
  expectAccounts(accounts);
  assert.equal(sum(accounts, "rowsFailed"), tasks.flatMap(({ rows }) => rows).length);
  assert.deepEqual(filesBelow(out), ["_gridparquet/rejects/pjm/da_hourly.csv"]);
  assert.equal(rejects, join(out, "_gridparquet/rejects/pjm"));
  const lenient = new JobBench(
    out,
    tasks.map((task) => ({ ...task, rejected: 0 })),
    { strict: true },
  );
  lenient.start([0, 1]);
  const after = await lenient.finish();
  assert.equal(after.outputs.length, 2);
  assert.equal(after.rejects, null);
});

test("a year that cannot be published fails alone", async (t) => {
  const out = folder(t);
  const tasks = randomTasks(new Random(7), 2);
  const path = "energy/iso=PJM/market=DA/feed=da_hourly/year=2023/pjm_da_hourly_2023.parquet";
  mkdirSync(join(out, path, "in-the-way"), { recursive: true });
  const bench = new JobBench(out, tasks);
  bench.start([0, 1]);
  const { outputs, accounts, failures } = await bench.finish();
  assert.deepEqual(
    outputs.map((output) => output.year),
    [2024],
  );
  assert.deepEqual(
    failures.map(({ file }) => relative(out, file)),
    [path],
  );
  assert.match(failures[0]!.message, /the year file was not written/);
  expectAccounts(accounts);
  const rows2023 = tasks.flatMap(({ rows }) => rows).filter((row) => year(row) === 2023).length;
  assert.equal(sum(accounts, "rowsFailed"), rows2023);
  // What only the failed year's rows were of is not listed as seen.
  const list = readFileSync(join(out, "_gridparquet/locations/pjm.json"), "utf8");
  assert.match(list, /"first_day":"2024-/);
  assert.doesNotMatch(list, /"first_day":"2023-/);
  assert.ok(filesBelow(out).every((name) => !/partial|sorted|sources/.test(name)));
});

test("a job that is stopped leaves nothing and lets its decoders go", async (t) => {
  const out = folder(t);
  const tasks = randomTasks(new Random(8), 4);
  const bench = new JobBench(out, tasks, { budget: 0 });
  bench.start([0, 1, 3]);
  await new Promise(setImmediate);
  bench.writer.abort();
  await assert.rejects(bench.result, { code: "ABORTED" });
  assert.deepEqual(
    filesBelow(out).filter((name) => !name.includes("rejects")),
    [],
  );
  bench.start([2]);
  await assert.rejects(bench.finish(), { code: "ABORTED" });
});
