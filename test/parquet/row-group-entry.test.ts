import assert from "node:assert/strict";
import { before, test } from "node:test";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { moveRowGroup } from "../../src/parquet/move-row-group.js";
import { moveEntry, rowGroupEntry } from "../../src/parquet/row-group-entry.js";
import { schemaOf } from "../../src/parquet/table-schema.js";
import { loadEncoders, sorted } from "../helpers/parquet-files.js";
import { ENERGY, energyRow } from "../helpers/rows.js";

before(loadEncoders);

test("an entry that is moved is that of a row group that lies there", async () => {
  const rows = Array.from({ length: 200 }, (_, i) => energyRow(0, `N${i}`, i / 7));
  const schema = schemaOf(ENERGY);
  const { bytes, rowGroup } = await encodeRowGroup(ENERGY, sorted(ENERGY, rows), "zstd");
  const entry = rowGroupEntry(schema, rowGroup);
  assert.deepEqual([entry.offset, entry.length, entry.rows], [0, bytes.length, 200]);
  // Numbers are written in one byte to eight.
  for (const by of [0, 1, 4, 63, 64, 8191, 8192, 2 ** 31, 2 ** 40, 2 ** 52]) {
    const moved = moveEntry(entry, by);
    assert.deepEqual(moved, rowGroupEntry(schema, moveRowGroup(rowGroup, by)));
    assert.deepEqual(moveEntry(moved, -by), entry);
  }
});
