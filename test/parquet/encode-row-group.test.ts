import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import type { TableDefinition } from "../../src/arrow/tables.js";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { readRowGroup } from "../../src/parquet/read-row-group.js";
import { COMPRESSIONS, type Compression, type Encoder } from "../../src/run/options.js";
import { rowsByDuckDb } from "../helpers/duckdb.js";
import { folder } from "../helpers/folder.js";
import { sortedModel } from "../helpers/model.js";
import { loadEncoders, parquetFile, rowsByHyparquet, sorted } from "../helpers/parquet-files.js";
import { Random } from "../helpers/random.js";
import {
  ANCILLARY,
  ENERGY,
  energyRow,
  intervalAt,
  type Row,
  randomEnergyRows,
  rowsOf,
} from "../helpers/rows.js";

const HOUR_MS = 3_600_000;
const ENCODERS: Encoder[] = ["own", "parquet-wasm"];

before(loadEncoders);

/** Encodes each list of rows as a row group of one file and has the file read by all readers. */
async function check(
  t: TestContext,
  groups: readonly Row[][],
  compression: Compression,
  encoder: Encoder = "own",
  table: TableDefinition = ENERGY,
): Promise<string> {
  const encoded = await Promise.all(
    groups.map((rows) => encodeRowGroup(table, sorted(table, rows), compression, encoder)),
  );
  const expected = groups.flatMap((rows) =>
    sortedModel(table, rows).rows.map((row) => ({ ...row, file: 0 })),
  );
  const file = parquetFile(table, encoded);
  const path = join(folder(t), "file.parquet");
  writeFileSync(path, file);

  assert.deepEqual(await rowsByDuckDb(table, path), expected, "by DuckDB");
  assert.deepEqual(await rowsByHyparquet(table, file), expected, "by hyparquet");
  const back = encoded.flatMap((group) => {
    const batch = readRowGroup(table, group, "test");
    return rowsOf({ ...batch, sources: Int32Array.of(0, batch.rows) });
  });
  assert.deepEqual(back, expected, "by readRowGroup");
  return path;
}

for (const compression of COMPRESSIONS) {
  for (const encoder of ENCODERS) {
    test(`${compression}, ${encoder}: random row groups come back from every reader`, async (t) => {
      const random = new Random(11);
      for (let round = 0; round < 4; round++) {
        const groups = Array.from({ length: random.int(1, 4) }, () =>
          randomEnergyRows(random, random.int(1, 400), {
            days: random.pick([1, 3]),
            firstDay: random.pick([-400, 10_000, 19_800]),
            locations: random.pick([1, 40]),
            files: 1,
          }),
        );
        await check(t, groups, compression, encoder);
      }
    });

    test(`${compression}, ${encoder}: a single row, with and without its nullable values`, async (t) => {
      const empty = energyRow(0, "A", -0);
      const full = energyRow(HOUR_MS, "Łódź 😀", 1.5, {
        entity: ["Łódź 😀", -(2 ** 40), "HUB", "", 13.8],
        measures: [1.5, -2.25, 1e-300, 1.7e308, -0, -(2 ** 31)],
      });
      await check(t, [[empty], [full], [empty]], compression, encoder);
    });
  }
}

/** Rows of one interval, as many as there are values. */
const rowsWith = (count: number, row: (index: number) => Partial<Row>): Row[] =>
  Array.from({ length: count }, (_, index) => energyRow(0, `L${index}`, 0, row(index)));

test("100,000 distinct prices and locations", async (t) => {
  const random = new Random(5);
  const rows = rowsWith(100_000, (index) => ({
    measures: [random.next() * 1000, index % 3 === 0 ? null : random.next(), 7.5, null, null, index],
  }));
  await check(t, [rows], "zstd");
});

for (const compression of COMPRESSIONS) {
  test(`${compression}: prices as they are, two decimals, many rows`, async (t) => {
    const random = new Random(6);
    const cents = () => random.int(-3000, 30_000) / 100;
    const rows = rowsWith(10_000, () => ({
      measures: [cents(), 21.26, random.chance(0.1) ? null : cents(), cents(), null, 1],
    }));
    await check(t, [rows], compression);
  });
}

for (const compression of COMPRESSIONS) {
  test(`${compression}: prices that neighbours have in common, some missing, some below zero`, async (t) => {
    const random = new Random(7);
    const locations = 1000;
    // Units of one plant stand side by side.
    const plants = locations / 4;
    const prices = () => Array.from({ length: 24 * plants }, () => random.int(-500, 900) / 100);
    const [total, congestion, loss] = [prices(), prices(), prices()];
    const rows = Array.from({ length: 24 * locations }, (_, i) => {
      const hour = Math.floor(i / locations);
      const at = Math.floor(i / 4);
      const measures = [total[at]!, 21.26, random.chance(0.1) ? null : congestion[at]!, loss[at]!, null, 1];
      const location = `L${(i % locations) + locations}`;
      return energyRow(hour * HOUR_MS, location, 0, { measures });
    });
    await check(t, [rows], compression);
    if (compression !== "zstd") return;
    const { rowGroup } = await encodeRowGroup(ENERGY, sorted(ENERGY, rows), compression);
    for (const { meta_data } of rowGroup.columns) {
      const { path_in_schema, data_page_offset, dictionary_page_offset, total_compressed_size } = meta_data!;
      if (!["lmp_total", "lmp_congestion", "lmp_loss"].includes(path_in_schema[0]!)) continue;
      const codes = Number(total_compressed_size) - Number(data_page_offset - dictionary_page_offset!);
      // Packed, codes of 1,400 prices take 11 bits.
      assert.ok(codes < 0.6 * (11 / 8) * rows.length, `${codes} bytes of ${path_in_schema}`);
    }
  });
}

