import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { readIntervals } from "../../src/dataset/count-days.js";
import { ColumnFile } from "../../src/parquet/column-file.js";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { folder } from "../helpers/folder.js";
import { loadEncoders, metadataOf, parquetFile, sorted } from "../helpers/parquet-files.js";
import { ENERGY, energyRow, type Row } from "../helpers/rows.js";

before(loadEncoders);

const HOUR_MS = 3_600_000;

/** An interval with so many rows for each of the numbers. */
function hoursOf(counts: readonly number[]): Row[] {
  return counts.flatMap((count, hour) =>
    Array.from({ length: count }, (_, i) => energyRow(hour * HOUR_MS, `N${i}`, i)),
  );
}

test("the intervals of row groups, whether they have as many rows as the one before or not", async (t) => {
  // So many rows that a dictionary of the intervals pays.
  const groups = [
    [3000],
    [700, 700, 700, 700],
    [100, 200, 100, 1, 900, 901, 899, 5],
    [1023, 1024, 1025, 2048, 2049],
    Array.from({ length: 40 }, (_, hour) => (hour * hour * 31) % 970 || 1),
  ];
  const encoded = [];
  for (const counts of groups)
    encoded.push(await encodeRowGroup(ENERGY, sorted(ENERGY, hoursOf(counts)), "zstd"));
  const bytes = parquetFile(ENERGY, encoded);
  const path = join(folder(t), "year.parquet");
  writeFileSync(path, bytes);
  const metadata = metadataOf(bytes);
  const handle = await open(path, "r");
  try {
    const columns = new ColumnFile(handle, metadata);
    for (const [index, counts] of groups.entries()) {
      const { start, date, rows } = await readIntervals(columns, metadata.row_groups[index]!);
      assert.deepEqual(Array.from(rows), counts);
      assert.deepEqual(
        Array.from(start),
        counts.map((_, hour) => hour * HOUR_MS * 1000),
      );
      assert.deepEqual(
        Array.from(date),
        counts.map((_, hour) => Math.floor(hour / 24)),
      );
    }
  } finally {
    await handle.close();
  }
});
