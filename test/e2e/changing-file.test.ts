import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { EntryError } from "../../src/containers/container-entry.js";
import { listContainer } from "../../src/containers/list-container.js";
import { openEntry } from "../../src/containers/open-entry.js";
import { decodeFiles } from "../../src/run/decode-files.js";
import type { DecoderMessage } from "../../src/run/protocol.js";
import { zip } from "../containers/zip-writer.js";
import { decodeTask, planFolder } from "./decode-tasks.js";
import { dayLines, tempFolder } from "./helpers.js";

/* A file that is another one when it is read than it was when the run was planned. */

const { header, records } = dayLines({ feed: "da_hourly", date: "2025-06-04", nodeCount: 20 });
const DAY = [header, ...records, ""].join("\n");
/** A place in the middle of the 241st record. */
const CUT = [header, ...records.slice(0, 240), ""].join("\n").length + 20;

interface Read {
  rows: number;
  records: number;
  rejected: number;
  failures: string[];
}

/** Plans a folder with one file, changes it, and decodes every task of the plan. */
async function readChanged(
  root: string,
  name: string,
  content: string | Uint8Array,
  rangeBytes: number | undefined,
  change: (path: string) => void,
): Promise<Read> {
  const input = join(root, "in");
  rmSync(input, { recursive: true, force: true });
  mkdirSync(input);
  const path = join(input, name);
  writeFileSync(path, content);
  const job = await planFolder(input, 50, rangeBytes);
  change(path);
  const read: Read = { rows: 0, records: 0, rejected: 0, failures: [] };
  for (const task of job.groups.flatMap(({ tasks }) => tasks)) {
    const { port1, port2 } = new MessageChannel();
    const ended = new Promise<void>((resolve) => {
      port2.on("message", (message: DecoderMessage) => {
        if (message.type === "admit")
          port2.postMessage({ spare: { capacity: message.capacity, buffers: [] } });
        if (message.type === "batch") read.rows += message.batch.rows;
        if (message.type === "file") {
          read.records += message.counts.records;
          read.rejected += message.counts.rejected;
          if (message.failure !== null) read.failures.push(message.failure);
        }
        if (message.type === "end") resolve();
      });
    });
    await decodeFiles(decodeTask(job, task, port1, 100));
    await ended;
    port1.close();
  }
  assert.equal(read.records, read.rows + read.rejected, "every record that was read is accounted for");
  return read;
}

/** What becomes of the file, and the rows, rejects and failures that are left. */
const CHANGES: {
  name: string;
  change: (path: string) => void;
  rows: number;
  rejected: number;
  fails: boolean;
}[] = [
  {
    name: "shrinks to half, in the middle of a record",
    change: (path) => truncateSync(path, CUT),
    rows: 240,
    rejected: 1,
    fails: false,
  },
  {
    name: "shrinks to its header",
    change: (path) => truncateSync(path, header.length + 1),
    rows: 0,
    rejected: 0,
    fails: false,
  },
  { name: "is emptied", change: (path) => truncateSync(path, 0), rows: 0, rejected: 0, fails: false },
  {
    name: "grows",
    change: (path) => appendFileSync(path, `${records[0]}\n`.repeat(30)),
    rows: 510,
    rejected: 0,
    fails: false,
  },
  { name: "is taken away", change: (path) => rmSync(path), rows: 0, rejected: 0, fails: true },
  {
    name: "becomes a folder",
    change: (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    rows: 0,
    rejected: 0,
    fails: true,
  },
];

for (const { name, change, rows, rejected, fails } of CHANGES) {
  test(`a file that ${name} between plan and reading: as a whole and in ranges`, async (t) => {
    const root = tempFolder(t);
    for (const rangeBytes of [undefined, 7000]) {
      const read = await readChanged(root, "day.csv", DAY, rangeBytes, change);
      assert.equal(read.failures.length > 0, fails, read.failures.join());
      // Ranges that begin past the end have nothing: what the writer does with them is decided there.
      assert.deepEqual([read.rows, read.rejected], [rows, rejected]);
    }
  });
}

test("packed files that shrink between plan and reading, or while they are read: an error, nothing made up", async (t) => {
  const root = tempFolder(t);
  const packed: [string, Uint8Array][] = [
    ["day.csv.gz", gzipSync(DAY)],
    ["day.zip", zip([{ name: "day.csv", content: DAY }])],
    ["stored.zip", zip([{ name: "day.csv", content: DAY, method: 0 }])],
  ];
  for (const [name, bytes] of packed) {
    const read = await readChanged(root, name, bytes, undefined, (path) =>
      truncateSync(path, statSync(path).size >> 1),
    );
    assert.equal(read.failures.length, 1, name);
    assert.match(read.failures[0]!, /^is (cut off|damaged)/, name);
    assert.ok(read.rows < records.length);

    // Large enough not to be held in memory.
    const large = Buffer.from(DAY.repeat(60));
    const path = join(root, name);
    const content = name.endsWith(".gz")
      ? gzipSync(large, { level: 1 })
      : zip([{ name: "day.csv", content: large, method: name === "stored.zip" ? 0 : 8 }]);
    writeFileSync(path, content);
    const { entries } = await listContainer(path);
    const source = await openEntry(entries[0]!);
    const piece = new Uint8Array(4096);
    let total = await source.read(piece, 0, piece.length);
    truncateSync(path, 100);
    const reading = (async () => {
      for (let count = 1; count > 0; total += count) count = await source.read(piece, 0, piece.length);
    })();
    await assert.rejects(reading, EntryError, name);
    assert.ok(total < large.length);
    await source.close();
  }
});
