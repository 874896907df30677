import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readJournal, writeJournal } from "../../src/journal/journal-format.js";
import { folder } from "../helpers/folder.js";

const VALUE = {
  text: "Łódź 😀 \u0000\n",
  numbers: [0, -1.5, 1e300, 2 ** 53],
  unusual: [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  nothing: null,
  list: [[], {}, [[1], "two"]],
  big: [0n, -(2n ** 70n)],
  when: new Date(86_400_000),
  map: new Map<unknown, unknown>([
    [3, { rows: Int32Array.of(1, -2, 3) }],
    ["four", 4n],
  ]),
  bytes: Uint8Array.of(1, 2, 255),
  instants: Float64Array.of(-0, Number.NaN, 1.7e12),
  none: new Int32Array(0),
  large: Int32Array.from({ length: 200_000 }, (_, index) => index * 7919),
};

test("what is written is read back: numbers, big integers, Maps, typed arrays", async (t) => {
  const path = join(folder(t), "a.journal");
  await writeJournal(path, VALUE);
  assert.deepEqual(await readJournal(path), { value: VALUE });
});

test("every array comes back in a buffer of its own, whatever it was a part of", async (t) => {
  const path = join(folder(t), "a.journal");
  const all = Int32Array.from({ length: 10 }, (_, index) => index);
  const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(7);
  await writeJournal(path, [all.subarray(2, 5), all.subarray(4), shared]);
  const { value } = (await readJournal(path)) as { value: [Int32Array, Int32Array, Uint8Array] };
  assert.deepEqual(value, [Int32Array.of(2, 3, 4), all.slice(4), Uint8Array.of(7, 7, 7)]);
  for (const array of value) assert.equal(array.buffer.byteLength, array.byteLength);
});

test("a journal that is not there is none", async (t) => {
  assert.equal(await readJournal(join(folder(t), "none.journal")), null);
});

test("a file that is cut anywhere, or has one bit that is other, is said to be damaged", async (t) => {
  const path = join(folder(t), "a.journal");
  await writeJournal(path, { map: new Map([[1, 2n]]), rows: Float64Array.of(1, 2, 3) });
  const bytes = readFileSync(path);
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    assert.ok("damage" in (await readJournal(path))!, `${length} of ${bytes.length} bytes`);
  }
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes);
    flipped[at]! ^= 1 << (at % 8);
    writeFileSync(path, flipped);
    assert.ok("damage" in (await readJournal(path))!, `byte ${at}`);
  }
  writeFileSync(path, Buffer.concat([bytes, bytes]));
  assert.deepEqual(await readJournal(path), { damage: "is cut off" });
  writeFileSync(path, "not at all a journal, though it is long enough");
  assert.deepEqual(await readJournal(path), { damage: "is no journal" });
});

test("what a journal has no form for is refused", async (t) => {
  await assert.rejects(writeJournal(join(folder(t), "a.journal"), [new Float32Array(1)]), /Float32Array/);
});
