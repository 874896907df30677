import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { packSources } from "../../src/arrow/batch-builder.js";
import {
  batchBytes,
  copyRows,
  cutSources,
  EXISTING_FILE,
  entityColumns,
  intervalSlices,
  type RowBatch,
  runAt,
  sumSources,
  transferList,
} from "../../src/arrow/row-batch.js";
import { forSeeds, Random } from "../helpers/random.js";
import { batchOf, ENERGY, randomEnergyRows, rowsOf, tableOf } from "../helpers/rows.js";

const DAYS = { days: 2, firstDay: 19_800, locations: 5, files: 3 };

const randomBatch = (random: Random, rows: number): RowBatch =>
  batchOf(ENERGY, randomEnergyRows(random, rows, DAYS));

test("rows are copied from and to every row, gaps and sources with them", () => {
  for (const seed of [1, 2]) {
    const batch = randomBatch(new Random(seed), 41);
    const rows = rowsOf(batch);
    for (let from = 0; from <= batch.rows; from++) {
      for (let to = from; to <= batch.rows; to++) {
        const copy = copyRows({ batch, from, to });
        const told = `rows ${from} to ${to}`;
        assert.equal(copy.rows, to - from, told);
        assert.deepEqual(rowsOf(copy), rows.slice(from, to), told);
        assert.equal(copy.intervals.runEnds.at(-1) ?? 0, copy.rows, told);
        assert.equal(copy.intervals.start.length, copy.intervals.runEnds.length, told);
      }
    }
  }
});

test("a copy has memory of its own", () => {
  const batch = randomBatch(new Random(3), 30);
  const before = rowsOf(batch);
  const copy = copyRows({ batch, from: 0, to: 30 });
  const shared = new Set(transferList(batch));
  assert.ok(transferList(copy).every((buffer) => !shared.has(buffer)));
  for (const buffer of transferList(copy)) new Uint8Array(buffer).fill(0);
  assert.deepEqual(rowsOf(batch), before);
});

test("sources are cut at every row", () => {
  const sources = Int32Array.of(7, 2, 3, 1, 7, 4);
  const files = [7, 7, 3, 7, 7, 7, 7];
  for (let from = 0; from <= 7; from++) {
    for (let to = from; to <= 7; to++) {
      const cut = cutSources(sources, from, to);
      const spelled: number[] = [];
      for (let pair = 0; pair < cut.length; pair += 2) {
        assert.ok(cut[pair + 1]! > 0);
        spelled.push(...Array(cut[pair + 1]!).fill(cut[pair]!));
      }
      assert.deepEqual(spelled, files.slice(from, to));
    }
  }
});

test("sources are summed by file, in the order of the files", () => {
  forSeeds(20, (random) => {
    const files = Array.from({ length: random.int(0, 60) }, () => random.int(EXISTING_FILE, 5));
    const expected = [...new Set(files)]
      .sort((a, b) => a - b)
      .flatMap((file) => [file, files.filter((other) => other === file).length]);
    assert.deepEqual([...sumSources(packSources(Int32Array.from(files)))], expected);
  });
});

test("the slices of a segment are its rows, run by run", () => {
  forSeeds(50, (random) => {
    const batch = randomBatch(random, random.int(1, 60));
    const from = random.int(0, batch.rows);
    const to = random.int(from, batch.rows);
    let at = from;
    for (const slice of intervalSlices({ batch, from, to })) {
      assert.equal(slice.from, at);
      assert.ok(slice.to > slice.from);
      for (let row = slice.from; row < slice.to; row++) {
        assert.equal(
          slice.run,
          batch.intervals.runEnds.findIndex((end) => row < end),
        );
        assert.equal(slice.run, runAt(batch.intervals.runEnds, row));
      }
      at = slice.to;
    }
    assert.equal(at, to);
  });
});

test("a batch that is posted is gone at the sender and whole at the receiver", async () => {
  const batch = randomBatch(new Random(4), 100);
  const rows = rowsOf(batch);
  const buffers = transferList(batch);
  const bytes = batchBytes(batch);
  assert.equal(new Set(buffers).size, buffers.length);
  assert.equal(
    bytes,
    buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0),
  );
  const { port1, port2 } = new MessageChannel();
  const arrival = once(port2, "message");
  port1.postMessage(batch, buffers);
  assert.ok(buffers.every((buffer) => buffer.byteLength === 0));
  assert.equal(batch.entityCodes.length, 0);
  assert.equal(batch.intervals.runEnds.length, 0);
  assert.ok(batch.measures.every((measure) => measure === null || measure.values.length === 0));
  assert.equal(batchBytes(batch), 0);

  const [received] = (await arrival) as [RowBatch];
  assert.deepEqual(rowsOf(received), rows);
  assert.equal(batchBytes(received), bytes);
  assert.ok(
    received.entities.json.buffer instanceof SharedArrayBuffer,
    "the entities are shared, not copied",
  );
  port1.close();
});

test("an entity table gives back what was put into it", () => {
  const columns = [
    ["Zürich", "東京 😀", 'a "b"\n'],
    [1, null, -5.5],
    [null, null, null],
  ];
  const table = tableOf(columns);
  assert.equal(table.count, 3);
  assert.deepEqual(entityColumns(table), columns);
  assert.deepEqual(entityColumns(tableOf([[], []])), [[], []]);
});
