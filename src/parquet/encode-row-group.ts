import type { ColumnMetaData, RowGroup, SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import type { CodedRows } from "../arrow/record-batch.js";
import type { MeasureValues } from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import { countValid } from "../arrow/validity.js";
import type { Compression, Encoder } from "../run/options.js";
import { Scratch } from "../wasm/scratch.js";
import { entityColumn, intervalColumn, measureColumn } from "./coded-columns.js";
import {
  type ChunkOutput,
  type DictionaryColumn,
  dictionaryChunk,
  nullChunk,
  type PlainColumn,
  plainChunk,
} from "./column-chunk.js";
import { moveChunk } from "./move-row-group.js";
import { pageCodec } from "./page-codec.js";
import { loadParquetWasm, noteParquetWasmMemory } from "./parquet-wasm.js";
import { schemaOf } from "./table-schema.js";

/** One row group: its column chunks as they lie in a file, and its part of the footer. */
export interface EncodedRowGroup {
  /** They begin their buffer, which may be larger. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Offsets count from the first byte of `bytes`. */
  rowGroup: RowGroup;
}

/** Bytes that a row takes in a file, as a rule at most; and what is made room for beside rows. */
const BYTES_PER_ROW = 6;
const FIXED_BYTES = 16_384;

/**
 * Encodes rows as one row group.
 *
 * Sorting leaves most columns as codes already, and prices have few distinct values: such columns become Parquet
 * dictionary pages straight from the codes. What has many distinct values is written as it is, or delta encoded.
 * `parquet-wasm` for all columns is the reference that tests compare with.
 *
 * @param scratch memory of the task, in which the rows may lie; one is taken when there is none
 * @param room a buffer for the bytes; where there is none, or it is too small, one is made
 */
export async function encodeRowGroup(
  table: TableDefinition,
  rows: CodedRows,
  compression: Compression,
  encoder: Encoder = "own",
  scratch: Scratch | null = null,
  room: ArrayBuffer | null = null,
): Promise<EncodedRowGroup> {
  const columns = schemaOf(table).slice(1);
  const writer = writerInto(room ?? new ArrayBuffer(FIXED_BYTES + rows.rows * BYTES_PER_ROW));
  if (encoder === "parquet-wasm") {
    await loadParquetWasm();
    const { encodeWithParquetWasm } = await import("./parquet-wasm-chunks.js");
    const names = columns.map(({ name }) => name);
    const chunks = encodeWithParquetWasm(table, rows, names, compression);
    noteParquetWasmMemory();
    const moved = chunks.map(({ bytes, metadata }) => {
      const at = writer.offset;
      writer.appendBytes(bytes);
      return moveChunk(metadata, at);
    });
    return rowGroupOf(moved, rows.rows, writer);
  }
  const memory = scratch ?? Scratch.take(rows.rows);
  const chunks = writeChunks(table, rows, columns, {
    writer,
    codec: pageCodec(compression),
    scratch: memory,
  });
  if (scratch === null) memory.giveBack();
  return rowGroupOf(chunks, rows.rows, writer);
}

/** A writer that fills a buffer from its beginning, and takes a larger one where that is full. */
function writerInto(room: ArrayBuffer): ByteWriter {
  const writer = new ByteWriter(0);
  writer.buffer = room;
  writer.view = new DataView(room);
  return writer;
}

/** The chunks in the order of the columns. */
function writeChunks(
  table: TableDefinition,
  rows: CodedRows,
  columns: readonly SchemaElement[],
  output: ChunkOutput,
): ColumnMetaData[] {
  const { scratch } = output;
  const mark = scratch.mark();
  return columns.map((element, position) => {
    const chunk = writeChunk(table, rows, element, position, output);
    scratch.release(mark);
    return chunk;
  });
}

function writeChunk(
  table: TableDefinition,
  rows: CodedRows,
  element: SchemaElement,
  position: number,
  output: ChunkOutput,
): ColumnMetaData {
  const { scratch } = output;
  const { start, end, operatingDate, hourEnding } = rows.intervals;
  const intervals = [start, end, operatingDate, hourEnding];
  const none = () => nullChunk({ element, rows: rows.rows }, output);
  if (position < intervals.length)
    return valuesChunk(intervalColumn(element, rows, intervals[position]!), output);
  const entity = position - intervals.length;
  if (entity < table.entity.length) {
    const column = entityColumn(element, rows, entity, scratch);
    return column === null ? none() : dictionaryChunk(column, output);
  }
  const measure = plainestForm(rows.measures.at(entity - table.entity.length) ?? null, rows.rows);
  if (measure === null) return none();
  return valuesChunk(measureColumn(element, rows.rows, measure, scratch), output);
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

function valuesChunk(column: DictionaryColumn | PlainColumn, output: ChunkOutput): ColumnMetaData {
  return "codes" in column ? dictionaryChunk(column, output) : plainChunk(column, output);
}

function rowGroupOf(chunks: readonly ColumnMetaData[], rows: number, writer: ByteWriter): EncodedRowGroup {
  const rowGroup: RowGroup = {
    columns: chunks.map((meta_data) => ({ file_offset: 0n, meta_data })),
    total_byte_size: chunks.reduce((sum, chunk) => sum + chunk.total_uncompressed_size, 0n),
    total_compressed_size: BigInt(writer.offset),
    num_rows: BigInt(rows),
    // Declared by the position of their columns: interval_start_utc, then the first key column.
    sorting_columns: [
      { column_idx: 0, descending: false, nulls_first: false },
      { column_idx: 4, descending: false, nulls_first: false },
    ],
  };
  return { bytes: writer.getBytes(), rowGroup };
}
