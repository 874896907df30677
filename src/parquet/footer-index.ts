import type { FileMetaData, RowGroup } from "hyparquet";
import { MAGIC } from "./footer.js";
import { AS_WRITTEN, DamagedFileError, parseFooter } from "./read-footer.js";
import { ThriftCursor, varint } from "./thrift-cursor.js";

/** Fields of parquet.thrift's structs that are looked at. */
const FILE = { numRows: 3, rowGroups: 4, keyValues: 5 };
const KEY_VALUE = { key: 1, value: 2 };
export const ROW_GROUP = { columns: 1, numRows: 3 };
const CHUNK = { metadata: 3 };
export const METADATA = { path: 3, compressedSize: 7, dataPage: 9, dictionaryPage: 11, statistics: 12 };
const STATISTICS = { max: 5, min: 6 };

/** Values of a column as their bytes, PLAIN-encoded. */
interface Bounds {
  min: Uint8Array | null;
  max: Uint8Array | null;
}

/** A row group as a footer has it. */
export interface IndexedRowGroup {
  /** What the footer says of it, from byte to byte. */
  entry: Uint8Array;
  rows: number;
  /** Where its bytes lie in the file. */
  offset: number;
  length: number;
  /** Statistics of the columns that were asked for. */
  bounds: Map<string, Bounds>;
}

/**
 * What a footer says, found without making objects of all of it: of a year file's several thousand column chunks only
 * few are of interest to whoever adds to it.
 */
export class FooterIndex {
  readonly rows: number;
  readonly rowGroups: readonly IndexedRowGroup[];
  readonly keyValues: ReadonlyMap<string, string>;
  readonly #bytes: Uint8Array;
  /** Where the list of row groups begins, and what follows it. */
  readonly #listFrom: number;
  readonly #listTo: number;

  /**
   * @param bytes metadata, its length, `PAR1`
   * @param columns those of which the bounds are wanted
   * @throws DamagedFileError when it is no footer
   */
  constructor(bytes: Uint8Array, columns: readonly string[] = []) {
    this.#bytes = bytes;
    const cursor = new ThriftCursor(bytes.subarray(0, bytes.length - 4 - MAGIC.length));
    const wanted = columns.map((name) => ({ name, path: Buffer.from(name) }));
    const rowGroups: IndexedRowGroup[] = [];
    const keyValues = new Map<string, string>();
    let rows = 0;
    let [listFrom, listTo] = [-1, -1];
    try {
      cursor.struct((id) => {
        if (id === FILE.numRows) rows = cursor.integer();
        else if (id === FILE.rowGroups) {
          listFrom = cursor.at;
          for (let left = cursor.list(); left > 0; left--)
            rowGroups.push(readRowGroup(cursor, bytes, wanted));
          listTo = cursor.at;
        } else if (id === FILE.keyValues) {
          for (let left = cursor.list(); left > 0; left--) readKeyValue(cursor, keyValues);
        } else return false;
        return true;
      });
      if (listFrom < 0) throw new RangeError("it has no row groups");
    } catch (error) {
      throw new DamagedFileError("footer", `its footer cannot be read: ${(error as Error).message}`);
    }
    this.rows = rows;
    this.rowGroups = rowGroups;
    this.keyValues = keyValues;
    this.#listFrom = listFrom;
    this.#listTo = listTo;
  }

  /**
   * The same footer with other row groups.
   *
   * @param entries what it says of each
   */
  withRowGroups(entries: readonly Uint8Array[]): Uint8Array {
    const end = this.#bytes.length - 4 - MAGIC.length;
    const head = this.#bytes.subarray(0, this.#listFrom);
    const tail = this.#bytes.subarray(this.#listTo, end);
    const parts = [head, listHead(entries.length), ...entries, tail];
    const length = Buffer.alloc(4);
    length.writeUInt32LE(parts.reduce((sum, part) => sum + part.length, 0));
    return Buffer.concat([...parts, length, MAGIC]);
  }

  /** All that it says of one row group, or of any number of them, as if the file had no others. */
  metadata(rowGroups: readonly IndexedRowGroup[]): FileMetaData {
    return parseFooter(this.withRowGroups(rowGroups.map(({ entry }) => entry)), AS_WRITTEN);
  }

