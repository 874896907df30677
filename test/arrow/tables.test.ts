import assert from "node:assert/strict";
import { test } from "node:test";
import { INTERVAL_COLUMNS, TABLES } from "../../src/arrow/tables.js";

for (const table of Object.values(TABLES)) {
  test(`table ${table.name}: names are unique and the key is of entity columns, the first one required`, () => {
    const entity = table.entity.map(({ name }) => name);
    const names = [...INTERVAL_COLUMNS, ...entity, ...table.measures.map(({ name }) => name)];
    assert.equal(new Set(names).size, names.length);
    assert.ok(table.key.every((name) => entity.includes(name)));
    // Row groups declare themselves sorted by interval_start_utc and the column behind the four of the interval.
    assert.equal(table.key[0], entity[0]);
    assert.ok(table.entity[0]!.required);
    assert.ok(table.measures.some(({ required }) => required));
  });
}
