import assert from "node:assert/strict";
import { test } from "node:test";
import { type RecordBatch, RecordBatchStreamWriter, type Table, tableFromIPC } from "apache-arrow";
import { toRecordBatch } from "../../src/arrow/record-batch.js";
import { entityColumns, type RowBatch } from "../../src/arrow/row-batch.js";
import type { TableDefinition } from "../../src/arrow/tables.js";
import { forSeeds } from "../helpers/random.js";
import {
  ANCILLARY,
  batchOf,
  ENERGY,
  energyRow,
  intervalAt,
  type Row,
  randomEnergyRows,
  type Value,
} from "../helpers/rows.js";

const DAYS = { days: 2, firstDay: 19_800, locations: 5, files: 1 };

function recordBatch(table: TableDefinition, batch: RowBatch): RecordBatch {
  return toRecordBatch(table, { ...batch, entities: entityColumns(batch.entities) });
}

/** A column as apache-arrow reads it: instants as numbers, 64-bit integers as numbers. */
function column(batch: RecordBatch | Table, name: string): unknown[] {
  const vector = batch.getChild(name);
  assert.ok(vector !== null, `there is no column ${name}`);
  return Array.from(vector, (value) => (typeof value === "bigint" ? Number(value) : value));
}

function expectColumns(batch: RecordBatch | Table, table: TableDefinition, rows: readonly Row[]): void {
  assert.deepEqual(
    column(batch, "interval_start_utc"),
    rows.map(({ start }) => start),
  );
  assert.deepEqual(
    column(batch, "interval_end_utc"),
    rows.map(({ end }) => end),
  );
  assert.deepEqual(
    column(batch, "operating_date"),
    rows.map(({ date }) => date * 86_400_000),
  );
  assert.deepEqual(
    column(batch, "hour_ending"),
    rows.map(({ hour }) => hour),
  );
  const check = (name: string, values: Value[]) => {
    assert.deepEqual(column(batch, name), values, name);
    assert.equal(batch.getChild(name)!.nullCount, values.filter((value) => value === null).length, name);
  };
  for (const [index, { name }] of table.entity.entries())
    check(
      name,
      rows.map(({ entity }) => entity[index]!),
    );
  for (const [index, { name }] of table.measures.entries())
    check(
      name,
      rows.map(({ measures }) => measures[index]!),
    );
}

test("a record batch has the output's columns, types and values", () => {
  forSeeds(40, (random) => {
    const rows = randomEnergyRows(random, random.int(1, 200), DAYS).sort((a, b) => a.start - b.start);
    const batch = recordBatch(ENERGY, batchOf(ENERGY, rows));
    assert.equal(batch.numRows, rows.length);
    expectColumns(batch, ENERGY, rows);
  });
});

test("the schema says which columns are required", () => {
  const batch = recordBatch(ENERGY, batchOf(ENERGY, [energyRow(0, "A", 1)]));
  assert.deepEqual(
    batch.schema.fields.map(({ name, type, nullable }) => `${name}: ${type}${nullable ? "" : " required"}`),
    [
      "interval_start_utc: Timestamp<MICROSECOND, UTC> required",
      "interval_end_utc: Timestamp<MICROSECOND, UTC> required",
      "operating_date: Date32<DAY> required",
      "hour_ending: Uint8 required",
      "location: Dictionary<Int32, Utf8> required",
      "location_id: Int64",
      "location_type: Dictionary<Int32, Utf8>",
      "zone: Dictionary<Int32, Utf8>",
      "voltage_kv: Float64",
      "lmp_total: Float64 required",
      "lmp_energy: Float64",
      "lmp_congestion: Float64",
      "lmp_loss: Float64",
      "lmp_ghg: Float64",
      "version: Int32",
    ],
  );
});

test("no two columns share memory, which would spoil the stream", () => {
  const batch = recordBatch(ENERGY, batchOf(ENERGY, [energyRow(0, "A", 1), energyRow(0, "B", 2)]));
  const buffers = batch.data.children.map(({ values }) => (values as Float64Array).buffer);
  assert.equal(new Set(buffers).size, buffers.length);
});

test("a stream of record batches reads back with equal values", () => {
  forSeeds(20, (random) => {
    const rows = randomEnergyRows(random, random.int(1, 100), DAYS).sort((a, b) => a.start - b.start);
    const batch = recordBatch(ENERGY, batchOf(ENERGY, rows));
    const ipc = RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true);
    expectColumns(tableFromIPC(ipc), ENERGY, rows);
  });
});

test("ids beyond 32 bits, instants before 1970 and names in any script are kept", () => {
  const ids = [0, -1, 2 ** 31, -(2 ** 40) - 3, 999_999_999_999_999, -999_999_999_999_999];
  const rows = ids.map((id, index) =>
    energyRow(-36 * 3_600_000, "x", index, {
      entity: [`Łódź 😀 ${index}`, id, null, "", 0.1],
      measures: [-0, 1e-300, null, null, null, -(2 ** 31)],
    }),
  );
  expectColumns(recordBatch(ENERGY, batchOf(ENERGY, rows)), ENERGY, rows);
});

test("ancillary services have their own columns", () => {
  const rows: Row[] = [
    { ...intervalAt(0), entity: ["REG", "REG_UP", null], measures: [1.5, null], file: 0 },
    { ...intervalAt(0), entity: ["SPIN", null, "SP26"], measures: [0, 12.5], file: 0 },
  ];
  const batch = recordBatch(ANCILLARY, batchOf(ANCILLARY, rows));
  assert.deepEqual(
    batch.schema.fields.slice(4).map(({ name }) => name),
    ["product", "product_standard", "region", "price", "cleared_mw"],
  );
  expectColumns(batch, ANCILLARY, rows);
});
