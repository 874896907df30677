import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { ColumnMetaData, FileMetaData } from "hyparquet";
import { allMeasures } from "../../src/arrow/row-batch.js";
import { INTERVAL_COLUMNS } from "../../src/arrow/tables.js";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { COMPRESSIONS } from "../../src/run/options.js";
import { compareValues, sortedModel } from "../helpers/model.js";
import { loadEncoders, metadataOf, parquetFile, sorted } from "../helpers/parquet-files.js";
import { forSeedsAsync, type Random } from "../helpers/random.js";
import { ANCILLARY, ENERGY, energyRow, type Row, randomEnergyRows, type Value } from "../helpers/rows.js";

before(loadEncoders);

const COLUMNS = [...INTERVAL_COLUMNS, ...[...ENERGY.entity, ...ENERGY.measures].map(({ name }) => name)];

/** Value of a row in an output column, as statistics show it. */
function valueIn(row: Row, column: string): Value {
  switch (column) {
    case "interval_start_utc":
      return row.start;
    case "interval_end_utc":
      return row.end;
    case "operating_date":
      return row.date * 86_400_000;
    case "hour_ending":
      return row.hour;
  }
  const entity = ENERGY.entity.findIndex(({ name }) => name === column);
  if (entity >= 0) return row.entity[entity]!;
  return row.measures[ENERGY.measures.findIndex(({ name }) => name === column)]!;
}

function shown(value: unknown): Value {
  if (value instanceof Date) return value.getTime();
  return typeof value === "bigint" ? Number(value) : (value as Value);
}

function randomGroups(random: Random): Row[][] {
  return Array.from({ length: random.int(1, 3) }, () =>
    randomEnergyRows(random, random.int(1, 300), { days: 2, firstDay: 19_800, locations: 12, files: 1 }),
  );
}

async function fileOf(groups: readonly Row[][], compression: (typeof COMPRESSIONS)[number]): Promise<Buffer> {
  return parquetFile(
    ENERGY,
    await Promise.all(groups.map((rows) => encodeRowGroup(ENERGY, sorted(ENERGY, rows), compression))),
    [{ key: "who", value: "test" }],
  );
}

function chunksOf(metadata: FileMetaData): ColumnMetaData[] {
  return metadata.row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data!));
}

