import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { decodeFiles } from "../../src/run/decode-files.js";
import type { DecoderMessage } from "../../src/run/protocol.js";
import { decodeTask, planFolder, turns } from "./decode-tasks.js";
import { dayLines, tempFolder, writeDays } from "./helpers.js";

/* What a decoder hands to the writer is moved, not copied, and never more than it was given room for. */

type Batch = Extract<DecoderMessage, { type: "batch" }>["batch"];

const CHUNK = 100;
const NODES = 20;
const ROWS = 2 * 24 * NODES;

/** A folder with two days, one of them with missing prices, so that there are validity bitmaps, too. */
async function twoDays(t: TestContext): Promise<string> {
  const input = join(tempFolder(t), "in");
  await writeDays(input, [{ feed: "da_hourly", date: "2025-06-03", nodeCount: NODES }]);
  const { header, records } = dayLines({ feed: "da_hourly", date: "2025-06-04", nodeCount: NODES });
  const gaps = records.map((record, i) => (i % 9 ? record : record.split(",").with(10, "").join(",")));
  mkdirSync(input, { recursive: true });
  writeFileSync(join(input, "gaps.csv"), [header, ...gaps, ""].join("\n"));
  return input;
}

/** Every typed array in a value. */
function views(value: unknown): NodeJS.TypedArray[] {
  if (ArrayBuffer.isView(value)) return [value as NodeJS.TypedArray];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(views) : [];
}

/** Decodes a folder as one task; `onMessage` is the writer's side, `onPost` stands between the two. */
async function decode(
  input: string,
  onMessage: (message: DecoderMessage, port: MessagePort) => void,
  onPost: (message: DecoderMessage, post: () => void) => void = (_, post) => post(),
): Promise<void> {
  const job = await planFolder(input);
  const { port1, port2 } = new MessageChannel();
  const post = port1.postMessage.bind(port1);
  port1.postMessage = (message: DecoderMessage, transfer) => onPost(message, () => post(message, transfer));
  const { tasks } = job.groups[0]!;
  assert.equal(tasks.length, 1);
  port2.on("message", (message: DecoderMessage) => onMessage(message, port2));
  try {
    await decodeFiles(decodeTask(job, tasks[0]!, port1, CHUNK));
    await turns(2);
  } finally {
    port1.close();
  }
}

test("the buffers of a batch are handed over: nothing of them stays with the sender", async (t) => {
  const input = await twoDays(t);
  const received: Batch[] = [];
  const sizes: number[][] = [];
  let shared = 0;
  await decode(
    input,
    (message, port) => {
      if (message.type === "admit") port.postMessage({ spare: { capacity: message.capacity, buffers: [] } });
      if (message.type === "batch") received.push(message.batch);
    },
    (message, post) => {
      if (message.type !== "batch") return post();
      const all = views(message.batch);
      const own = all.filter(({ buffer }) => buffer instanceof ArrayBuffer);
      const before = own.map(({ byteLength }) => byteLength);
      sizes.push(before);
      assert.ok(before.every((bytes) => bytes > 0));
      post();
      for (const view of own) assert.deepEqual([view.byteLength, view.buffer.byteLength], [0, 0]);
      // What both sides go on using is not copied either: it lies in shared memory.
      for (const { buffer, byteLength } of all) {
        if (!(buffer instanceof SharedArrayBuffer)) continue;
        shared++;
        assert.ok(byteLength > 0);
      }
    },
  );
  assert.ok(received.length >= ROWS / CHUNK);
  assert.equal(shared, received.length, "a table of locations goes with each batch");
  assert.equal(
    received.reduce((sum, { rows }) => sum + rows, 0),
    ROWS,
  );
  for (const [index, batch] of received.entries()) {
    const own = views(batch).filter(({ buffer }) => buffer instanceof ArrayBuffer);
    assert.deepEqual(
      own.map(({ byteLength }) => byteLength),
      sizes[index],
    );
  }
  const validity = received.flatMap(({ measures }) => measures).filter((measure) => measure?.validity);
  assert.ok(validity.length > 0, "some prices are missing");
});

test("a decoder never has more batches under way than it was given room for", async (t) => {
  const input = await twoDays(t);
  for (const credits of [1, 2, 5]) {
    let granted = 0;
    let batches = 0;
    let rows = 0;
    let underWay = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    /** The writer is done with one batch, after a while, once all that it gave room for has come. */
    const finishOne = async (port: MessagePort) => {
      await turns(20);
      assert.equal(batches, granted, "nothing comes that was not asked for");
      underWay--;
      serve(port);
    };
    const serve = (port: MessagePort) => {
      while (waiting.length > 0 && underWay < credits) {
        waiting.shift()!();
        granted++;
        underWay++;
        most = Math.max(most, underWay);
      }
      if (waiting.length > 0 && batches === granted) void finishOne(port);
    };
    await decode(input, (message, port) => {
      if (message.type === "admit") {
        assert.ok(message.bytes > 0);
        waiting.push(() => port.postMessage({ spare: { capacity: message.capacity, buffers: [] } }));
        serve(port);
      } else if (message.type === "batch") {
        batches++;
        rows += message.batch.rows;
        assert.ok(batches <= granted, `${batches} batches, room for ${granted}`);
        assert.ok(message.batch.rows <= CHUNK);
      }
    });
    assert.equal(rows, ROWS);
    assert.ok(batches >= ROWS / CHUNK && most <= credits);
  }
});

test("a decoder that waits for room stops when the writer goes away", async (t) => {
  const input = await twoDays(t);
  let asked = 0;
  const stopped = decode(input, (message, port) => {
    if (message.type !== "admit") return;
    if (++asked < 3) port.postMessage({ spare: { capacity: message.capacity, buffers: [] } });
    else port.close();
  });
  await assert.rejects(stopped, /the writer has gone/);
  assert.equal(asked, 3);
});

test("a decoder keeps none of the files open that it was stopped in", { skip: noFdList() }, async (t) => {
  const input = await twoDays(t);
  const open = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(input);
      } catch {
        return false;
      }
    });
  const stopped = decode(input, (message, port) => {
    if (message.type === "admit") port.close();
  });
  await assert.rejects(stopped, /the writer has gone/);
  assert.deepEqual(open(), []);
});

function noFdList(): string | false {
  return process.platform === "linux" ? false : "needs /proc";
}
