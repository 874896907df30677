import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { transferList } from "../../src/arrow/row-batch.js";
import type { FileRange } from "../../src/plan/file-ranges.js";
import type { DecoderMessage, JobResult } from "../../src/run/protocol.js";
import { Credits, Semaphore } from "../../src/write/credits.js";
import { JobWriter } from "../../src/write/job-writer.js";
import { SpareShelf } from "../../src/write/spare-buffers.js";
import { folder } from "../helpers/folder.js";
import { InProcessPool } from "../helpers/in-process-pool.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { Random } from "../helpers/random.js";
import { batchOf, ENERGY, energyRow } from "../helpers/rows.js";
import { JOB_FEED } from "../helpers/year-files.js";

before(loadEncoders);

const RANGES: FileRange[] = [
  { from: 50, to: 100 },
  { from: 100, to: 200 },
  { from: 200, to: Number.POSITIVE_INFINITY },
];

/** What a decoder says of a range with one row and one reject on its second line. */
interface Told {
  range: number;
  begins: number;
  ends: number;
  failure?: string;
  /** The thread dies before the end. */
  dies?: boolean;
}

/** Hands ranges over in the order given; answers to `again` come from the list of the same name. */
async function write(out: string, told: readonly Told[], again: readonly Told[] = []) {
  const asked: [number, FileRange][] = [];
  const job = { iso: "PJM", out, files: [{ path: "in/a.csv", feed: JOB_FEED.feed }], feeds: [JOB_FEED] };
  const sizes = { rowGroupSize: 60, chunkSize: 100, threads: 2 };
  const credits = new Credits(1);
  const writer = new JobWriter(
    { ...job, ...sizes, compression: "zstd", encoder: "own", strict: false },
    {
      credits,
      encoding: new Semaphore(2),
      spare: new SpareShelf(1e6),
      pool: new InProcessPool(new Random(1)).run,
      onPublishing: () => undefined,
      decodeAgain: (task, file, range) => {
        assert.equal(file, 0);
        asked.push([task, range]);
        hand(again[asked.length - 1]!, range);
      },
    },
  );
  const hand = (of: Told, range: FileRange): void => {
    const { port1, port2 } = new MessageChannel();
    writer.addTask(of.range, { id: 0, files: [0], range, port: port1 });
    // It dies when the writer, which hears the port first, has got all that it sent.
    port1.on("message", ({ type }: DecoderMessage) => {
      if (of.dies && type === "batch") writer.failTask(of.range, "the thread has died");
    });
    port2.once("message", () => sendRange(port2, of));
    port2.postMessage({ type: "admit", capacity: 100, bytes: 5000 } satisfies DecoderMessage);
  };
  const result: Promise<JobResult> = writer.run();
  for (const of of told) hand(of, RANGES[of.range]!);
  writer.endTasks(RANGES.length);
  const { accounts, failures } = await result;
  assert.ok(Math.abs(credits.used) < 1, `${credits.used} bytes were not given back`);
  const rejects = readFileSync(join(out, "_gridparquet", "rejects", "pjm", "da_hourly.csv"), "utf8");
  const lines = rejects.trim().split("\n").slice(1);
  return { account: accounts[0]!, failures, asked, lines: lines.map((line) => line.split(",")[1]) };
}

/** The last batch comes after the range's end, as decoders send it. */
function sendRange(port: MessagePort, told: Told): void {
  const { range, begins, ends, failure = null, dies = false } = told;
  const post = (message: DecoderMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const line = range === 0 ? 3 : 1;
  post({ type: "rangeBegins", fileIndex: 0, at: begins });
  post({ type: "rejects", fileIndex: 0, records: [{ line, column: null, reason: "x", raw: "y" }] });
  const batch = batchOf(ENERGY, [energyRow(Date.UTC(2024, 0, 1, range), "A", begins)]);
  const counts = { records: 2, rows: 2, skipped: 0, rejected: 1, filtered: 0 };
  if (dies) {
    post({ type: "batch", batch }, transferList(batch));
    return;
  }
  if (failure === null) post({ type: "rangeEnds", fileIndex: 0, at: ends, line: line + 1 });
  post({ type: "file", fileIndex: 0, counts, failure });
  post({ type: "batch", batch }, transferList(batch));
  post({ type: "end" });
}

test("ranges that come in any order are one file: counts add up, lines go on", async (t) => {
  const { account, failures, asked, lines } = await write(folder(t), [
    { range: 2, begins: 210, ends: 300 },
    { range: 0, begins: 50, ends: 105 },
    { range: 1, begins: 105, ends: 210 },
  ]);
  assert.deepEqual([failures, asked, lines], [[], [], ["3", "5", "7"]]);
  assert.deepEqual([account.recordsRead, account.rowsWritten, account.rowsRejected], [6, 3, 3]);
});

test("a range that began at the wrong place is decoded again, from where the one before ends", async (t) => {
  const { account, failures, asked, lines } = await write(
    folder(t),
    [
      { range: 0, begins: 50, ends: 130 },
      { range: 1, begins: 105, ends: 215 },
      { range: 2, begins: 210, ends: 300 },
    ],
    [{ range: 1, begins: 130, ends: 210 }],
  );
  assert.deepEqual(asked, [[1, { from: 130, to: 200 }]]);
  assert.deepEqual([failures, lines], [[], ["3", "5", "7"]]);
  assert.deepEqual([account.recordsRead, account.rowsWritten, account.rowsRejected], [6, 3, 3]);
});

test("a range in which no record begins counts for nothing", async (t) => {
  const { account, asked, lines } = await write(folder(t), [
    { range: 0, begins: 50, ends: 205 },
    { range: 1, begins: 105, ends: 205 },
    { range: 2, begins: 205, ends: 300 },
  ]);
  assert.deepEqual([asked, lines], [[], ["3", "5"]]);
  assert.deepEqual([account.recordsRead, account.rowsWritten], [4, 2]);
});

test("when a range cannot be read what is before it counts, and nothing behind it", async (t) => {
  const told = { range: 1, begins: 105, ends: 210 };
  const ranges = [
    { range: 0, begins: 50, ends: 105 },
    { range: 2, begins: 210, ends: 300 },
  ];
  const broken = await write(folder(t), [...ranges, { ...told, failure: "cannot be read: EIO" }]);
  assert.deepEqual(broken.failures, [
    { file: "in/a.csv", message: "cannot be read: EIO; the 4 records before were read" },
  ]);
  assert.deepEqual([broken.account.rowsRead, broken.account.rowsWritten], [4, 2]);
  const dead = await write(folder(t), [...ranges, { ...told, dies: true }]);
  assert.deepEqual(dead.failures, [{ file: "in/a.csv", message: "the thread has died" }]);
  assert.deepEqual([dead.account.rowsRead, dead.account.rowsWritten, dead.account.rowsRejected], [3, 2, 1]);
});
