import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteSource, openFile } from "../../src/csv/byte-source.js";
import { decodeFiles, decoderOf, sourceOf } from "../helpers/decode.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { folder, put } from "../helpers/folder.js";
import { rowsOf } from "../helpers/rows.js";

async function readAll(source: ByteSource, step: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.alloc(step + 4, 0xaa);
    const count = await source.read(buffer, 2, step);
    assert.ok(count <= step);
    assert.equal(buffer[0], 0xaa);
    assert.equal(buffer[2 + count], 0xaa, "nothing is written behind what was read");
    if (count === 0) return Buffer.concat(parts);
    parts.push(buffer.subarray(2, 2 + count));
  }
}

test("a file is read in order from where it is told to begin", async (t) => {
  const content = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i % 251));
  const path = put(folder(t), "data.csv", content);
  for (const [start, step] of [
    [0, 10_000],
    [0, 999],
    [3, 4096],
    [9_999, 1],
    [10_000, 10],
  ] as const) {
    const source = await openFile(path, start);
    assert.deepEqual(await readAll(source, step), content.subarray(start));
    await source.close();
  }
});

test("a file that is not there is an error with its code", async (t) => {
  await assert.rejects(openFile(`${folder(t)}/none.csv`, 0), { code: "ENOENT" });
});

test("a source that fails in the middle: what it gave before is handed over and counted", async () => {
  const header = DA_HOURLY.columns.map(({ from }) => from);
  const line = "2024-01-01T05:00:00,1,A,,HUB,,1,2,3,4,1\n";
  const bad = "2024-01-01T05:00:00,1,A,,HUB,,1,x,3,4,1\n";
  const bytes = Buffer.from(line.repeat(10) + bad + line.slice(0, 20));
  const inner = sourceOf(bytes, () => 50);
  const failing: ByteSource = {
    async read(buffer, offset, length) {
      const count = await inner.read(buffer, offset, length);
      if (count === 0) throw new Error("the disk is gone");
      return count;
    },
    close: () => inner.close(),
  };
  const decoder = decoderOf(DA_HOURLY, header, { chunkSize: 4 });
  let rows = 0;
  const sink = {
    admit: async (capacity: number) => ({ capacity, buffers: [] }),
    batch: (batch: Parameters<typeof rowsOf>[0]) => {
      rows += rowsOf(batch).length;
      assert.deepEqual([...batch.sources], [0, batch.rows]);
    },
    reject: () => {},
    progress: () => {},
  };
  decoder.begin(sink, bytes.length);
  await assert.rejects(decoder.decode(failing, { fileIndex: 0, line: 2, day: null }), /the disk is gone/);
  assert.deepEqual(decoder.abandon(), { records: 11, rows: 11, skipped: 0, rejected: 1, filtered: 0 });
  decoder.finish();
  assert.equal(rows, 10);

  const after = await decodeFiles(decoder, [{ bytes: Buffer.from(line) }]);
  assert.deepEqual(
    after.counts,
    [{ records: 1, rows: 1, skipped: 0, rejected: 0, filtered: 0 }],
    "the decoder can go on",
  );
  assert.equal(after.rows.length, 1);
});
