import type { RowGroup, SchemaElement } from "hyparquet";
import { footerBytes } from "./footer.js";
import { FooterIndex, type IndexedRowGroup, METADATA, ROW_GROUP, stepToMetadata } from "./footer-index.js";
import { ThriftCursor, varint } from "./thrift-cursor.js";

/** A row group as a footer has it: a few thousand bytes in place of as many objects. */
export function rowGroupEntry(schema: readonly SchemaElement[], rowGroup: RowGroup): IndexedRowGroup {
  const [indexed] = new FooterIndex(footerBytes(schema, [rowGroup], [])).rowGroups;
  return { ...indexed!, entry: indexed!.entry.slice() };
}

/** The same row group where its bytes lie some bytes further on. */
export function moveEntry(indexed: IndexedRowGroup, by: number): IndexedRowGroup {
  const { entry, offset } = indexed;
  const parts: Uint8Array[] = [];
  let done = 0;
  const cursor = new ThriftCursor(entry);
  const moveOffset = (field: number): boolean => {
    if (field !== METADATA.dataPage && field !== METADATA.dictionaryPage) return false;
    parts.push(entry.subarray(done, cursor.at), zigzag(cursor.integer() + by));
    done = cursor.at;
    return true;
  };
  cursor.struct((id) => {
    if (id !== ROW_GROUP.columns) return false;
    stepToMetadata(cursor, () => cursor.struct(moveOffset));
    return true;
  });
  parts.push(entry.subarray(done));
  // No Buffer, which a journal could not keep as bytes.
  return { ...indexed, entry: new Uint8Array(Buffer.concat(parts)), offset: offset + by };
}

/** A whole number with a sign, as the protocol writes it. */
function zigzag(value: number): Uint8Array {
  return Uint8Array.from(varint(value < 0 ? -2 * value - 1 : 2 * value));
}
