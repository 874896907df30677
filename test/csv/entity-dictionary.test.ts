import assert from "node:assert/strict";
import { test } from "node:test";
import { entityColumns } from "../../src/arrow/row-batch.js";
import { EntityDictionary, RunDictionary, sameBytes } from "../../src/csv/entity-dictionary.js";
import { forSeeds, Random } from "../helpers/random.js";
import type { Value } from "../helpers/rows.js";

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

test("bytes are compared whole, at every length and place", () => {
  forSeeds(300, (random) => {
    const length = random.int(0, 40);
    const one = Buffer.from(Array.from({ length: 60 }, () => random.int(0, 255)));
    const other = Buffer.from(Array.from({ length: 60 }, () => random.int(0, 255)));
    const a = random.int(0, 20);
    const b = random.int(0, 20);
    one.copy(other, b, a, a + length);
    assert.ok(sameBytes(viewOf(one), a, viewOf(other), b, length));
    if (length === 0) return;
    const changed = b + random.int(0, length - 1);
    other[changed]! ^= 1 << random.int(0, 7);
    assert.ok(!sameBytes(viewOf(one), a, viewOf(other), b, length));
  });
});

test("a run dictionary finds what it was given, and nothing else, while it grows", () => {
  const random = new Random(7);
  const runs = new RunDictionary();
  const known = new Map<string, number>();
  for (let i = 0; i < 30_000; i++) {
    const text = `${random.digits(random.int(0, 9))},${random.pick(["HUB", "ZONE", ""])}`;
    const bytes = Buffer.from(`#${text}#`);
    const length = bytes.length - 2;
    const found = runs.find(bytes, viewOf(bytes), 1, length);
    assert.equal(found, known.get(text) ?? -1, text);
    if (found < 0) known.set(text, runs.add(bytes, 1, length, i));
    else assert.equal(runs.lengths[found], length);
  }
  assert.equal(runs.count, known.size);
  assert.ok(known.size > 10_000);
  assert.ok(!runs.isFull);
  for (const [text, code] of known) {
    const bytes = Buffer.from(text);
    assert.equal(runs.find(bytes, viewOf(bytes), 0, bytes.length), code);
  }
});

test("a run dictionary keeps the value and the successor of each code", () => {
  const runs = new RunDictionary();
  for (let code = 0; code < 5000; code++) {
    const bytes = Buffer.from(`run ${code}`);
    assert.equal(runs.add(bytes, 0, bytes.length, code * 3), code);
    if (code > 0) runs.successors[code - 1] = code;
  }
  for (let code = 0; code < 5000; code++) {
    assert.equal(runs.values[code], code * 3);
    assert.equal(runs.successors[code], code === 4999 ? 0 : code + 1);
  }
});

test("a run dictionary is full before it can fill the memory", () => {
  const large = new RunDictionary();
  const bytes = Buffer.alloc(1 << 20);
  for (let i = 0; i < 16; i++) {
    assert.ok(!large.isFull);
    bytes.writeInt32LE(i);
    large.add(bytes, 0, bytes.length, i);
  }
  assert.ok(large.isFull);
});

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
