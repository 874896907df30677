import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import type { PlannedJob } from "../../src/plan/plan-jobs.js";
import { decodeFiles } from "../../src/run/decode-files.js";
import { creditBudget } from "../../src/run/memory-plan.js";
import type { JobResult } from "../../src/run/protocol.js";
import { Credits, Semaphore } from "../../src/write/credits.js";
import { JobWriter } from "../../src/write/job-writer.js";
import { PartFile } from "../../src/write/part-file.js";
import { SpareShelf } from "../../src/write/spare-buffers.js";
import { InProcessPool } from "../helpers/in-process-pool.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { Random } from "../helpers/random.js";
import { decodeTask, jobInfo, planFolder, turns } from "./decode-tasks.js";
import { tempFolder, writeDays } from "./helpers.js";

/*
 * The slowest disk that there can be: it takes bytes only when everybody else has come to a stop. However long that
 * is, the rows in memory stay within bounds that follow from the settings.
 */

before(loadEncoders);

const THREADS = 2;
const ROW_GROUP = 500;
const CHUNK = 100;
/** Row groups that may wait in the years of a job. */
const MAX_PENDING_ROW_GROUPS = 2;
/** Bytes of a row in a batch, roughly: a code and six values. */
const ROW_BYTES = 52;
/** Turns of the event loop without any sign of life that count as a standstill. */
const QUIET_TURNS = 30;

/** The budget, watched. */
class WatchedCredits extends Credits {
  readonly budget: number;
  most = 0;
  waiting = 0;
  largest = 0;

  constructor(budget: number) {
    super(budget);
    this.budget = budget;
  }

  override request(job: string, task: number, bytes: number, grant: () => void): void {
    this.waiting++;
    this.largest = Math.max(this.largest, bytes);
    super.request(job, task, bytes, () => {
      this.waiting--;
      grant();
      queueMicrotask(() => this.#note());
    });
  }

  override release(bytes: number): void {
    super.release(bytes);
    this.#note();
  }

  #note(): void {
    this.most = Math.max(this.most, this.used);
  }
}

/** Lets appends through one at a time, each when nothing else has happened for a while. */
class StandstillDisk {
  appends = 0;
  /** Appends that found decoders waiting for room. */
  held = 0;
  readonly #activity: () => number;
  readonly #original = PartFile.prototype.append;

  constructor(activity: () => number, waiting: () => number) {
    this.#activity = activity;
    const disk = this;
    PartFile.prototype.append = async function (this: PartFile, bytes: Uint8Array): Promise<number> {
      await disk.#standstill();
      disk.appends++;
      if (waiting() > 0) disk.held++;
      return disk.#original.call(this, bytes);
    };
  }

  async #standstill(): Promise<void> {
    for (let quiet = 0, seen = this.#activity(); quiet < QUIET_TURNS; quiet++) {
      await turns(1);
      const now = this.#activity();
      if (now !== seen) quiet = 0;
      seen = now;
    }
  }

  restore(): void {
    PartFile.prototype.append = this.#original;
  }
}

/**
 * Decodes a plan into a writer, as many tasks at once as there are threads.
 *
 * @param slow tasks that get to hear late that they may go on: those behind them fill the budget meanwhile
 */
async function feed(
  plan: PlannedJob,
  writer: JobWriter,
  slow: (task: number) => boolean,
  onMessage: () => void,
): Promise<void> {
  const tasks = plan.groups.flatMap((group) => group.tasks);
  let next = 0;
  const lane = async () => {
    while (next < tasks.length) {
      const task = next++;
      const { port1, port2 } = new MessageChannel();
      port2.on("message", onMessage);
      const post = port2.postMessage.bind(port2);
      if (slow(task))
        port2.postMessage = (grant, moved) =>
          void turns(4 * QUIET_TURNS).then(() => post(grant, moved as []));
      writer.addTask(task, { id: 0, files: tasks[task]!.files, range: null, port: port2 });
      await decodeFiles(decodeTask(plan, tasks[task]!, port1, CHUNK));
    }
  };
  await Promise.all(Array.from({ length: THREADS }, lane));
  writer.endTasks(tasks.length);
}

const SCENES = [
  { name: "one job", isos: ["PJM"], slow: () => false },
  { name: "two jobs", isos: ["PJM", "ALSO"], slow: () => false },
  { name: "the file at the head comes slowly", isos: ["PJM"], slow: (task: number) => task % 3 === 0 },
];

for (const { name, isos, slow } of SCENES) {
  test(`a disk that barely moves, ${name}: rows in memory keep to their bound`, async (t) => {
    const folder = tempFolder(t);
    const input = join(folder, "in");
    const dates = Array.from({ length: 8 }, (_, day) => `2025-06-0${day + 1}`);
    await writeDays(
      input,
      dates.map((date) => ({ feed: "da_hourly" as const, date, nodeCount: 60 })),
    );
    const plan = await planFolder(input, 1);
    const credits = new WatchedCredits(creditBudget(THREADS, ROW_GROUP, CHUNK));
    let activity = 0;
    const disk = new StandstillDisk(
      () => activity,
      () => credits.waiting,
    );
    t.after(() => disk.restore());
    const pool = new InProcessPool(new Random(5));
    const encoding = new Semaphore(THREADS + 1);
    const sizes = { rowGroupSize: ROW_GROUP, chunkSize: CHUNK, threads: THREADS };
    const write = async (iso: string): Promise<JobResult> => {
      const writer = new JobWriter(jobInfo(plan, iso, { out: join(folder, "out"), ...sizes }), {
        credits,
        encoding,
        spare: new SpareShelf(1e6),
        pool: (task, transfer) => {
          activity++;
          return pool.run(task, transfer);
        },
        onPublishing: () => undefined,
        decodeAgain: () => assert.fail("no file is large"),
      });
      const done = writer.run();
      await feed(plan, writer, slow, () => activity++);
      return done;
    };
    const rows = dates.length * 24 * 60;
    for (const { outputs, failures } of await Promise.all(isos.map(write))) {
      assert.deepEqual(failures, []);
      assert.equal(outputs[0]!.rows, rows);
    }

    assert.ok(disk.held > 10 * isos.length, `the disk held the decoders up (${disk.held} times)`);
    assert.ok(isos.length * rows * ROW_BYTES > 4 * credits.budget, "the input is far larger than the budget");
    // Beyond the budget the head of the order may have what the writer can hold: the row groups that are being
    // encoded, those that wait in each job, and one batch.
    const rowGroups = THREADS + 1 + MAX_PENDING_ROW_GROUPS * isos.length;
    const bound = credits.budget + rowGroups * ROW_GROUP * ROW_BYTES + isos.length * credits.largest;
    assert.ok(credits.most <= bound, `${credits.most} bytes in flight, ${bound} at most`);
    assert.ok(Math.abs(credits.used) < 1, `${credits.used} bytes were never given back`);
  });
}
