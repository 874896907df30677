import assert from "node:assert/strict";
import { test } from "node:test";
import type { Segment } from "../../src/arrow/row-batch.js";
import type { TableDefinition } from "../../src/arrow/tables.js";
import { areFragments } from "../../src/order/order-fragments.js";
import { type SortedRows, sortRows } from "../../src/order/sort-rows.js";
import { Scratch } from "../../src/wasm/scratch.js";
import { sortedModel } from "../helpers/model.js";
import { forSeeds, type Random } from "../helpers/random.js";
import {
  ANCILLARY,
  batchOf,
  ENERGY,
  energyRow,
  intervalAt,
  newDictionary,
  type Row,
  randomEnergyRows,
  rowsOfSegments,
  spellOut,
} from "../helpers/rows.js";

const HOUR_MS = 3_600_000;

/** Pairs of file and count, as an object. */
function pairs(list: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (let pair = 0; pair < list.length; pair += 2) counts[list[pair]!] = list[pair + 1]!;
  return counts;
}

/** Sorts the segments, by the kernels and without them, and compares with the model. */
function check(table: TableDefinition, segments: readonly Segment[]): SortedRows {
  const scratch = Scratch.take(segments.reduce((rows, { from, to }) => rows + to - from, 0));
  try {
    checkWith(table, segments, scratch);
  } finally {
    scratch.giveBack();
  }
  return checkWith(table, segments, null);
}

function checkWith(
  table: TableDefinition,
  segments: readonly Segment[],
  scratch: Scratch | null,
): SortedRows {
  const rows = rowsOfSegments(segments);
  const expected = sortedModel(table, rows);
  const sorted = sortRows(table, segments, null, scratch);
  assert.deepEqual(spellOut(sorted, sorted.entities), expected.rows);
  assert.equal(sorted.rows, expected.rows.length);
  assert.deepEqual(pairs(sorted.dropped), Object.fromEntries(expected.dropped));
  assert.ok(sorted.intervals.start.every((start, run, all) => run === 0 || all[run - 1]! < start));
  assert.ok(sorted.entities.every((column) => column.length === sorted.entities[0]!.length));
  const used = new Set(sorted.entityCodes);
  assert.equal(used.size, sorted.entities[0]!.length, "only entities that occur are listed");
  return sorted;
}

/** Segments of batches at random: parts of batches, of one dictionary or several, in order of time or not. */
function randomSegments(random: Random): Segment[] {
  const shared = newDictionary(ENERGY);
  return Array.from({ length: random.int(1, 6) }, () => {
    const rows = randomEnergyRows(random, random.int(1, 120), {
      days: random.int(1, 3),
      firstDay: 19_800,
      locations: random.pick([2, 30, 500]),
      files: random.int(1, 4),
    });
    const used = ENERGY.measures.map(({ required }) => required || random.chance(0.7));
    const kept = rows.map((row) => ({
      ...row,
      measures: row.measures.map((value, measure) => (used[measure] ? value : null)),
    }));
    const dictionary = random.chance(0.5) ? shared : newDictionary(ENERGY);
    const batch = batchOf(ENERGY, kept, dictionary, used);
    const from = random.chance(0.5) ? 0 : random.int(0, batch.rows - 1);
    const to = random.chance(0.5) ? batch.rows : random.int(from + 1, batch.rows);
    return { batch, from, to };
  });
}

test("any segments: sorted, each key once, the loser's file counted", () => {
  forSeeds(400, (random) => {
    check(ENERGY, randomSegments(random));
  });
});

test("few intervals with many rows each, in segments that overlap", () => {
  forSeeds(30, (random) => {
    const dictionary = newDictionary(ENERGY);
    const segments = Array.from({ length: random.int(1, 4) }, (): Segment => {
      const [files, locations] = [random.int(1, 4), random.pick([20, 500])];
      const rows = randomEnergyRows(random, 400, { days: 1, firstDay: 19_800, locations, files });
      // Four intervals: a hundred rows each.
      const few = rows.map((row) => ({
        ...row,
        ...intervalAt((row.start % (4 * HOUR_MS)) + 19_800 * 24 * HOUR_MS),
      }));
      const batch = batchOf(ENERGY, few, dictionary);
      return { batch, from: random.int(0, 20), to: batch.rows };
    });
    assert.ok(!areFragments(segments));
    check(ENERGY, segments);
  });
});

/** Rows of some hours in order of time, those of an hour in any order; a few come twice, and some hours are short. */
function hoursOfRows(random: Random): Row[] {
  const names = Array.from({ length: 6000 }, (_, name) => `L${name}`);
  return Array.from({ length: random.int(3, 5) }, (_, hour) => {
    const rows = random
      .shuffle(names)
      .slice(0, random.pick([40, 3000, 6000]))
      .map((name, place) =>
        energyRow(hour * HOUR_MS, name, hour * 10_000 + place, {
          measures: [hour * 10_000 + place, -place, place / 4, null, null, 1],
        }),
      );
    return random.chance(0.5) ? rows : [...rows, rows[random.int(0, rows.length - 1)]!];
  }).flat();
}

