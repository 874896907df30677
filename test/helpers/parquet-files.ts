import { decompress } from "@bokuweb/zstd-wasm";
import { type FileMetaData, type KeyValue, parquetMetadata, parquetReadObjects } from "hyparquet";
import type { TableDefinition } from "../../src/arrow/tables.js";
import { type SortedRows, sortRows } from "../../src/order/sort-rows.js";
import type { EncodedRowGroup } from "../../src/parquet/encode-row-group.js";
import { footerBytes, MAGIC } from "../../src/parquet/footer.js";
import { moveRowGroup } from "../../src/parquet/move-row-group.js";
import { loadParquetWasm } from "../../src/parquet/parquet-wasm.js";
import { schemaOf } from "../../src/parquet/table-schema.js";
import { loadZstd } from "../../src/parquet/zstd.js";
import { batchOf, type Row } from "./rows.js";

/** Makes the encoders usable in this process. */
export async function loadEncoders(): Promise<void> {
  await loadParquetWasm();
  await loadZstd();
}

/** Rows as the encoder gets them. */
export function sorted(table: TableDefinition, rows: readonly Row[], used?: readonly boolean[]): SortedRows {
  const batch = batchOf(table, rows, undefined, used);
  return sortRows(table, [{ batch, from: 0, to: batch.rows }]);
}

/** A Parquet file of row groups, one after the other. */
export function parquetFile(
  table: TableDefinition,
  groups: readonly EncodedRowGroup[],
  metadata: readonly KeyValue[] = [],
): Buffer {
  let at = MAGIC.length;
  const moved = groups.map(({ bytes, rowGroup }) => {
    const placed = moveRowGroup(rowGroup, at);
    at += bytes.length;
    return placed;
  });
  const footer = footerBytes(schemaOf(table), moved, metadata);
  return Buffer.concat([MAGIC, ...groups.map(({ bytes }) => bytes), footer]);
}

export function metadataOf(file: Buffer): FileMetaData {
  return parquetMetadata(arrayBuffer(file));
}

const arrayBuffer = (file: Buffer): ArrayBuffer => Uint8Array.from(file).buffer;

/** The rows of a Parquet file as hyparquet reads them; `file` is 0. */
export async function rowsByHyparquet(table: TableDefinition, file: Buffer): Promise<Row[]> {
  const compressors = { ZSTD: (input: Uint8Array) => decompress(input) };
  const objects = await parquetReadObjects({ file: arrayBuffer(file), compressors });
  const plain = (value: unknown) =>
    value === undefined ? null : typeof value === "bigint" ? Number(value) : value;
  return objects.map((object) => ({
    start: (object.interval_start_utc as Date).getTime(),
    end: (object.interval_end_utc as Date).getTime(),
    date: (object.operating_date as Date).getTime() / 86_400_000,
    hour: object.hour_ending as number,
    entity: table.entity.map(({ name }) => plain(object[name]) as Row["entity"][number]),
    measures: table.measures.map(({ name }) => plain(object[name]) as number | null),
    file: 0,
  }));
}
