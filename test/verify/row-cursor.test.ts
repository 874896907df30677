import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { before, test } from "node:test";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { readFooter } from "../../src/parquet/read-footer.js";
import { COMPRESSIONS, ENCODERS } from "../../src/run/options.js";
import { RowCursor } from "../../src/verify/row-cursor.js";
import { folder, put } from "../helpers/folder.js";
import { sortedModel } from "../helpers/model.js";
import { loadEncoders, parquetFile, sorted } from "../helpers/parquet-files.js";
import { Random } from "../helpers/random.js";
import { ENERGY, energyRow, intervalAt, type Row, randomEnergyRows } from "../helpers/rows.js";

before(loadEncoders);

/** The rows of a file as the cursor reads them. */
async function rowsByCursor(path: string): Promise<Row[]> {
  const handle = await open(path, "r");
  try {
    const { metadata } = await readFooter(handle);
    const cursor = new RowCursor(handle, metadata, ENERGY);
    const rows: Row[] = [];
    while (await cursor.next()) {
      rows.push({
        start: (cursor.valueOf("interval_start_utc") as number) / 1000,
        end: (cursor.valueOf("interval_end_utc") as number) / 1000,
        date: cursor.valueOf("operating_date") as number,
        hour: cursor.valueOf("hour_ending") as number,
        entity: ENERGY.entity.map(({ name }) => cursor.valueOf(name)),
        measures: ENERGY.measures.map(({ name }) => cursor.valueOf(name) as number | null),
        file: 0,
      });
    }
    return rows;
  } finally {
    await handle.close();
  }
}

for (const compression of COMPRESSIONS) {
  for (const encoder of ENCODERS) {
    test(`${compression}, ${encoder}: every value comes back, row by row`, async (t) => {
      const random = new Random(21);
      const groups = Array.from({ length: 5 }, () =>
        randomEnergyRows(random, random.int(1, 700), {
          days: random.pick([1, 3]),
          firstDay: random.pick([-400, 10_000, 19_800]),
          locations: random.pick([1, 40]),
          files: 1,
        }),
      );
      // A column without any value, and one in which nearly every row has a time and a price of its own.
      groups.push([energyRow(0, "Łódź 😀", -0)]);
      groups.push(
        Array.from({ length: 20_000 }, (_, i) =>
          energyRow(i * 300_000, "A", random.next() * 100, {
            ...intervalAt(i * 300_000, 5),
            entity: ["A", 2 ** 40, "HUB", "", 13.8],
          }),
        ),
      );
      const encoded = [];
      for (const rows of groups)
        encoded.push(await encodeRowGroup(ENERGY, sorted(ENERGY, rows), compression, encoder));
      const expected = groups.flatMap((rows) =>
        sortedModel(ENERGY, rows).rows.map((row) => ({ ...row, file: 0 })),
      );
      const path = put(folder(t), "file.parquet", parquetFile(ENERGY, encoded));
      assert.deepEqual(await rowsByCursor(path), expected);
    });
  }
}
