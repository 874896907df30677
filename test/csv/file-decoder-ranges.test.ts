import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowBatch } from "../../src/arrow/row-batch.js";
import {
  type FileCounts,
  type FileDecoder,
  NO_COUNTS,
  type RejectedRecord,
} from "../../src/csv/file-decoder.js";
import { MAX_RECORD_BYTES } from "../../src/csv/irregular-records.js";
import { MUCH_TROUBLE, randomCsv } from "../helpers/csv-files.js";
import { decoderOf, sourceOf } from "../helpers/decode.js";
import { DA_HOURLY, PRODUCTS } from "../helpers/feeds.js";
import { forSeedsAsync, Random } from "../helpers/random.js";
import { type Row, rowsOf } from "../helpers/rows.js";

/*
 * A decoder takes the records that begin in the first bytes of a source, each to its end, and says where the next
 * one begins: range after range the same comes of a file as of the whole.
 */

interface Outcome {
  counts: FileCounts;
  rows: Row[];
  rejects: RejectedRecord[];
  /** Bytes reported as read. */
  bytes: number;
}

/** Decodes a file range by range; each begins where the one before has ended. */
async function decodeCut(
  decoder: FileDecoder,
  bytes: Uint8Array,
  cuts: readonly number[],
  sizes?: () => number,
): Promise<Outcome> {
  const outcome: Outcome = { counts: { ...NO_COUNTS }, rows: [], rejects: [], bytes: 0 };
  const batches: RowBatch[] = [];
  let at = 0;
  let line = 2;
  for (const [range, to] of [...cuts, Number.POSITIVE_INFINITY].entries()) {
    const from = range === 0 ? 0 : cuts[range - 1]!;
    outcome.bytes += Math.min(at, to) - from;
    if (at >= to) continue;
    decoder.begin(
      {
        admit: async (capacity: number) => ({ capacity, buffers: [] }),
        batch: (batch) => void batches.push(batch),
        reject: (_, record) => void outcome.rejects.push(record),
        progress: (count) => {
          outcome.bytes += count;
        },
      },
      to - at,
    );
    const start = { fileIndex: 0, line, day: null, until: to - at };
    const counts = await decoder.decode(sourceOf(bytes.subarray(at), sizes), start);
    decoder.finish();
    for (const key of Object.keys(counts) as (keyof FileCounts)[]) outcome.counts[key] += counts[key];
    ({ line } = decoder.readTo);
    at += decoder.readTo.bytes;
  }
  assert.equal(at, bytes.length, "the last range ends where the file does");
  outcome.rows = batches.flatMap(rowsOf).sort((a, b) => a.start - b.start);
  return outcome;
}

for (const [name, feed] of [
  ["PJM", DA_HOURLY],
  ["products", PRODUCTS],
] as const) {
  const file = randomCsv(new Random(name.length), feed, 18, { ...MUCH_TROUBLE, bytes: 0.08 });
  const bytes = Buffer.from(file.text, "latin1");

  test(`${name}: two ranges, and three, cut at every byte`, async () => {
    const decoder = decoderOf(feed, file.header, { readSize: 100 });
    const whole = await decodeCut(decoder, bytes, []);
    assert.equal(whole.bytes, bytes.length);
    assert.ok(whole.rows.length > 3 && whole.rejects.length > 2, "the file has rows and rejects");
    for (let cut = 1; cut < bytes.length; cut++) {
      for (const cuts of [[cut], [cut, Math.min(bytes.length - 1, cut + 40)]]) {
        const decoded = await decodeCut(decoder, bytes, cuts);
        if (JSON.stringify(decoded) !== JSON.stringify(whole))
          assert.deepEqual(decoded, whole, `cut at ${cuts.join()}`);
      }
    }
  });
}

test("random files in many ranges, some shorter than a record, by sources that give little at a time", async () => {
  await forSeedsAsync(150, async (random) => {
    const feed = random.pick([DA_HOURLY, PRODUCTS]);
    const trouble = { ...MUCH_TROUBLE, bytes: random.pick([0, 0, 0.1]) };
    const file = randomCsv(random, feed, random.int(1, 60), trouble);
    const bytes = Buffer.from(file.text, "latin1");
    const readSize = random.pick([7, 64, 4096]);
    const decoder = decoderOf(feed, file.header, { readSize, chunkSize: random.pick([40, 1000]) });
    const whole = await decodeCut(decoder, bytes, []);
    const size = random.int(1, bytes.length);
    const cuts = Array.from({ length: Math.ceil(bytes.length / size) - 1 }, (_, at) => (at + 1) * size);
    const step = random.int(1, 200);
    assert.deepEqual(await decodeCut(decoder, bytes, cuts, () => step), whole);
  });
});

test("a record that is too long is one reject, wherever the ranges are cut", async () => {
  const record = (hour: number, name: string) => `2024-01-01T0${hour}:00:00,1,${name},,HUB,,1,${hour},3,4,1`;
  const header = DA_HOURLY.columns.map(({ from }) => from);
  const long = "x".repeat(MAX_RECORD_BYTES + 100_000);
  for (const huge of [long, `"${long}`, `"a\n${long}"`]) {
    const text = `${record(1, "A")}\n${record(2, huge)}\n${record(3, "B")}\nbad\n`;
    const bytes = Buffer.from(text);
    const decoder = decoderOf(DA_HOURLY, header, { readSize: 300_000 });
    const whole = await decodeCut(decoder, bytes, []);
    assert.equal(whole.rows.length, 2);
    assert.equal(whole.rejects.at(-1)!.line, text.split("\n").length);
    const { length } = bytes;
    for (const cuts of [[30], [100], [MAX_RECORD_BYTES], [length - 90], [100, 500_000, length - 60]])
      assert.deepEqual(await decodeCut(decoder, bytes, cuts), whole, `cut at ${cuts.join()}`);
  }
});