test("hours of thousands of rows, in batches that end anywhere", () => {
  forSeeds(12, (random) => {
    const rows = hoursOfRows(random);
    const isMissing = random.chance(0.3);
    if (isMissing) rows[random.int(0, rows.length - 1)]!.measures[1] = null;
    const versions = random.chance(0.5);
    const used = ENERGY.measures.map((_, measure) => measure < 3 || (measure === 5 && versions));
    if (!versions) for (const row of rows) row.measures[5] = null;
    const dictionary = newDictionary(ENERGY);
    const segments: Segment[] = [];
    for (let from = 0; from < rows.length; ) {
      const to = Math.min(rows.length, from + random.int(1, 9000));
      const more = random.int(0, 5);
      // What lies around a segment in its batch is none of its rows.
      const batch = batchOf(ENERGY, rows.slice(Math.max(0, from - more), to), dictionary, used);
      segments.push({ batch, from: Math.min(from, more), to: batch.rows });
      from = to;
    }
    check(ENERGY, random.chance(0.3) ? segments.reverse() : segments);
  });
});

test("rows that are in order already come out as they are", () => {
  forSeeds(20, (random) => {
    const { rows } = sortedModel(
      ENERGY,
      randomEnergyRows(random, 200, { days: 1, firstDay: 1, locations: 50, files: 1 }),
    );
    const sorted = check(ENERGY, [{ batch: batchOf(ENERGY, rows), from: 0, to: rows.length }]);
    assert.equal(sorted.rows, rows.length);
    assert.deepEqual(sorted.dropped, []);
  });
});

test("rows in order in segments that end anywhere, and those of which a few are not", () => {
  forSeeds(100, (random) => {
    const { rows } = sortedModel(
      ENERGY,
      randomEnergyRows(random, 300, { days: 2, firstDay: 1, locations: random.pick([3, 40]), files: 1 }),
    );
    // None, or one that changes its place, or one that comes twice.
    const trouble = random.int(0, 2);
    const [from, to] = [random.int(0, rows.length - 1), random.int(0, rows.length - 1)];
    if (trouble === 1) rows.splice(to, 0, ...rows.splice(from, 1));
    if (trouble === 2) rows.splice(to, 0, rows[from]!);
    const segments: Segment[] = [];
    for (let first = 0; first < rows.length; ) {
      const end = Math.min(rows.length, first + random.int(1, 120));
      const more = random.int(0, Math.min(5, first));
      segments.push({
        batch: batchOf(ENERGY, rows.slice(first - more, end)),
        from: more,
        to: end - first + more,
      });
      first = end;
    }
    check(ENERGY, segments);
  });
});

test("few rows among many known locations", () => {
  forSeeds(50, (random) => {
    const dictionary = newDictionary(ENERGY);
    for (let i = 0; i < 3000; i++) dictionary.codeOf([`L${i}`, null, null, null, null]);
    const rows = Array.from({ length: 12 }, () =>
      energyRow(random.int(0, 1) * HOUR_MS, `L${random.int(0, 2999)}`, random.int(0, 9)),
    );
    check(ENERGY, [{ batch: batchOf(ENERGY, [...rows, ...rows], dictionary), from: 0, to: 24 }]);
  });
});

test("of two rows with one key the higher version stays, wherever it stands", () => {
  const version = (price: number, number: number | null, file: number): Row =>
    energyRow(0, "A", price, { measures: [price, null, null, null, null, number], file });
  const kept = (rows: Row[]) => {
    const sorted = check(
      ENERGY,
      rows.map((row) => ({ batch: batchOf(ENERGY, [row]), from: 0, to: 1 })),
    );
    return [spellOut(sorted, sorted.entities)[0]!.measures[0], pairs(sorted.dropped)];
  };
  assert.deepEqual(kept([version(1, 1, 0), version(2, 2, 1)]), [2, { 0: 1 }]);
  assert.deepEqual(kept([version(1, 2, 0), version(2, 1, 1)]), [1, { 1: 1 }]);
  assert.deepEqual(
    kept([version(1, 1, 0), version(2, 1, 1)]),
    [2, { 0: 1 }],
    "equal versions: the later one",
  );
  assert.deepEqual(kept([version(1, 1, 0), version(2, null, 1)]), [1, { 1: 1 }], "any version beats none");
  assert.deepEqual(kept([version(1, null, 0), version(2, null, 1)]), [2, { 0: 1 }]);
  assert.deepEqual(kept([version(1, -5, 0), version(2, null, 1)]), [1, { 1: 1 }]);
  assert.deepEqual(kept([version(1, 3, 0), version(2, 1, 1), version(3, 3, 2)]), [3, { 0: 1, 1: 1 }]);
});

test("one name under two types or two ids is two locations, under two zones it is one", () => {
  const row = (entity: Row["entity"], price: number) => energyRow(0, "", price, { entity });
  const rows = [
    row(["A", 2, "HUB", "Z", null], 1),
    row(["A", 1, "HUB", "Z", null], 2),
    row(["A", 1, "ZONE", "Z", null], 3),
    row(["A", null, null, "Z", null], 4),
    row(["A", 1, "HUB", "Y", 500], 5),
  ];
  const sorted = check(ENERGY, [{ batch: batchOf(ENERGY, rows), from: 0, to: rows.length }]);
  assert.deepEqual(
    spellOut(sorted, sorted.entities).map(({ measures }) => measures[0]),
    [4, 5, 1, 3],
  );
});

test("ancillary services: one product in two regions is two rows", () => {
  const row = (product: string, region: string | null, price: number): Row => ({
    ...intervalAt(0),
    entity: [product, "REG", region],
    measures: [price, null],
    file: 0,
  });
  const rows = [row("REG", "B", 1), row("REG", null, 2), row("REG", "A", 3), row("REG", "B", 4)];
  const sorted = check(ANCILLARY, [{ batch: batchOf(ANCILLARY, rows), from: 0, to: rows.length }]);
  assert.deepEqual(
    spellOut(sorted, sorted.entities).map(({ measures }) => measures[0]),
    [2, 3, 4],
  );
});
