import assert from "node:assert/strict";
import { before, test } from "node:test";
import { sortRows } from "../../src/order/sort-rows.js";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { readRowGroup } from "../../src/parquet/read-row-group.js";
import { loadEncoders, sorted } from "../helpers/parquet-files.js";
import { forSeedsAsync } from "../helpers/random.js";
import { ENERGY, energyRow, randomEnergyRows } from "../helpers/rows.js";

before(loadEncoders);

test("a row group that is read and encoded again has the same bytes", async () => {
  await forSeedsAsync(40, async (random) => {
    const rows = randomEnergyRows(random, random.int(1, 400), {
      days: 2,
      firstDay: 19_800,
      locations: random.pick([1, 20]),
      files: 1,
    });
    const first = await encodeRowGroup(ENERGY, sorted(ENERGY, rows), "zstd");
    const batch = readRowGroup(ENERGY, first, "test");
    const again = sortRows(ENERGY, [
      { batch: { ...batch, sources: Int32Array.of(0, batch.rows) }, from: 0, to: batch.rows },
    ]);
    assert.deepEqual(again.dropped, []);
    assert.deepEqual(await encodeRowGroup(ENERGY, again, "zstd"), first);
  });
});

test("a row group has one run for each interval, no sources, and entities of its own", async () => {
  const rows = [0, 0, 1, 1, 1].map((hour, index) => energyRow(hour * 3_600_000, `L${index}`, index));
  const stored = await encodeRowGroup(ENERGY, sorted(ENERGY, rows), "none");
  const one = readRowGroup(ENERGY, stored, "test");
  const two = readRowGroup(ENERGY, stored, "test");
  assert.deepEqual([...one.intervals.runEnds], [2, 5]);
  assert.equal(one.sources.length, 0);
  assert.notEqual(one.entities.id, two.entities.id);
  assert.deepEqual(
    one.measures.map((measure) => measure === null),
    [false, true, true, true, true, true],
  );
});

test("bytes that are not what was encoded are an error", async () => {
  const stored = await encodeRowGroup(ENERGY, sorted(ENERGY, [energyRow(0, "A", 1)]), "zstd");
  const bytes = stored.bytes.slice();
  bytes.fill(0xff, 0, 60);
  assert.throws(() => readRowGroup(ENERGY, { ...stored, bytes }, "test"));
});
