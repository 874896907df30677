import type { FileMetaData, KeyValue, RowGroup, SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";

/** `PAR1`: the first and the last four bytes of a Parquet file. */
export const MAGIC = new Uint8Array([0x50, 0x41, 0x52, 0x31]);

/** Room that footers seldom go beyond: one is made for each row group, and is garbage as soon as it has been read. */
const LEAST_ROOM = 4096;
const ROW_GROUP_ROOM = 4096;

/**
 * A file's footer: metadata, its length, `PAR1`.
 *
 * @param rowGroups in the order of their rows, with absolute offsets
 * @param rows of the file, where it has other row groups, too
 */
export function footerBytes(
  schema: readonly SchemaElement[],
  rowGroups: readonly RowGroup[],
  metadata: readonly KeyValue[],
  rows = rowGroups.reduce((sum, { num_rows }) => sum + num_rows, 0n),
): Uint8Array {
  const file: FileMetaData = {
    version: 2,
    schema: [...schema],
    num_rows: rows,
    row_groups: [...rowGroups],
    // An empty list would be printed with the wrong element type.
    ...(metadata.length === 0 ? {} : { key_value_metadata: [...metadata] }),
    created_by: "gridparquet",
    metadata_length: 0,
  };
  const writer = new ByteWriter(LEAST_ROOM + rowGroups.length * ROW_GROUP_ROOM);
  writeMetadata(writer, file);
  writer.appendBytes(MAGIC);
  return writer.getBytes();
}
