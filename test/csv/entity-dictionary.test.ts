import assert from "node:assert/strict";
import { test } from "node:test";
import { entityColumns, unknownWords } from "../../src/arrow/row-batch.js";
import { EntityDictionary } from "../../src/csv/entity-dictionary.js";
import type { Value } from "../helpers/rows.js";

test("an entity dictionary gives equal values one code", () => {
  const dictionary = new EntityDictionary(3, "test");
  const entries: Value[][] = [
    ["A", 1, null],
    ["A", 1, ""],
    ["A", null, null],
    ["1", 1, null],
    [1, "A", null],
    ["A,1", null, null],
  ];
  assert.deepEqual(
    entries.map((values) => dictionary.codeOf(values)),
    [0, 1, 2, 3, 4, 5],
  );
  assert.deepEqual(
    entries.map((values) => dictionary.codeOf([...values])),
    [0, 1, 2, 3, 4, 5],
  );
  for (const [code, values] of entries.entries()) assert.deepEqual(dictionary.valuesOf(code), values);
});

test("snapshots of a dictionary share an id, grow, and are made only when something is new", () => {
  const dictionary = new EntityDictionary(2, "thread 1");
  dictionary.codeOf(["Zürich", 1]);
  const first = dictionary.snapshot();
  assert.equal(dictionary.snapshot(), first);
  dictionary.codeOf(["東京 😀", null]);
  const second = dictionary.snapshot();
  assert.equal(second.id, first.id);
  assert.deepEqual([first.count, second.count], [1, 2]);
  assert.deepEqual(entityColumns(first), [["Zürich"], [1]]);
  assert.deepEqual(entityColumns(second), [
    ["Zürich", "東京 😀"],
    [1, null],
  ]);
  assert.ok(second.json.buffer instanceof SharedArrayBuffer);
  assert.notEqual(new EntityDictionary(2, "thread 1").snapshot().id, first.id);
});

test("words of no vocabulary make an entity of their own, with values that look alike", () => {
  const dictionary = new EntityDictionary(2, "test");
  const plain = dictionary.codeOf(["A", "OTHER", null, null]);
  assert.equal(dictionary.snapshot().words, null);
  const foo = dictionary.codeOf(["A", "OTHER", null, "FOO"]);
  const bar = dictionary.codeOf(["A", "OTHER", null, "BAR"]);
  assert.deepEqual([plain, foo, bar, dictionary.codeOf(["A", "OTHER", null, "FOO"])], [0, 1, 2, 1]);
  assert.deepEqual(dictionary.valuesOf(bar), ["A", "OTHER", null, "BAR"]);
  const table = dictionary.snapshot();
  assert.deepEqual(entityColumns(table), [
    ["A", "A", "A"],
    ["OTHER", "OTHER", "OTHER"],
  ]);
  assert.deepEqual(unknownWords(table), [
    { code: 1, column: 1, word: "FOO" },
    { code: 2, column: 1, word: "BAR" },
  ]);
});
