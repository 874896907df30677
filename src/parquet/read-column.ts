import type { ColumnMetaData, SchemaElement } from "hyparquet";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { decompressPage } from "./decompress-page.js";
import { onlyCode, unpackCodes } from "./unpack-codes.js";

/** Values of a column chunk: numbers, with times in microseconds and dates in days, or texts. */
export type ColumnValues = Float64Array | readonly string[];

/** A column chunk by its codes: those of its dictionary, or, where it has none, the places of its values. */
export interface CodedChunk {
  /** By row: place of its value in `values`, -1 where it has none. Good until the reader reads the next chunk. */
  codes: Int32Array;
  values: ColumnValues;
  nulls: number;
}

// Numbers of the format's enums: page types and encodings.
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const PLAIN = 0;
const DELTA_BINARY_PACKED = 5;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;
/** A page's header has a few dozen bytes. */
const MOST_HEADER_BYTES = 4096;

/**
 * Reads column chunks as convert writes them, whichever its encoder, and nothing else of what Parquet may hold. Keeps
 * the dictionary of texts that it has read last: the next row group has nearly always the same.
 */
export class ColumnReader {
  readonly #element: SchemaElement;
  #dictionaryPage: Uint8Array = new Uint8Array(0);
  #dictionary: ColumnValues = [];
  #codes = new Int32Array(0);
  #levels = new Int32Array(0);

  /** @param element of the column, a leaf without repetition */
  constructor(element: SchemaElement) {
    this.#element = element;
  }

  /**
   * @param chunk the bytes of the column chunk
   * @param rows of the row group
   * @throws Error when the bytes are not such a chunk
   */
  read({ codec }: Pick<ColumnMetaData, "codec">, chunk: Uint8Array, rows: number): CodedChunk {
    if (this.#codes.length < rows) this.#codes = new Int32Array(rows);
    const codes = this.#codes.subarray(0, rows);
    const parts: ColumnValues[] = [];
    let dictionary: ColumnValues | null = null;
    let known = 0;
    let nulls = 0;
    let row = 0;
    for (let at = 0; row < rows; ) {
      const { header, next } = pageHeader(chunk, at);
      at = next + header.compressed;
      if (at > chunk.length) throw new Error("a page goes beyond its column");
      const page = decompressPage(codec, chunk.subarray(next, at), header.uncompressed, rows);
      if (header.dictionary !== null) {
        dictionary = this.#readDictionary(page, header.dictionary);
        parts.push(dictionary);
        known = dictionary.length;
        continue;
      }
      const { values: count, encoding } = header.data!;
      if (count > rows - row || count < 1)
        throw new Error(`a page has ${count} values where ${rows - row} are left`);
      const body = this.#readLevels(page, count);
      nulls += count - body.present;
      const bytes = page.subarray(body.at);
      if (encoding === RLE_DICTIONARY) {
        if (dictionary === null) throw new Error("a page has codes, and no dictionary came before");
        readCodes(bytes, codes, row, body.present, dictionary.length);
      } else {
        const values = readValues(this.#element, encoding, bytes, body.present);
        for (let i = 0; i < body.present; i++) codes[row + i] = known + i;
        known += values.length;
        parts.push(values);
      }
      if (body.present < count) spreadCodes(codes, body.levels, row, count, body.present);
      row += count;
    }
    return { codes, values: joinParts(parts), nulls };
  }

  #readDictionary(page: Uint8Array, count: number): ColumnValues {
    if (this.#dictionary.length !== count || Buffer.compare(this.#dictionaryPage, page) !== 0) {
      this.#dictionary = readValues(this.#element, PLAIN, page, count);
      this.#dictionaryPage = page.slice();
    }
    return this.#dictionary;
  }

  /** Definition levels of a data page of version 1: which rows have a value. */
  #readLevels(page: Uint8Array, count: number): { at: number; present: number; levels: Int32Array | null } {
    if (this.#element.repetition_type === "REQUIRED") return { at: 0, present: count, levels: null };
    if (page.length < 4) throw new Error("a page has no definition levels");
    const length = new DataView(page.buffer, page.byteOffset).getUint32(0, true);
    if (length > page.length - 4) throw new Error("definition levels go beyond their page");
    const only = onlyCode(page, 4, 4 + length, count);
    if (only !== null) return { at: 4 + length, present: only * count, levels: null };
    if (this.#levels.length < count) this.#levels = new Int32Array(count);
    const levels = this.#levels;
    unpackCodes(page, 4, 4 + length, 1, levels, 0, count);
    let present = 0;
    for (let i = 0; i < count; i++) present += levels[i]!;
    return { at: 4 + length, present, levels };
  }
}

interface PageHeader {
  uncompressed: number;
  compressed: number;
  /** Entries, of a dictionary page. */
  dictionary: number | null;
  data: { values: number; encoding: number } | null;
}

function pageHeader(chunk: Uint8Array, at: number): { header: PageHeader; next: number } {
  if (at >= chunk.length) throw new Error("its pages end before its rows");
  const length = Math.min(MOST_HEADER_BYTES, chunk.length - at);
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset + at, length), offset: 0 };
  const fields = deserializeTCompactProtocol(reader) as Record<string, unknown>;
  const of = (name: string): Record<string, unknown> => (fields[name] ?? {}) as Record<string, unknown>;
  const type = fields.field_1;
  const header: PageHeader = {
    uncompressed: whole(fields.field_2),
    compressed: whole(fields.field_3),
    dictionary: null,
    data: null,
  };
  if (type === DICTIONARY_PAGE) header.dictionary = whole(of("field_7").field_1);
  else if (type === DATA_PAGE)
    header.data = { values: whole(of("field_5").field_1), encoding: whole(of("field_5").field_2) };
  else throw new Error(`it has a page of type ${String(type)}`);
  return { header, next: at + reader.offset };
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error("a page's header is damaged");
  return value as number;
}

