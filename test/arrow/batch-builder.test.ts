import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchBuilder, expandSources, gatherMeasure, packSources } from "../../src/arrow/batch-builder.js";
import { forSeeds } from "../helpers/random.js";
import {
  ANCILLARY,
  batchOf,
  ENERGY,
  energyRow,
  intervalAt,
  newDictionary,
  randomEnergyRows,
  rowsOf,
} from "../helpers/rows.js";

const HOUR_MS = 3_600_000;
const DAYS = { days: 2, firstDay: 19_800, locations: 5, files: 3 };

test("rows come out as they went in, in order of time, those of one interval in the order they came", () => {
  forSeeds(60, (random) => {
    const rows = randomEnergyRows(random, random.int(1, 300), DAYS);
    const batch = batchOf(ENERGY, rows);
    assert.deepEqual(
      rowsOf(batch),
      [...rows].sort((a, b) => a.start - b.start),
    );
    assert.ok(batch.intervals.start.every((start, run, starts) => run === 0 || starts[run - 1]! < start));
  });
});

test("rows in order of time share one run for each interval and are not copied", () => {
  const rows = [0, 0, 1, 1, 1, 2].map((hour, index) => energyRow(hour * HOUR_MS, `L${index}`, index));
  const batch = batchOf(ENERGY, rows);
  assert.deepEqual([...batch.intervals.runEnds], [2, 5, 6]);
  assert.deepEqual([...batch.intervals.start], [0, HOUR_MS, 2 * HOUR_MS]);
  assert.deepEqual([...batch.intervals.end], [HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS]);
  assert.deepEqual([...batch.intervals.hourEnding], [1, 2, 3]);
  assert.deepEqual([...batch.sources], [0, 6]);
});

test("an interval that comes back later is joined with the rows that it had", () => {
  const rows = [1, 0, 1, 0, 2].map((hour, index) =>
    energyRow(hour * HOUR_MS, `L${index}`, index, { file: index }),
  );
  const batch = batchOf(ENERGY, rows);
  assert.deepEqual([...batch.intervals.runEnds], [2, 4, 5]);
  assert.deepEqual(
    rowsOf(batch).map(({ entity }) => entity[0]),
    ["L1", "L3", "L0", "L2", "L4"],
  );
  assert.deepEqual([...batch.sources], [1, 1, 3, 1, 0, 1, 2, 1, 4, 1]);
});

test("more intervals than there was room for at first", () => {
  const rows = Array.from({ length: 3000 }, (_, index) => energyRow(index * HOUR_MS, "A", index));
  assert.deepEqual(rowsOf(batchOf(ENERGY, rows)), rows);
});

test("measures that the feed does not have are null, and a batch without a missing value has no bitmap", () => {
  const used = ENERGY.measures.map(({ name }) => name === "lmp_total" || name === "version");
  const rows = [1, 2, 3].map((price) =>
    energyRow(0, "A", price, { measures: [price, null, null, null, null, 7] }),
  );
  const batch = batchOf(ENERGY, rows, newDictionary(ENERGY), used);
  assert.deepEqual(
    batch.measures.map((measure) => measure === null),
    used.map((isUsed) => !isUsed),
  );
  assert.equal(batch.measures[0]!.validity, null);
  assert.ok(batch.measures[0]!.values instanceof Float64Array);
  assert.ok(batch.measures[5]!.values instanceof Int32Array);
  assert.deepEqual(rowsOf(batch), rows);
});

test("a row that is begun and not committed leaves nothing behind", () => {
  const builder = new BatchBuilder(ANCILLARY, [true, true], 3);
  const dictionary = newDictionary(ANCILLARY);
  const { start, end, date, hour } = intervalAt(0);
  builder.entityCodes[0] = 99;
  builder.values[0]![0] = Number.NaN;
  builder.entityCodes[0] = dictionary.codeOf(["REG", null, null]);
  builder.values[0]![0] = 1;
  builder.values[1]![0] = 2;
  builder.commit(start, end, date, hour);
  builder.entityCodes[1] = 99;
  builder.values[0]![1] = 77;
  assert.ok(!builder.isFull);
  builder.closeSource(4);
  builder.closeSource(5);
  const batch = builder.finish(dictionary.snapshot());
  assert.deepEqual(rowsOf(batch), [
    { start, end, date, hour, entity: ["REG", null, null], measures: [1, 2], file: 4 },
  ]);
});

test("a batch is full at its capacity", () => {
  const builder = new BatchBuilder(ANCILLARY, [true, false], 2);
  assert.ok(!builder.isFull);
  builder.commit(0, 1, 0, 1);
  assert.ok(!builder.isFull);
  builder.commit(0, 1, 0, 1);
  assert.ok(builder.isFull);
});

test("sources are packed and expanded without loss", () => {
  forSeeds(100, (random) => {
    const files = Int32Array.from({ length: random.int(0, 40) }, () => random.int(0, 2));
    const packed = packSources(files);
    assert.deepEqual(expandSources(packed, files.length), files);
    for (let pair = 2; pair < packed.length; pair += 2) assert.notEqual(packed[pair], packed[pair - 2]);
  });
});

test("gathered measures have the values and the gaps of the rows they came from", () => {
  forSeeds(100, (random) => {
    const rows = randomEnergyRows(random, random.int(1, 50), DAYS).sort((a, b) => a.start - b.start);
    const { measures } = batchOf(ENERGY, rows);
    const from = Int32Array.from({ length: random.int(0, 60) }, () => random.int(0, rows.length - 1));
    for (const [index, measure] of measures.entries()) {
      const { values, validity } = gatherMeasure(measure!, from);
      for (const [row, source] of from.entries()) {
        const present = validity === null || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
        assert.deepEqual(present ? values[row] : null, rows[source]!.measures[index]);
      }
    }
  });
});