  /** All that it says of a row group. */
  rowGroup(rowGroup: IndexedRowGroup): RowGroup {
    return this.metadata([rowGroup]).row_groups[0]!;
  }
}

/** A list of structs begins with their number: up to 14 of them in the byte that says what they are. */
function listHead(size: number): Uint8Array {
  const STRUCT = 12;
  if (size < 15) return Uint8Array.of((size << 4) | STRUCT);
  return Uint8Array.of((15 << 4) | STRUCT, ...varint(size));
}

/** A column of which the bounds are wanted, and its path as a footer has it. */
interface WantedColumn {
  name: string;
  path: Uint8Array;
}

function readRowGroup(
  cursor: ThriftCursor,
  bytes: Uint8Array,
  columns: readonly WantedColumn[],
): IndexedRowGroup {
  const from = cursor.at;
  const span = { from: Number.POSITIVE_INFINITY, to: 0 };
  const bounds = new Map<string, Bounds>();
  let rows = 0;
  cursor.struct((id) => {
    if (id === ROW_GROUP.numRows) rows = cursor.integer();
    else if (id === ROW_GROUP.columns) stepToMetadata(cursor, () => readChunk(cursor, span, columns, bounds));
    else return false;
    return true;
  });
  const entry = bytes.subarray(from, cursor.at);
  return { entry, rows, offset: span.from, length: span.to - span.from, bounds };
}

/**
 * Goes through a row group's list of column chunks.
 *
 * @param read goes through the metadata of each, which is a struct
 */
export function stepToMetadata(cursor: ThriftCursor, read: () => void): void {
  for (let left = cursor.list(); left > 0; left--)
    cursor.struct((field) => {
      if (field !== CHUNK.metadata) return false;
      read();
      return true;
    });
}

/** @param span of the row group, which grows by that of the chunk */
function readChunk(
  cursor: ThriftCursor,
  span: { from: number; to: number },
  columns: readonly WantedColumn[],
  bounds: Map<string, Bounds>,
): void {
  let path: Uint8Array | null = null;
  let [size, dataPage, dictionaryPage] = [0, 0, -1];
  let [min, max] = [-1, -1];
  const isWanted = columns.length > 0;
  cursor.struct((id) => {
    if (id === METADATA.path && isWanted)
      for (let left = cursor.list(); left > 0; left--) path = cursor.binary();
    else if (id === METADATA.compressedSize) size = cursor.integer();
    else if (id === METADATA.dataPage) dataPage = cursor.integer();
    else if (id === METADATA.dictionaryPage) dictionaryPage = cursor.integer();
    else if (id === METADATA.statistics && isWanted) {
      cursor.struct((field) => {
        if (field === STATISTICS.max) max = cursor.at;
        else if (field === STATISTICS.min) min = cursor.at;
        return false;
      });
    } else return false;
    return true;
  });
  const from = dictionaryPage < 0 ? dataPage : dictionaryPage;
  span.from = Math.min(span.from, from);
  span.to = Math.max(span.to, from + size);
  const column = columns.find((each) => path !== null && Buffer.compare(path, each.path) === 0);
  if (column !== undefined)
    bounds.set(column.name, { min: binaryAt(cursor, min), max: binaryAt(cursor, max) });
}

/** Bytes that the cursor has passed; null where `at` is negative. */
function binaryAt(cursor: ThriftCursor, at: number): Uint8Array | null {
  if (at < 0) return null;
  const back = cursor.at;
  cursor.at = at;
  const bytes = cursor.binary();
  cursor.at = back;
  return bytes;
}

function readKeyValue(cursor: ThriftCursor, keyValues: Map<string, string>): void {
  let [key, value] = ["", ""];
  cursor.struct((id) => {
    if (id === KEY_VALUE.key) key = Buffer.from(cursor.binary()).toString();
    else if (id === KEY_VALUE.value) value = Buffer.from(cursor.binary()).toString();
    else return false;
    return true;
  });
  keyValues.set(key, value);
}
