import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { before, test } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { transferList } from "../../src/arrow/row-batch.js";
import { runPoolTask } from "../../src/run/pool-tasks.js";
import type { DecoderMessage, JobInfo, PoolTask, WriterMessage } from "../../src/run/protocol.js";
import { WriterThread } from "../../src/write/writer-thread.js";
import { folder } from "../helpers/folder.js";
import { loadEncoders } from "../helpers/parquet-files.js";
import { batchOf, ENERGY, energyRow } from "../helpers/rows.js";
import { JOB_FEED } from "../helpers/year-files.js";

before(loadEncoders);

/** Runs one job of one task with three rows through the writer's messages; `answer` says what the pool makes of a task. */
async function converse(
  out: string,
  answer: (task: PoolTask) => Error | null,
): Promise<{ told: string[]; end: WriterMessage }> {
  const told: string[] = [];
  const writer = { thread: null as WriterThread | null };
  const end = new Promise<WriterMessage>((resolve) => {
    writer.thread = new WriterThread({ threads: 1, creditBytes: 1e6 }, (message) => {
      told.push(message.type);
      if (message.type === "jobEnd" || message.type === "jobFailed") resolve(message);
      if (message.type !== "pool") return;
      const { id, port } = message;
      const task: PoolTask = receiveMessageOnPort(port)!.message;
      const failure = answer(task);
      setImmediate(async () => {
        if (failure === null) {
          const { result, transfer } = await runPoolTask(task);
          port.postMessage(result, transfer);
        } else writer.thread!.receive({ type: "poolFailed", id, message: failure.message });
      });
    });
  });
  const job: JobInfo = {
    iso: "PJM",
    out,
    files: [{ path: "in/a.csv", feed: JOB_FEED.feed }],
    feeds: [JOB_FEED],
    rowGroupSize: 100,
    chunkSize: 100,
    compression: "none",
    encoder: "own",
    strict: false,
    threads: 1,
  };
  const { port1, port2 } = new MessageChannel();
  writer.thread!.receive({ type: "job", job });
  writer.thread!.receive({ type: "task", iso: "PJM", task: 0, id: 0, files: [0], range: null, port: port1 });
  writer.thread!.receive({ type: "tasksEnd", iso: "PJM", tasks: 1 });
  const rows = [1, 2, 3].map((price) => energyRow(Date.UTC(2024, 0, 1), `L${price}`, price));
  const batch = batchOf(ENERGY, rows);
  const counts = { records: 3, rows: 3, skipped: 0, rejected: 0, filtered: 0 };
  port2.postMessage({ type: "batch", batch } satisfies DecoderMessage, transferList(batch));
  port2.postMessage({ type: "file", fileIndex: 0, counts, failure: null } satisfies DecoderMessage);
  port2.postMessage({ type: "end" } satisfies DecoderMessage);
  return { told, end: await end };
}

test("a job goes from its task to the pool to its published file", async (t) => {
  const { told, end } = await converse(folder(t), () => null);
  assert.deepEqual(told, ["publishing", "pool", "jobEnd"]);
  assert.ok(end.type === "jobEnd" && end.iso === "PJM");
  const [output, ...more] = end.result.outputs;
  assert.equal(more.length, 0);
  assert.equal(output?.rows, 3);
  assert.equal(readFileSync(output.path).length, output.bytes);
  assert.equal(end.result.accounts[0]?.rowsWritten, 3);
});

test("what the pool cannot do fails the year file, with the pool's reason", async (t) => {
  const { end } = await converse(folder(t), () => new Error("no memory left"));
  assert.ok(end.type === "jobEnd");
  assert.deepEqual(end.result.outputs, []);
  assert.match(end.result.failures[0]!.message, /not written: no memory left/);
  assert.ok(!existsSync(end.result.failures[0]!.file));
  assert.equal(end.result.accounts[0]?.rowsFailed, 3);
});
