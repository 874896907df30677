import type { ColumnMetaData, RowGroup } from "hyparquet";

/** A column chunk's metadata with its offsets moved by some bytes. */
export function moveChunk(metadata: ColumnMetaData, by: number): ColumnMetaData {
  const moved = { ...metadata, data_page_offset: metadata.data_page_offset + BigInt(by) };
  if (metadata.dictionary_page_offset !== undefined) {
    moved.dictionary_page_offset = metadata.dictionary_page_offset + BigInt(by);
  }
  return moved;
}

/** A row group's metadata with all offsets moved by some bytes. */
export function moveRowGroup(rowGroup: RowGroup, by: number): RowGroup {
  return {
    ...rowGroup,
    columns: rowGroup.columns.map((column) => ({ ...column, meta_data: moveChunk(column.meta_data!, by) })),
  };
}
