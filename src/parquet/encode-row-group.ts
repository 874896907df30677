import { RecordBatchStreamWriter } from "apache-arrow";
import { parquetMetadata, type RowGroup, type SchemaElement } from "hyparquet";
import {
  EnabledStatistics,
  Encoding,
  Table,
  Compression as WasmCompression,
  type WriterProperties,
  WriterPropertiesBuilder,
  writeParquet,
} from "parquet-wasm/esm";
import { type CodedRows, toRecordBatch } from "../arrow/record-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import type { Compression } from "../run/options.js";

/** One row group: its column chunks as they lie in a file, and its part of the footer. */
export interface EncodedRowGroup {
  bytes: Uint8Array<ArrayBuffer>;
  /** Offsets count from the first byte of `bytes`. */
  rowGroup: RowGroup;
  /** The file's schema; the same for every row group of a table. */
  schema: SchemaElement[];
  /** Arrow's schema as parquet-wasm notes it: which columns were dictionaries. For reading back, not for files. */
  arrowSchema: string;
}

/** Key under which Parquet writers keep Arrow's schema. */
export const ARROW_SCHEMA_KEY = "ARROW:schema";

/** Length of the magic word `PAR1` that opens a Parquet file. */
const MAGIC_BYTES = 4;
/** Dictionary pages up to this size; beyond it a column is written as plain values. */
const DICTIONARY_LIMIT = 1 << 20;

const CODECS: Record<Compression, WasmCompression> = {
  zstd: WasmCompression.ZSTD,
  snappy: WasmCompression.SNAPPY,
  none: WasmCompression.UNCOMPRESSED,
};

/**
 * Encodes rows as one row group with parquet-wasm.
 *
 * Times and ids, which step evenly, are delta encoded; names and prices, which repeat, get dictionaries. The page
 * indexes that parquet-wasm writes behind the row group hold absolute offsets and are left out.
 */
export function encodeRowGroup(
  table: TableDefinition,
  rows: CodedRows,
  compression: Compression,
): EncodedRowGroup {
  const ipc = RecordBatchStreamWriter.writeAll([toRecordBatch(table, rows)]).toUint8Array(true);
  const file = writeParquet(Table.fromIPCStream(ipc), writerProperties(table, compression, rows.rows));
  const { row_groups, schema, key_value_metadata } = parquetMetadata(file);
  const rowGroup = row_groups[0];
  if (rowGroup === undefined || row_groups.length !== 1) {
    throw new Error(`parquet-wasm made ${row_groups.length} row groups of one`);
  }
  const { start, end } = chunkBounds(rowGroup);
  return {
    bytes: file.slice(start, end) as Uint8Array<ArrayBuffer>,
    rowGroup: moveRowGroup(rowGroup, -start),
    schema: schema.map(plainElement),
    arrowSchema: key_value_metadata?.find(({ key }) => key === ARROW_SCHEMA_KEY)?.value ?? "",
  };
}

/**
 * The element without the logical type INTEGER: hyparquet-writer prints its width as a varint where the format has
 * a byte. The older converted type (UINT_8) says the same and is read by all.
 */
function plainElement(element: SchemaElement): SchemaElement {
  if (element.logical_type?.type !== "INTEGER") return element;
  const { logical_type: _, ...rest } = element;
  return rest;
}

/** First byte of a row group's column chunks and the byte after the last. */
function chunkBounds(rowGroup: RowGroup): { start: number; end: number } {
  let end = MAGIC_BYTES;
  for (const { meta_data } of rowGroup.columns) {
    const start = Number(meta_data!.dictionary_page_offset ?? meta_data!.data_page_offset);
    if (start !== end) throw new Error(`parquet-wasm left a gap before column ${meta_data!.path_in_schema}`);
    end += Number(meta_data!.total_compressed_size);
  }
  return { start: MAGIC_BYTES, end };
}

/** A row group's metadata with all offsets moved by some bytes, and without page indexes. */
export function moveRowGroup(rowGroup: RowGroup, by: number): RowGroup {
  const move = (offset: bigint) => offset + BigInt(by);
  return {
    columns: rowGroup.columns.map(({ meta_data }) => {
      const chunk = meta_data!;
      const dictionary = chunk.dictionary_page_offset;
      return {
        file_offset: 0n,
        meta_data: {
          ...chunk,
          data_page_offset: move(chunk.data_page_offset),
          ...(dictionary === undefined ? {} : { dictionary_page_offset: move(dictionary) }),
        },
      };
    }),
    total_byte_size: rowGroup.total_byte_size,
    total_compressed_size: rowGroup.columns.reduce(
      (sum, { meta_data }) => sum + meta_data!.total_compressed_size,
      0n,
    ),
    num_rows: rowGroup.num_rows,
    // Declared by the position of their columns: interval_start_utc, then the first key column.
    sorting_columns: [
      { column_idx: 0, descending: false, nulls_first: false },
      { column_idx: 4, descending: false, nulls_first: false },
    ],
  };
}

function writerProperties(table: TableDefinition, compression: Compression, rows: number): WriterProperties {
  let properties = new WriterPropertiesBuilder()
    .setCompression(CODECS[compression])
    .setStatisticsEnabled(EnabledStatistics.Chunk)
    .setDictionaryPageSizeLimit(DICTIONARY_LIMIT)
    .setMaxRowGroupSize(Math.max(rows, 1));
  const delta = ["interval_start_utc", "interval_end_utc", "operating_date", "hour_ending"];
  for (const { name, type } of table.entity) if (type === "int64") delta.push(name);
  for (const { name, type } of table.measures) if (type === "int32") delta.push(name);
  for (const name of delta) {
    properties = properties
      .setColumnDictionaryEnabled(name, false)
      .setColumnEncoding(name, Encoding.DELTA_BINARY_PACKED);
  }
  return properties.build();
}
