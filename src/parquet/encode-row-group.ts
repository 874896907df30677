import type { RowGroup, SchemaElement } from "hyparquet";
import type { CodedRows } from "../arrow/record-batch.js";
import type { MeasureValues } from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import { countValid } from "../arrow/validity.js";
import type { Compression, Encoder } from "../run/options.js";
import { Scratch } from "../wasm/scratch.js";
import { entityColumn, intervalColumn, measureColumn } from "./coded-columns.js";
import {
  type ColumnChunk,
  type DictionaryColumn,
  dictionaryChunk,
  nullChunk,
  type PlainColumn,
  plainChunk,
} from "./column-chunk.js";
import { moveChunk } from "./move-row-group.js";
import { type PageCodec, pageCodec } from "./page-codec.js";
import { loadParquetWasm, noteParquetWasmMemory } from "./parquet-wasm.js";
import { schemaOf } from "./table-schema.js";

/** One row group: its column chunks as they lie in a file, and its part of the footer. */
export interface EncodedRowGroup {
  bytes: Uint8Array<ArrayBuffer>;
  /** Offsets count from the first byte of `bytes`. */
  rowGroup: RowGroup;
}

/**
 * Encodes rows as one row group.
 *
 * Sorting leaves most columns as codes already, and prices have few distinct values: such columns become Parquet
 * dictionary pages straight from the codes. What has many distinct values is split by byte or delta encoded.
 * `parquet-wasm` for all columns is the reference that tests compare with.
 *
 * @param scratch memory of the task, in which the rows may lie; one is taken when there is none
 */
export async function encodeRowGroup(
  table: TableDefinition,
  rows: CodedRows,
  compression: Compression,
  encoder: Encoder = "own",
  scratch: Scratch | null = null,
): Promise<EncodedRowGroup> {
  const columns = schemaOf(table).slice(1);
  if (encoder === "parquet-wasm") {
    await loadParquetWasm();
    const { encodeWithParquetWasm } = await import("./parquet-wasm-chunks.js");
    const names = columns.map(({ name }) => name);
    const chunks = encodeWithParquetWasm(table, rows, names, compression);
    noteParquetWasmMemory();
    return joinChunks(chunks, rows.rows);
  }
  const memory = scratch ?? Scratch.take(rows.rows);
  const chunks = ownChunks(table, rows, columns, pageCodec(compression), memory);
  if (scratch === null) memory.giveBack();
  return joinChunks(chunks, rows.rows);
}

/** The chunks in the order of the columns. */
function ownChunks(
  table: TableDefinition,
  rows: CodedRows,
  columns: readonly SchemaElement[],
  codec: PageCodec,
  scratch: Scratch,
): ColumnChunk[] {
  const mark = scratch.mark();
  return columns.map((element, position) => {
    const chunk = ownChunk(table, rows, element, position, codec, scratch);
    scratch.release(mark);
    return chunk;
  });
}

function ownChunk(
  table: TableDefinition,
  rows: CodedRows,
  element: SchemaElement,
  position: number,
  codec: PageCodec,
  scratch: Scratch,
): ColumnChunk {
  const { start, end, operatingDate, hourEnding } = rows.intervals;
  const intervals = [start, end, operatingDate, hourEnding];
  const none = () => nullChunk({ element, rows: rows.rows }, codec);
  if (position < intervals.length)
    return valuesChunk(intervalColumn(element, rows, intervals[position]!), codec, scratch);
  const entity = position - intervals.length;
  if (entity < table.entity.length) {
    const column = entityColumn(element, rows, entity, scratch);
    return column === null ? none() : dictionaryChunk(column, codec, scratch);
  }
  const measure = plainestForm(rows.measures[entity - table.entity.length] ?? null, rows.rows);
  if (measure === null) return none();
  return valuesChunk(measureColumn(element, rows.rows, measure, scratch), codec, scratch);
}

/**
 * A measure without a bitmap when every row has a value, null when none has one: which of the forms it comes in
 * depends on the rows that shared its batch, and the bytes of a row group must not.
 */
function plainestForm(measure: MeasureValues | null, rows: number): MeasureValues | null {
  if (measure === null || measure.validity === null) return measure;
  const { values, validity } = measure;
  const present = countValid(validity, rows);
  if (present === 0) return null;
  return present === rows ? { values, validity: null } : measure;
}

function valuesChunk(
  column: DictionaryColumn | PlainColumn,
  codec: PageCodec,
  scratch: Scratch,
): ColumnChunk {
  return "codes" in column ? dictionaryChunk(column, codec, scratch) : plainChunk(column, codec, scratch);
}

function joinChunks(chunks: readonly ColumnChunk[], rows: number): EncodedRowGroup {
  const size = chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const bytes = new Uint8Array(size);
  const columns: RowGroup["columns"] = [];
  let at = 0;
  for (const { bytes: chunk, metadata } of chunks) {
    bytes.set(chunk, at);
    columns.push({ file_offset: 0n, meta_data: moveChunk(metadata, at) });
    at += chunk.length;
  }
  const total = chunks.reduce((sum, { metadata }) => sum + metadata.total_uncompressed_size, 0n);
  const rowGroup: RowGroup = {
    columns,
    total_byte_size: total,
    total_compressed_size: BigInt(size),
    num_rows: BigInt(rows),
    // Declared by the position of their columns: interval_start_utc, then the first key column.
    sorting_columns: [
      { column_idx: 0, descending: false, nulls_first: false },
      { column_idx: 4, descending: false, nulls_first: false },
    ],
  };
  return { bytes, rowGroup };
}
