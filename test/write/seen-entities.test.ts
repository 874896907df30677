import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_DESCRIPTIONS } from "../../src/arrow/name-limits.js";
import { entityTable } from "../../src/arrow/row-batch.js";
import { TABLES } from "../../src/arrow/tables.js";
import { SeenEntities, type SeenEntity } from "../../src/write/seen-entities.js";
import { batchOfNames } from "../helpers/many-names.js";
import { forSeeds } from "../helpers/random.js";
import { batchOf, ENERGY, energyRow, newDictionary, type Row, randomEnergyRows } from "../helpers/rows.js";

const DAY_MS = 86_400_000;

/** What must have been seen, said as simply as possible. */
function model(rows: readonly Row[]): Record<string, { first: number; last: number }> {
  const seen: Record<string, { first: number; last: number }> = {};
  for (const { entity, date, measures } of rows) {
    if (measures[0] === null) continue;
    const key = JSON.stringify(entity);
    const known = seen[key] ?? { first: date, last: date };
    seen[key] = { first: Math.min(known.first, date), last: Math.max(known.last, date) };
  }
  return seen;
}

function byKey(list: readonly SeenEntity[]): Record<string, { first: number; last: number }> {
  const entries = list.map(({ values, first, last }) => [JSON.stringify(values), { first, last }] as const);
  assert.equal(new Set(entries.map(([key]) => key)).size, list.length, "an entity is listed twice");
  return Object.fromEntries(entries);
}

test("entities of batches of several decoders, whole or in part, with the days of their rows", () => {
  forSeeds(60, (random) => {
    const dictionaries = Array.from({ length: random.int(1, 3) }, () => newDictionary(ENERGY));
    const years = [new SeenEntities("energy"), new SeenEntities("energy")];
    const taken: Row[] = [];
    for (let batches = random.int(0, 8); batches > 0; batches--) {
      const options = { days: 5, firstDay: random.int(19_000, 19_006), locations: 4, files: 1 };
      const rows = randomEnergyRows(random, random.int(1, 40), options).sort((a, b) => a.start - b.start);
      // Components of joined feeds: a row without its total stands for none.
      if (random.chance(0.3)) for (const row of rows) if (random.chance(0.5)) row.measures[0] = null;
      const batch = batchOf(ENERGY, rows, random.pick(dictionaries));
      const from = random.chance(0.5) ? 0 : random.int(0, rows.length - 1);
      const to = random.chance(0.5) ? rows.length : random.int(from, rows.length);
      const year = random.pick(years);
      year.add({ batch, from, to });
      taken.push(...rows.slice(from, to));
      if (random.chance(0.1)) year.list();
    }
    const [seen, other] = years as [SeenEntities, SeenEntities];
    seen.absorb(other);
    assert.deepEqual(byKey(seen.list()), model(taken));
    assert.deepEqual(byKey(seen.list()), model(taken), "asked again");
  });
});

test("an id is a number, and what is not given is null", () => {
  const seen = new SeenEntities("energy");
  const rows = [energyRow(0, "A", 1, { entity: ["A", 51288, "HUB", null, 138.5] }), energyRow(0, "A", 1)];
  seen.add({ batch: batchOf(ENERGY, rows), from: 0, to: 2 });
  assert.deepEqual(
    seen.list().map(({ values }) => values),
    [
      ["A", 51288, "HUB", null, 138.5],
      ["A", null, null, null, null],
    ],
  );
});

test("words of no vocabulary come with the rows that have them, and only with these", () => {
  const seen = new SeenEntities("energy");
  const dictionary = newDictionary(ENERGY);
  const none = [null, null, null, null, null];
  const withWord = (name: string, word: string) => [
    name,
    null,
    "OTHER",
    null,
    null,
    null,
    null,
    word,
    null,
    null,
  ];
  const rows = [
    energyRow(0, "A", 1, { entity: withWord("A", "FOO") }),
    energyRow(DAY_MS, "A", 1, { entity: withWord("A", "BAR") }),
    energyRow(2 * DAY_MS, "B", 1, { entity: ["B", ...none.slice(1), ...none] }),
    energyRow(3 * DAY_MS, "C", 1, { entity: withWord("C", "NEVER") }),
  ];
  const batch = batchOf(ENERGY, rows, dictionary);
  seen.add({ batch, from: 0, to: 1 });
  assert.deepEqual(seen.words(), [{ column: "location_type", value: "FOO" }]);
  seen.add({ batch, from: 0, to: 3 });
  assert.deepEqual(
    seen.words().map(({ value }) => value),
    ["FOO", "BAR"],
  );
  // Two words, but one description: what is written says OTHER for both.
  assert.deepEqual(byKey(seen.list()), {
    '["A",null,"OTHER",null,null]': { first: 0, last: 1 },
    '["B",null,null,null,null]': { first: 2, last: 2 },
  });
});

test("more descriptions than a year may have are noticed, whichever tables they come in", () => {
  const seen = new SeenEntities("energy");
  const half = MAX_DESCRIPTIONS / 2;
  for (const batch of [batchOfNames(0, half), batchOfNames(half / 2, half), batchOfNames(half, half)])
    seen.add({ batch, from: 0, to: batch.rows });
  assert.equal(seen.isTooMuchInAll(), false);
  seen.add({ batch: batchOfNames(MAX_DESCRIPTIONS - 1, 2), from: 0, to: 1 });
  assert.equal(seen.isTooMuchInAll(), false);
  seen.add({ batch: batchOfNames(MAX_DESCRIPTIONS, 1), from: 0, to: 1 });
  assert.equal(seen.isTooMuchInAll(), true);
});

test("ever new names do not fill the memory: beyond a limit nothing is listed", () => {
  const seen = new SeenEntities("ancillary");
  const columns = TABLES.ancillary.entity.length;
  const row = batchOf(TABLES.ancillary, [
    { start: 0, end: 1, date: 0, hour: 1, entity: ["x", null, null], measures: [1, 1], file: 0 },
  ]);
  const codes = Int32Array.from({ length: 20_000 }, (_, code) => code);
  const intervals = { ...row.intervals, runEnds: Int32Array.of(codes.length) };
  const measures = [{ values: new Float64Array(codes.length), validity: null }, null];
  for (let table = 0; table < 5 && !seen.overflowed; table++) {
    const names = Array.from(codes, (code) => `${table} ${code} ${"x".repeat(1000)}`);
    const entities = entityTable(
      `table ${table}`,
      Array.from({ length: columns }, (_, column) => (column === 0 ? names : names.map(() => null))),
    );
    const batch = { ...row, rows: codes.length, intervals, entityCodes: codes, entities, measures };
    seen.add({ batch, from: 0, to: codes.length });
  }
  assert.deepEqual(seen.list(), []);
  assert.equal(seen.overflowed, true);
  const all = new SeenEntities("ancillary");
  all.add({ batch: row, from: 0, to: 1 });
  all.absorb(seen);
  assert.deepEqual([all.list(), all.overflowed], [[], true]);
});