function readCodes(bytes: Uint8Array, codes: Int32Array, row: number, count: number, entries: number): void {
  if (count === 0) return;
  if (bytes.length === 0) throw new Error("a page has no codes");
  const most = unpackCodes(bytes, 1, bytes.length, bytes[0]!, codes, row, count);
  if (most >= entries) throw new Error(`code ${most} of a dictionary with ${entries} entries`);
}

/** Moves the codes of the rows that have a value to their rows, and marks the others; without levels none has one. */
function spreadCodes(
  codes: Int32Array,
  levels: Int32Array | null,
  row: number,
  count: number,
  present: number,
): void {
  if (levels === null) {
    codes.fill(-1, row, row + count);
    return;
  }
  let from = row + present;
  for (let i = count - 1; i >= 0; i--) codes[row + i] = levels[i] === 1 ? codes[--from]! : -1;
}

function readValues(
  { type }: SchemaElement,
  encoding: number,
  bytes: Uint8Array,
  count: number,
): ColumnValues {
  if (type === "BYTE_ARRAY") {
    if (encoding !== PLAIN) throw new Error(`texts in encoding ${encoding}`);
    return readTexts(bytes, count);
  }
  if (encoding === DELTA_BINARY_PACKED) {
    const values = type === "INT32" ? new Int32Array(count) : new BigInt64Array(count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (count > 0) deltaBinaryUnpack({ view, offset: 0 }, count, values);
    return toNumbers(values);
  }
  const width = type === "INT32" ? 4 : 8;
  if (bytes.length < count * width) throw new Error("a page has too few values");
  const aligned =
    encoding === PLAIN ? bytes.slice(0, count * width) : joinBytes(encoding, bytes, count, width);
  if (type === "DOUBLE") return new Float64Array(aligned.buffer, 0, count);
  return toNumbers(
    type === "INT32" ? new Int32Array(aligned.buffer, 0, count) : new BigInt64Array(aligned.buffer, 0, count),
  );
}

function toNumbers(values: Int32Array | BigInt64Array): Float64Array {
  return Float64Array.from(values as ArrayLike<number | bigint>, Number);
}

/** Values of which first all first bytes come, then all second ones (Parquet format, "Byte Stream Split"). */
function joinBytes(encoding: number, bytes: Uint8Array, count: number, width: number): Uint8Array {
  if (encoding !== BYTE_STREAM_SPLIT) throw new Error(`values in encoding ${encoding}`);
  const joined = new Uint8Array(count * width);
  for (let byte = 0, at = 0; byte < width; byte++) {
    for (let i = 0; i < count; i++) joined[i * width + byte] = bytes[at++]!;
  }
  return joined;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function readTexts(bytes: Uint8Array, count: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  for (let at = 0; texts.length < count; ) {
    if (at + 4 > bytes.length) throw new Error("a page has too few texts");
    const length = view.getUint32(at, true);
    at += 4 + length;
    if (at > bytes.length) throw new Error("a text goes beyond its page");
    texts.push(decoder.decode(bytes.subarray(at - length, at)));
  }
  return texts;
}

function joinParts(parts: readonly ColumnValues[]): ColumnValues {
  if (parts.length === 1) return parts[0]!;
  if (parts.every((part) => part instanceof Float64Array)) {
    const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
  return parts.flatMap((part) => [...(part as readonly string[])]);
}
