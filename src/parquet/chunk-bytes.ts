import type { ColumnMetaData, RowGroup } from "hyparquet";

/** Bytes [from, to) of a file. */
export interface ByteSpan {
  from: number;
  to: number;
}

/** Where a column chunk lies. */
export function chunkSpan(chunk: ColumnMetaData): ByteSpan {
  const from = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
  return { from, to: from + Number(chunk.total_compressed_size) };
}

/** Where a row group lies, from the first of its chunks to the end of the last. */
export function rowGroupSpan({ columns }: RowGroup): ByteSpan {
  const spans = columns.map(({ meta_data }) => chunkSpan(meta_data!));
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
}