test("prices of which too many differ are stored as they are, and take few bytes where digits come back", async (t) => {
  // Two hours with one price for each location: each comes back once, in another place.
  const prices = 20_000;
  const rows = Array.from({ length: prices * 2 }, (_, i) => {
    const place = i < prices ? i : (i * 7919) % prices;
    return energyRow((i < prices ? 0 : 1) * HOUR_MS, `N${i % prices}`, (place * 37) / 10_000);
  });
  await check(t, [rows], "zstd");
  const { rowGroup } = await encodeRowGroup(ENERGY, sorted(ENERGY, rows), "zstd");
  const total = rowGroup.columns.find(({ meta_data }) => meta_data!.path_in_schema[0] === "lmp_total");
  const { encodings, total_compressed_size } = total!.meta_data!;
  assert.deepEqual(encodings, ["PLAIN", "RLE"]);
  assert.ok(Number(total_compressed_size) < 5 * rows.length, `${total_compressed_size} bytes`);
});

test("an interval of its own for nearly every row", async (t) => {
  const rows = Array.from({ length: 5000 }, (_, index) =>
    energyRow(index * HOUR_MS * (index % 7 === 0 ? 1 : 3), "A", index),
  );
  await check(t, [rows], "zstd");
});

test("sizes around those at which codes need another bit, and around whole groups of eight", async (t) => {
  for (const count of [1, 2, 3, 7, 8, 9, 15, 16, 17, 255, 256, 257, 4096, 4097]) {
    const rows = rowsWith(count, (index) => ({
      measures: [index / 4, (index % 2) / 2, null, 1, null, index % 5],
    }));
    for (const compression of COMPRESSIONS) await check(t, [rows], compression);
  }
});

test("what is said of locations that come back every hour takes next to nothing, however many they are", async (t) => {
  // A day's codes end within a byte, or with one: neither is to make a difference, nor is a missing value.
  for (const locations of [510, 511, 512, 1001]) {
    const rows = Array.from({ length: 24 * locations }, (_, i) => {
      const [hour, place] = [Math.floor(i / locations), i % locations];
      const id = place % 3 === 0 ? null : (place * 7919) % 100_003;
      const entity = [`L${place}`, id, place % 5 === 0 ? "HUB" : "ZONE", `Z${place % 21}`, null];
      return energyRow(hour * HOUR_MS, `L${place}`, 1, { entity });
    });
    for (const compression of ["zstd", "snappy"] as const) {
      const { rowGroup } = await encodeRowGroup(ENERGY, sorted(ENERGY, rows), compression);
      for (const { meta_data } of rowGroup.columns) {
        const { path_in_schema, data_page_offset, dictionary_page_offset, total_compressed_size } =
          meta_data!;
        if (!["location", "location_id", "zone"].includes(path_in_schema[0]!)) continue;
        const dictionary = Number(data_page_offset - dictionary_page_offset!);
        const codes = Number(total_compressed_size) - dictionary;
        assert.ok(codes < 6 * locations, `${codes} bytes of ${path_in_schema} for ${locations} locations`);
      }
    }
    await check(t, [rows], "zstd");
  }
});

test("a column whose values are all missing in one row group and present in the next", async (t) => {
  const some = rowsWith(50, (index) => ({ measures: [index, index, null, null, null, 1] }));
  const none = rowsWith(50, (index) => ({ measures: [index, null, null, null, null, null] }));
  await check(t, [some, none, some], "zstd");
});

test("ancillary services", async (t) => {
  const random = new Random(8);
  const rows: Row[] = Array.from({ length: 500 }, () => ({
    ...intervalAt(random.int(0, 48) * HOUR_MS),
    entity: [random.pick(["REG", "SPIN"]), random.pick(["REG_UP", null]), random.pick(["A", "B", null])],
    measures: [random.int(0, 5000) / 100, random.pick([null, 12.5])],
    file: 0,
  }));
  await check(t, [rows, rows], "snappy", "own", ANCILLARY);
});

test("filters, which readers answer from the statistics, find the rows that there are", async (t) => {
  const random = new Random(9);
  const groups = [0, 1, 2].map((day) =>
    randomEnergyRows(random, 200, { days: 1, firstDay: 19_800 + day, locations: 9, files: 1 }),
  );
  const path = await check(t, groups, "zstd");
  const all = await rowsByDuckDb(ENERGY, path);
  const start = all[300]!.start;
  const conditions: [string, (row: Row) => boolean][] = [
    [`interval_start_utc = make_timestamptz(${start * 1000})`, (row) => row.start === start],
    [`interval_end_utc > make_timestamptz(${start * 1000})`, (row) => row.end > start],
    ["operating_date = DATE '1970-01-01' + 19801", ({ date }) => date === 19_801],
    ["hour_ending >= 20", ({ hour }) => hour >= 20],
    ["location = 'L3'", ({ entity }) => entity[0] === "L3"],
    ["location_id IS NULL", ({ entity }) => entity[1] === null],
    ["location_id = 2", ({ entity }) => entity[1] === 2],
    ["lmp_total > 40", ({ measures }) => measures[0]! > 40],
    ["lmp_total <= -49", ({ measures }) => measures[0]! <= -49],
    ["lmp_loss = 0", ({ measures }) => measures[3] === 0],
    ["lmp_loss IS NOT NULL", ({ measures }) => measures[3] !== null],
    ["lmp_ghg IS NULL", () => true],
    ["version = 3", ({ measures }) => measures[5] === 3],
  ];
  for (const [where, fits] of conditions) {
    const expected = all.filter(fits);
    assert.ok(expected.length > 0, where);
    assert.deepEqual(await rowsByDuckDb(ENERGY, path, where), expected, where);
  }
});
