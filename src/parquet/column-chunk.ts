import type { ColumnMetaData, SchemaElement, Statistics } from "hyparquet";
import type { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { serializeTCompactProtocol } from "hyparquet-writer/src/thrift.js";
import type { Scratch } from "../wasm/scratch.js";
import { type CodedValues, formOfCodes } from "./code-form.js";
import type { PageCodec, PageContent } from "./page-codec.js";
import { packCodes, packRuns } from "./rle-hybrid.js";

/** What column chunks are written with, and where to. */
export interface ChunkOutput {
  /** Takes the chunks of a row group one after the other. */
  writer: ByteWriter;
  codec: PageCodec;
  scratch: Scratch;
}

/** A column's values, encoded one after the other. */
export interface PlainColumn {
  element: SchemaElement;
  /** Rows of the row group. */
  rows: number;
  /** The values of the rows that have one, or the distinct ones, in PLAIN encoding unless `encoding` says else. */
  plain: Uint8Array;
  encoding?: "DELTA_BINARY_PACKED";
  /** Definition level of each row, 1 where it has a value; null when every row has one. */
  levels: Int32Array | null;
  statistics: Statistics;
}

/** A column whose distinct values `plain` holds. */
export interface DictionaryColumn extends PlainColumn, CodedValues {}

// Numbers of the format's enums: page types and encodings.
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;
/** By the encoding of values without a dictionary. */
const ENCODINGS = { PLAIN, DELTA_BINARY_PACKED: 5 } as const;

/** Writes a column as one dictionary page and one data page of codes. Offsets are those in the writer. */
export function dictionaryChunk(column: DictionaryColumn, output: ChunkOutput): ColumnMetaData {
  const pages = new PageWriter(output);
  pages.write(column.plain, "dictionary", (sizes) => ({
    field_1: DICTIONARY_PAGE,
    ...sizes,
    field_7: { field_1: column.entries, field_2: PLAIN },
  }));
  const dataPage = pages.offset;
  const { width, content } = formOfCodes(column, output.codec, output.scratch);
  const page = dataPageBytes(column, width, output.scratch);
  pages.write(page, content, (sizes) => ({
    field_1: DATA_PAGE,
    ...sizes,
    field_5: { field_1: column.rows, field_2: RLE_DICTIONARY, field_3: RLE, field_4: RLE },
  }));
  const offsets = { data_page_offset: BigInt(dataPage), dictionary_page_offset: BigInt(pages.start) };
  return pages.finish(column, offsets, ["PLAIN", "RLE", "RLE_DICTIONARY"]);
}

/** Writes a column as its values, without a dictionary. Offsets are those in the writer. */
export function plainChunk(column: PlainColumn, output: ChunkOutput): ColumnMetaData {
  const pages = new PageWriter(output);
  const levels = columnLevels(column, output.scratch);
  pages.write(joined(levels, column.plain, output.scratch), "values", (sizes) => ({
    field_1: DATA_PAGE,
    ...sizes,
    field_5: {
      field_1: column.rows,
      field_2: ENCODINGS[column.encoding ?? "PLAIN"],
      field_3: RLE,
      field_4: RLE,
    },
  }));
  return pages.finish(column, { data_page_offset: BigInt(pages.start) }, [column.encoding ?? "PLAIN", "RLE"]);
}

function joined(levels: Uint8Array, values: Uint8Array, scratch: Scratch): Uint8Array {
  if (levels.length === 0) return values;
  const page = scratch.uint8(levels.length + values.length);
  page.set(levels);
  page.set(values, levels.length);
  return page;
}

/** Writes a column without any value. Offsets are those in the writer. */
export function nullChunk(
  column: Pick<PlainColumn, "element" | "rows">,
  output: ChunkOutput,
): ColumnMetaData {
  const pages = new PageWriter(output);
  pages.write(sameLevels(column.rows, 0, output.scratch), "codes", (sizes) => ({
    field_1: DATA_PAGE,
    ...sizes,
    field_5: { field_1: column.rows, field_2: PLAIN, field_3: RLE, field_4: RLE },
  }));
  const statistics = { null_count: BigInt(column.rows) };
  return pages.finish({ ...column, statistics }, { data_page_offset: BigInt(pages.start) }, ["PLAIN", "RLE"]);
}

/** Levels, bit width, codes: what a data page of a dictionary column holds. */
function dataPageBytes(column: DictionaryColumn, width: number, scratch: Scratch): Uint8Array {
  const { codes } = column;
  const packed =
    "values" in codes ? packCodes(scratch, codes.values, codes.count, width) : packRuns(codes.runs, width);
  const levels = columnLevels(column, scratch);
  const page = scratch.uint8(levels.length + 1 + packed.length);
  page.set(levels);
  page[levels.length] = width;
  page.set(packed, levels.length + 1);
  return page;
}

/** Definition levels of a column; none where it is required. */
function columnLevels({ element, rows, levels }: Omit<PlainColumn, "plain">, scratch: Scratch): Uint8Array {
  if (element.repetition_type === "REQUIRED") return new Uint8Array(0);
  return levels === null
    ? sameLevels(rows, 1, scratch)
    : withLength(packCodes(scratch, levels, rows, 1), scratch);
}

/** One level for all rows; the length comes first, as data pages of version 1 have it. */
function sameLevels(rows: number, level: 0 | 1, scratch: Scratch): Uint8Array {
  return withLength(packRuns(Int32Array.of(level, rows), 1), scratch);
}

function withLength(bytes: Uint8Array, scratch: Scratch): Uint8Array {
  const prefixed = scratch.uint8(bytes.length + 4);
  new DataView(prefixed.buffer, prefixed.byteOffset).setUint32(0, bytes.length, true);
  prefixed.set(bytes, 4);
  return prefixed;
}

interface PageSizes {
  field_2: number;
  field_3: number;
}

/** Writes the pages of one column chunk. */
class PageWriter {
  /** Where the chunk begins. */
  readonly start: number;
  readonly #writer: ByteWriter;
  readonly #codec: PageCodec;
  #uncompressed = 0;

  constructor({ writer, codec }: ChunkOutput) {
    this.start = writer.offset;
    this.#writer = writer;
    this.#codec = codec;
  }

  /** Where the next page begins. */
  get offset(): number {
    return this.#writer.offset;
  }

  write(
    page: Uint8Array,
    content: PageContent,
    header: (sizes: PageSizes) => Record<`field_${number}`, unknown>,
  ): void {
    const parts = this.#codec.compress(page, content);
    const compressed = parts.reduce((sum, { length }) => sum + length, 0);
    const { offset } = this;
    serializeTCompactProtocol(this.#writer, header({ field_2: page.length, field_3: compressed }) as never);
    this.#uncompressed += this.offset - offset + page.length;
    for (const part of parts) this.#writer.appendBytes(part);
  }

  finish(
    column: Pick<PlainColumn, "element" | "rows" | "statistics">,
    offsets: Pick<ColumnMetaData, "data_page_offset" | "dictionary_page_offset">,
    encodings: ColumnMetaData["encodings"],
  ): ColumnMetaData {
    return {
      type: column.element.type!,
      encodings,
      path_in_schema: [column.element.name],
      codec: this.#codec.name,
      num_values: BigInt(column.rows),
      total_uncompressed_size: BigInt(this.#uncompressed),
      total_compressed_size: BigInt(this.offset - this.start),
      ...offsets,
      statistics: column.statistics,
    };
  }
}
