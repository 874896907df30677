import assert from "node:assert/strict";
import { test } from "node:test";
import { inMemory, OpenFile, partOf, type RandomAccess, readAt } from "../../src/containers/random-access.js";
import { folder, put } from "../helpers/folder.js";

test("files of any size read the same, small ones at once and large ones in place", (t) => {
  for (const size of [1, 65_535, 65_536, 65_537, 200_000]) {
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => (index * 7) % 251));
    const file = new OpenFile(put(folder(t), "data", bytes));
    for (const position of [0, size >> 1, size - 1, size]) {
      assert.deepEqual(readAt(file, position, size), bytes.subarray(position));
      assert.deepEqual(readAt(file, position, 10), bytes.subarray(position, position + 10));
    }
    file.close();
    assert.equal(file.read(Buffer.alloc(4), 0, 4, 0), 0);
  }
});

test("a file, memory, and parts of either read the same, and never past their end", (t) => {
  const bytes = Buffer.from("0123456789");
  const file = new OpenFile(put(folder(t), "data", bytes));
  const cases: [RandomAccess, Buffer][] = [
    [file, bytes],
    [inMemory(bytes), bytes],
    [partOf(file, 2, 5), bytes.subarray(2, 7)],
    [partOf(partOf(inMemory(bytes), 1, 8), 1, 5), bytes.subarray(2, 7)],
    [partOf(file, 8, 0), Buffer.alloc(0)],
  ];
  for (const [access, content] of cases) {
    assert.equal(access.size, content.length);
    for (let position = 0; position <= content.length + 1; position++) {
      for (let length = 0; length <= content.length + 1; length++) {
        const expected = content.subarray(position, position + length);
        assert.deepEqual(readAt(access, position, length), expected);
        const buffer = Buffer.alloc(length + 2, 0xaa);
        assert.equal(access.read(buffer, 1, length, position), expected.length);
        assert.deepEqual(buffer.subarray(1, 1 + expected.length), expected);
        assert.ok(buffer.subarray(1 + expected.length).every((byte) => byte === 0xaa));
      }
    }
  }
  file.close();
  assert.equal(
    file.read(Buffer.alloc(4), 0, 4, 0),
    0,
    "a closed file gives nothing, least of all another file's bytes",
  );
  file.close();
});
