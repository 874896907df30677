import assert from "node:assert/strict";
import { test } from "node:test";
import type { EntityValue } from "../../src/arrow/row-batch.js";
import { compareValues } from "../../src/order/compare-values.js";
import { sortByName } from "../../src/order/sort-by-name.js";

interface Item {
  name: EntityValue;
  id: number;
}

const compare = (a: Item, b: Item): number => compareValues(a.name, b.name) || a.id - b.id;
const sort = (items: readonly Item[]): Item[] => sortByName(items, ({ name }) => name, compare);

/** Names of which some come several times, in no order. */
function items(names: readonly EntityValue[], count: number): Item[] {
  return Array.from({ length: count }, (_, i) => ({
    name: names[(i * 7919) % names.length]!,
    id: (i * 104_729) % 1000,
  }));
}

/** Order by the bytes themselves. */
function byBytes(a: Item, b: Item): number {
  const bytes = (name: EntityValue) => Buffer.from(String(name));
  return Buffer.compare(bytes(a.name), bytes(b.name)) || a.id - b.id;
}

test("names sort by their bytes, those that are equal by what follows", () => {
  const names = ["B", "a", "A ", "A", "Zürich", "10 SUNBURY", "9 SUNBURY", "~"];
  const mixed = items(names, 500);
  assert.deepEqual(sort(mixed), [...mixed].sort(byBytes));
  assert.deepEqual(sort([]), []);
});

test("a name whose code units sort otherwise than its bytes changes nothing about that", () => {
  const mixed = items(["A", "\u{1f600}", "\uff21", "\ufffd", "Zürich"], 300);
  assert.deepEqual(sort(mixed), [...mixed].sort(byBytes));
});

test("values that are no texts sort, too: null first, then numbers by their size", () => {
  const names = sort(items([12, null, 5, 100], 8)).map(({ name }) => name);
  assert.deepEqual(names, [null, null, 5, 5, 12, 12, 100, 100]);
});

test("the items themselves are left as they are", () => {
  const before = items(["C", "B", "A"], 3);
  const copy = [...before];
  sort(before);
  assert.deepEqual(before, copy);
});
