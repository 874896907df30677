import assert from "node:assert/strict";
import { test } from "node:test";
import { entityColumns } from "../../src/arrow/row-batch.js";
import { EntityDictionary } from "../../src/csv/entity-dictionary.js";
import { entityUnion } from "../../src/order/entity-union.js";
import { compareValues } from "../helpers/model.js";
import { forSeeds, type Random } from "../helpers/random.js";
import { ANCILLARY, ENERGY, newDictionary, tableOf, type Value } from "../helpers/rows.js";

/** Names whose order by UTF-8 bytes is not that of their UTF-16 code units. */
const NAMES = [
  "",
  "A",
  "AA",
  "B",
  "a",
  "Zürich",
  "zone",
  "\ue000",
  "\uffff",
  "😀",
  "\u{10ffff}",
  "A😀",
  "A\uffff",
];

function randomEntities(random: Random): Value[][] {
  return Array.from({ length: random.int(0, 20) }, () => [
    random.pick(NAMES),
    random.pick([null, 1, 2, 10, -1]),
    random.pick([null, "HUB", "ZONE"]),
    random.pick([null, "A", "😀", "\uffff"]),
    random.pick([null, 138, 13.8]),
  ]);
}

/** Location, type and id first: the key of the table; then the rest in the table's order. */
const sortColumns = ([location, id, type, zone, voltage]: Value[]): Value[] => [
  location!,
  type!,
  id!,
  zone!,
  voltage!,
];

function compareEntities(a: Value[], b: Value[]): number {
  const [left, right] = [sortColumns(a), sortColumns(b)];
  for (const [index, value] of left.entries()) {
    const order = compareValues(value, right[index]!);
    if (order !== 0) return order;
  }
  return 0;
}

test("the entities of several tables are one list in order, without repeats", () => {
  forSeeds(200, (random) => {
    const lists = Array.from({ length: random.int(1, 4) }, () => randomEntities(random));
    const tables = lists.map((list) => {
      const dictionary = newDictionary(ENERGY);
      for (const values of list) dictionary.codeOf(values);
      return dictionary.snapshot();
    });
    const union = entityUnion(ENERGY, tables);
    const all = lists.flat().sort(compareEntities);
    const distinct = all.filter(
      (values, index) => index === 0 || compareEntities(values, all[index - 1]!) !== 0,
    );
    const found = distinct.map((_, rank) => union.columns.map((column) => column[rank]!));
    assert.deepEqual(found, distinct);

    for (const [index, table] of tables.entries()) {
      const columns = entityColumns(table);
      for (let code = 0; code < table.count; code++) {
        const rank = union.ranks[index]![code]!;
        assert.deepEqual(
          union.columns.map((column) => column[rank]),
          columns.map((column) => column[code]),
        );
      }
    }
    for (const [rank, first] of union.keyRanks.entries()) {
      const key = (of: number) => sortColumns(distinct[of]!).slice(0, 3);
      assert.deepEqual(key(first), key(rank));
      assert.ok(first === 0 || JSON.stringify(key(first - 1)) !== JSON.stringify(key(first)));
    }
  });
});

test("names are ordered as their UTF-8 bytes are", () => {
  const column = [...NAMES].reverse();
  const nulls = column.map(() => null);
  const { columns } = entityUnion(ENERGY, [tableOf([column, nulls, nulls, nulls, nulls])]);
  const byBytes = [...NAMES].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(columns[0], byBytes);
  assert.notDeepEqual(columns[0], [...NAMES].sort(), "the names would also be in UTF-16 order");
});

test("entities that differ only outside the key share a key rank", () => {
  const table = tableOf([
    ["REG", "REG", "REG", "SPIN"],
    ["REG_UP", "REG", null, "SPIN"],
    ["A", "A", null, "A"],
  ]);
  const union = entityUnion(ANCILLARY, [table]);
  assert.deepEqual(union.columns, [
    ["REG", "REG", "REG", "SPIN"],
    [null, "REG", "REG_UP", "SPIN"],
    [null, "A", "A", "A"],
  ]);
  assert.deepEqual([...union.keyRanks], [0, 1, 1, 3]);
  assert.deepEqual([...union.ranks[0]!], [2, 1, 0, 3]);
});

test("a table that has grown is not taken for what it was", () => {
  const dictionary = newDictionary(ENERGY);
  dictionary.codeOf(["B", null, null, null, null]);
  const before = dictionary.snapshot();
  assert.deepEqual([...entityUnion(ENERGY, [before]).ranks[0]!], [0]);
  dictionary.codeOf(["A", null, null, null, null]);
  const after = dictionary.snapshot();
  assert.deepEqual([...entityUnion(ENERGY, [after]).ranks[0]!], [1, 0]);
  assert.deepEqual([...entityUnion(ENERGY, [before]).ranks[0]!], [0]);
});

test("more tables of a family may come together than are kept", () => {
  const union = (count: number) => {
    const tables = Array.from({ length: count }, (_, table) => {
      const dictionary = new EntityDictionary(ENERGY.entity.length, "many", "TEST/family");
      for (const name of [`N${(table * 7) % 11}`, "N3"]) dictionary.codeOf([name, null, null, null, null]);
      return dictionary.snapshot();
    });
    const { columns, ranks } = entityUnion(ENERGY, tables);
    for (const [index, table] of tables.entries()) {
      const names = Array.from(ranks[index]!, (rank) => columns[0]![rank]);
      assert.deepEqual(names, entityColumns(table)[0]);
    }
    return tables;
  };
  const first = union(60);
  union(200);
  // Those that were met first have been pushed out, or have not: it must make no difference.
  const { columns, ranks } = entityUnion(ENERGY, first);
  assert.equal(columns[0]![ranks[0]![1]!], "N3");
});

test("tables of a family may say the same, differ, and grow, in whatever order they come", () => {
  forSeeds(100, (random) => {
    const family = `TEST/${random.digits(12)}`;
    const shared = randomEntities(random);
    const dictionaries = Array.from({ length: random.int(1, 5) }, (_, thread) => {
      return new EntityDictionary(ENERGY.entity.length, `${family}:${thread}`, family);
    });
    const lengths = dictionaries.map(() => 0);
    for (let round = 0; round < 8; round++) {
      const tables = dictionaries.map((dictionary, index) => {
        // Most decoders learn the same in the same order, some as far as others.
        lengths[index] = Math.max(lengths[index]!, random.pick([0, shared.length >> 1, shared.length]));
        for (const values of shared.slice(0, lengths[index])) dictionary.codeOf(values);
        if (random.chance(0.15)) dictionary.codeOf(random.pick([...randomEntities(random), ...shared, []]));
        return dictionary.snapshot();
      });
      const some = random.shuffle(tables).slice(0, random.int(1, tables.length));
      const { columns, ranks, keyRanks } = entityUnion(ENERGY, some);
      assert.equal(keyRanks.length, columns[0]!.length);
      for (const [index, table] of some.entries()) {
        const own = entityColumns(table);
        for (let code = 0; code < table.count; code++) {
          assert.deepEqual(
            columns.map((column) => column[ranks[index]![code]!]),
            own.map((column) => column[code]),
          );
        }
      }
    }
  });
});