test("the schema names each column with its type, and says which are required", async () => {
  const { schema, key_value_metadata, created_by } = metadataOf(
    await fileOf([[energyRow(0, "A", 1)]], "zstd"),
  );
  const leaves = schema
    .slice(1)
    .map(({ name, type, repetition_type, converted_type, logical_type }) =>
      [name, type, repetition_type, converted_type, logical_type?.type].filter((word) => word).join(" "),
    );
  assert.deepEqual(leaves, [
    "interval_start_utc INT64 REQUIRED TIMESTAMP_MICROS TIMESTAMP",
    "interval_end_utc INT64 REQUIRED TIMESTAMP_MICROS TIMESTAMP",
    "operating_date INT32 REQUIRED DATE DATE",
    "hour_ending INT32 REQUIRED UINT_8",
    "location BYTE_ARRAY REQUIRED UTF8 STRING",
    "location_id INT64 OPTIONAL",
    "location_type BYTE_ARRAY OPTIONAL UTF8 STRING",
    "zone BYTE_ARRAY OPTIONAL UTF8 STRING",
    "voltage_kv DOUBLE OPTIONAL",
    "lmp_total DOUBLE REQUIRED",
    "lmp_energy DOUBLE OPTIONAL",
    "lmp_congestion DOUBLE OPTIONAL",
    "lmp_loss DOUBLE OPTIONAL",
    "lmp_ghg DOUBLE OPTIONAL",
    "version INT32 OPTIONAL",
  ]);
  assert.deepEqual(schema[1]!.logical_type, { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" });
  assert.deepEqual(key_value_metadata, [{ key: "who", value: "test" }]);
  assert.equal(created_by, "gridparquet");
});

for (const compression of COMPRESSIONS) {
  test(`${compression}: chunks lie one behind the other, with the sizes that the footer gives`, async () => {
    await forSeedsAsync(10, async (random) => {
      const groups = randomGroups(random);
      const file = await fileOf(groups, compression);
      const metadata = metadataOf(file);
      let at = 4;
      for (const [index, group] of metadata.row_groups.entries()) {
        const rows = sortedModel(ENERGY, groups[index]!).rows.length;
        assert.equal(group.num_rows, BigInt(rows));
        let compressed = 0n;
        let uncompressed = 0n;
        for (const { meta_data } of group.columns) {
          const chunk = meta_data!;
          assert.equal(
            Number(chunk.dictionary_page_offset ?? chunk.data_page_offset),
            at,
            String(chunk.path_in_schema),
          );
          if (chunk.dictionary_page_offset !== undefined)
            assert.ok(chunk.data_page_offset > chunk.dictionary_page_offset);
          assert.equal(chunk.num_values, BigInt(rows));
          assert.equal(chunk.codec, { zstd: "ZSTD", snappy: "SNAPPY", none: "UNCOMPRESSED" }[compression]);
          at += Number(chunk.total_compressed_size);
          compressed += chunk.total_compressed_size;
          uncompressed += chunk.total_uncompressed_size;
        }
        assert.equal(group.total_compressed_size, compressed);
        assert.equal(group.total_byte_size, uncompressed);
        if (compression === "none") assert.equal(compressed, uncompressed);
        assert.deepEqual(
          group.sorting_columns?.map(({ column_idx, descending }) => [COLUMNS[column_idx], descending]),
          [
            ["interval_start_utc", false],
            ["location", false],
          ],
        );
      }
      assert.equal(at, file.length - 8 - metadata.metadata_length);
      assert.equal(
        metadata.num_rows,
        metadata.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n),
      );
    });
  });
}

test("statistics are the least and the greatest value of each column, and its missing values", async () => {
  await forSeedsAsync(30, async (random) => {
    const groups = randomGroups(random);
    const metadata = metadataOf(await fileOf(groups, "none"));
    for (const [index, { columns }] of metadata.row_groups.entries()) {
      const { rows } = sortedModel(ENERGY, groups[index]!);
      assert.deepEqual(
        columns.map(({ meta_data }) => meta_data!.path_in_schema.join()),
        COLUMNS,
      );
      for (const { meta_data } of columns) {
        const { path_in_schema, statistics } = meta_data!;
        const name = path_in_schema.join();
        const values = rows.map((row) => valueIn(row, name));
        const present = values.filter((value) => value !== null).sort(compareValues);
        assert.equal(Number(statistics?.null_count), values.length - present.length, name);
        const [low, high] = [shown(statistics?.min_value), shown(statistics?.max_value)];
        if (present.length === 0) assert.deepEqual([low, high], [undefined, undefined], name);
        else {
          // -0 and 0 compare equal, and bounds of either sign are right when they hold both.
          assert.ok(low === present[0], `${name}: ${low} is not ${present[0]}`);
          assert.ok(high === present.at(-1), `${name}: ${high} is not ${present.at(-1)}`);
        }
      }
    }
  });
});

test("bounds of zero hold zeros of both signs", async () => {
  const bounds = async (prices: number[]) => {
    const file = await fileOf([prices.map((price, index) => energyRow(0, `L${index}`, price))], "none");
    const { statistics } = chunksOf(metadataOf(file))[COLUMNS.indexOf("lmp_total")]!;
    return [statistics?.min_value, statistics?.max_value];
  };
  for (const prices of [[0], [-0], [0, -0], [-0, 0]]) {
    const [low, high] = await bounds(prices);
    assert.ok(Object.is(low, -0) && Object.is(high, 0), String(prices));
  }
  assert.ok(Object.is((await bounds([0, 5]))[0], -0));
  assert.ok(Object.is((await bounds([-0, -5]))[1], 0));
});

test("bounds of long names hold them, cut or not", async () => {
  const names = ["a".repeat(500), "é".repeat(300), "😀".repeat(200), "\u{10ffff}".repeat(100), "zz"];
  const file = await fileOf([names.map((name) => energyRow(0, name, 1))], "zstd");
  const { statistics } = chunksOf(metadataOf(file))[COLUMNS.indexOf("location")]!;
  for (const name of names) {
    assert.ok(compareValues(statistics!.min_value as string, name) <= 0);
    if (statistics!.max_value !== undefined)
      assert.ok(compareValues(statistics!.max_value as string, name) >= 0);
  }
});

test("the same rows give the same bytes, however their missing values are marked", async () => {
  const names = ["A", "B", "C"];
  const rows = names.map((name) => energyRow(0, name, 1, { measures: [1, 2, null, null, null, null] }));
  const used = (of: string[]) => ENERGY.measures.map(({ name }) => of.includes(name));
  const minimal = sorted(ENERGY, rows, used(["lmp_total", "lmp_energy"]));
  const marked = sorted(ENERGY, rows);
  assert.ok(allMeasures(minimal.measures).filter((measure) => measure === null).length > 3);
  assert.ok(
    allMeasures(marked.measures).every((measure) => measure !== null),
    "missing values are marked by a bitmap",
  );
  const complete = { values: new Float64Array([2, 2, 2]), validity: Uint8Array.of(255) };
  const filled = {
    ...minimal,
    measures: allMeasures(minimal.measures).map((measure, index) => (index === 1 ? complete : measure)),
  };
  for (const encoder of ["own", "parquet-wasm"] as const) {
    const expected = await encodeRowGroup(ENERGY, minimal, "zstd", encoder);
    assert.deepEqual(await encodeRowGroup(ENERGY, marked, "zstd", encoder), expected, encoder);
    assert.deepEqual(await encodeRowGroup(ENERGY, filled, "zstd", encoder), expected, encoder);
  }
});

test("ancillary row groups declare their own first key column", async () => {
  const row: Row = { ...energyRow(0, "", 0), entity: ["REG", null, null], measures: [1, null] };
  const { rowGroup } = await encodeRowGroup(ANCILLARY, sorted(ANCILLARY, [row]), "none");
  const names = rowGroup.columns.map(({ meta_data }) => meta_data!.path_in_schema.join());
  assert.deepEqual(
    rowGroup.sorting_columns?.map(({ column_idx }) => names[column_idx]),
    ["interval_start_utc", "product"],
  );
});
