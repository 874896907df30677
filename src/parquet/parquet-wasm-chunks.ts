import { RecordBatchStreamWriter } from "apache-arrow";
import { type ColumnMetaData, type FileMetaData, parquetMetadata, type Statistics } from "hyparquet";
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

/** A column chunk and its metadata; offsets count from the first byte of `bytes`. */
export interface ColumnChunk {
  bytes: Uint8Array;
  metadata: ColumnMetaData;
}

const CODECS: Record<Compression, WasmCompression> = {
  zstd: WasmCompression.ZSTD,
  snappy: WasmCompression.SNAPPY,
  none: WasmCompression.UNCOMPRESSED,
};

/**
 * Encodes some columns of the rows with parquet-wasm; their chunks come in the table's order.
 *
 * The page indexes that parquet-wasm writes behind the row group hold absolute offsets and are left out.
 */
export function encodeWithParquetWasm(
  table: TableDefinition,
  rows: CodedRows,
  columns: readonly string[],
  compression: Compression,
): ColumnChunk[] {
  const { file, metadata } = writeFile(
    table,
    rows,
    columns,
    writerProperties(table, columns, compression, rows.rows),
  );
  const [rowGroup, ...more] = metadata.row_groups;
  if (rowGroup === undefined || more.length > 0) throw new Error("parquet-wasm did not make one row group");
  return rowGroup.columns.map(({ meta_data }) => {
    const chunk = meta_data!;
    const start = chunk.dictionary_page_offset ?? chunk.data_page_offset;
    const bytes = file.slice(Number(start), Number(start + chunk.total_compressed_size));
    return {
      bytes,
      metadata: {
        ...chunk,
        ...(chunk.statistics && { statistics: withoutExactness(chunk.statistics) }),
        data_page_offset: chunk.data_page_offset - start,
        ...(chunk.dictionary_page_offset === undefined ? {} : { dictionary_page_offset: 0n }),
      },
    };
  });
}

/** The footer's writer shortens long texts: whether a bound is exact is for it to say. */
function withoutExactness(statistics: Statistics): Statistics {
  const { is_max_value_exact: _, is_min_value_exact: __, ...bounds } = statistics;
  return bounds;
}

function writeFile(
  table: TableDefinition,
  rows: CodedRows,
  columns: readonly string[],
  properties: WriterProperties,
): { file: Uint8Array; metadata: FileMetaData } {
  const batch = toRecordBatch(table, rows, columns);
  const ipc = RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true);
  const file = writeParquet(Table.fromIPCStream(ipc), properties);
  return { file, metadata: parquetMetadata(file) };
}

/** Times and whole numbers step evenly and are delta encoded; prices are split by byte; names have dictionaries. */
function writerProperties(
  table: TableDefinition,
  columns: readonly string[],
  compression: Compression,
  rows: number,
): WriterProperties {
  let properties = new WriterPropertiesBuilder()
    .setCompression(CODECS[compression])
    .setStatisticsEnabled(EnabledStatistics.Chunk)
    .setMaxRowGroupSize(Math.max(rows, 1));
  const typed = new Map<string, string>(
    [...table.entity, ...table.measures].map(({ name, type }) => [name, type]),
  );
  for (const name of columns) {
    const type = typed.get(name) ?? "int64";
    if (type === "utf8") continue;
    properties = properties
      .setColumnDictionaryEnabled(name, false)
      .setColumnEncoding(
        name,
        type === "float64" ? Encoding.BYTE_STREAM_SPLIT : Encoding.DELTA_BINARY_PACKED,
      );
  }
  return properties.build();
}
