import { isUtf8 } from "node:buffer";
import { CsvError, type Options, parse } from "csv-parse/sync";
import { TABLES } from "../arrow/tables.js";
import type { DecodeProgram, FieldUse } from "./decode-program.js";
import type { EntityDictionary } from "./entity-dictionary.js";
import { quoteCell, Rejection, readDecimal, readEntityValue, trimCell } from "./field-values.js";
import { parseInteger } from "./parse-decimal.js";
import { type TimestampReader, timestampReader } from "./parse-timestamp.js";
import type { RowAssembler } from "./row-assembler.js";

const COMMA = 44;
const LF = 10;
const CR = 13;
const QUOTE = 34;

/** A record longer than this is rejected: no market's records come near it, and memory must not follow it. */
export const MAX_RECORD_BYTES = 1 << 20;

/** Options under which csv-parse reads what gridparquet reads; tests use them for whole files. */
export const CSV_PARSE_OPTIONS: Options = {
  record_delimiter: ["\r\n", "\n"],
  relax_column_count: true,
  skip_empty_lines: true,
};

/**
 * Where the record at `start` ends: after its line break, line breaks in quotes not counted.
 *
 * @returns the position, or -1 when the data ends first
 */
export function findRecordEnd(bytes: Uint8Array, start: number, end: number): number {
  let fieldStart = true;
  for (let at = start; at < end; at++) {
    const c = bytes[at];
    if (fieldStart && c === QUOTE) {
      at = closingQuote(bytes, at + 1, end);
      if (at < 0) return -1;
      fieldStart = false;
    } else if (c === LF) return at + 1;
    else fieldStart = c === COMMA;
  }
  return -1;
}

/** Position of the quote that ends a quoted field; a doubled quote stands for one. -1 when the data ends first. */
function closingQuote(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] !== QUOTE || at + 1 >= end) return at;
    at++;
  }
  return -1;
}

/**
 * The careful path: one record at a time through csv-parse, with a reason for whatever is not taken.
 *
 * It fills the same columns as the kernel, with the same readers of values.
 */
export class IrregularRecords {
  readonly #program: DecodeProgram;
  readonly #rows: RowAssembler;
  readonly #entities: EntityDictionary;
  readonly #timestamp: TimestampReader;

  constructor(program: DecodeProgram, rows: RowAssembler, entities: EntityDictionary) {
    this.#program = program;
    this.#rows = rows;
    this.#entities = entities;
    const stamp = program.fields.find((field) => field.use === "timestamp");
    this.#timestamp = timestampReader(stamp?.use === "timestamp" ? stamp.reading.forms : []);
  }

  /**
   * Takes one record.
   *
   * @param record its bytes, with or without the line break
   * @param atEnd whether the file ends with this record and no line break
   * @returns "row", "blank" for a line with nothing in it, or why the record was rejected
   */
  take(record: Uint8Array, atEnd: boolean): "row" | "blank" | Rejection {
    const text = withoutLineBreak(record);
    if (text.length === 0) return "blank";
    if (record.length > MAX_RECORD_BYTES)
      return new Rejection(null, `the record is longer than ${MAX_RECORD_BYTES} bytes`);
    if (text.includes(0)) return new Rejection(null, "the record has a NUL byte");
    if (!isUtf8(text)) return new Rejection(null, "the record is not UTF-8 text");
    let cells: string[];
    try {
      const records = parse(Buffer.from(text), CSV_PARSE_OPTIONS) as unknown as string[][];
      if (records.length !== 1) return new Rejection(null, "the record's quotes do not match");
      cells = records[0]!;
    } catch (error) {
      return new Rejection(null, whyNotCsv(error));
    }
    const expected = this.#program.fields.length;
    if (cells.length !== expected) {
      if (atEnd && cells.length < expected) {
        return new Rejection(
          null,
          `the file ends in the middle of a record: ${cells.length} of ${expected} fields`,
        );
      }
      return new Rejection(null, `the record has ${cells.length} fields, the header has ${expected}`);
    }
    return this.#fill(cells.map(trimCell)) ?? "row";
  }

  /** Sets the row's values and counts it in; a Rejection leaves nothing behind. */
  #fill(cells: readonly string[]): Rejection | null {
    const { builder } = this.#rows;
    const row = builder.rows;
    const entity: (string | number | null)[] = TABLES[this.#program.feed.table].entity.map(() => null);
    let nulls = 0;
    for (const [position, field] of this.#program.fields.entries()) {
      if (field.use === "skip") continue;
      const value = this.#read(field, cells[position]!);
      if (value instanceof Rejection)
        return new Rejection(this.#program.header[position] ?? null, value.reason);
      if (field.use === "entity") entity[field.index] = value;
      else if (field.use !== "timestamp") {
        if (value === null) nulls |= 1 << field.index;
        builder.values[field.index]![row] = typeof value === "number" ? value : 0;
      }
    }
    builder.entityCodes[row] = this.#entities.codeOf(entity);
    this.#rows.commit(nulls);
    return null;
  }

  #read(field: Exclude<FieldUse, { use: "skip" }>, cell: string): string | number | null | Rejection {
    const bytes = Buffer.from(cell);
    if (field.use === "timestamp") {
      const start = this.#timestamp(bytes, 0, bytes.length);
      if (Number.isNaN(start))
        return new Rejection(null, `${quoteCell(cell)} is not a time of this feed's forms`);
      const reason = this.#rows.setInterval(start);
      return reason === null ? start : new Rejection(null, `${quoteCell(cell)} ${reason}`);
    }
    if (cell === "") return field.required ? new Rejection(null, "is empty") : null;
    if (field.use === "entity") return readEntityValue(field.reading, cell);
    if (field.use === "decimal") return readDecimal(cell);
    const value = parseInteger(bytes, 0, bytes.length);
    return value === (value | 0)
      ? value
      : new Rejection(null, `${quoteCell(cell)} is not a whole number of 32 bits`);
  }
}

function withoutLineBreak(record: Uint8Array): Uint8Array {
  let end = record.length;
  if (end > 0 && record[end - 1] === LF) end--;
  if (end > 0 && record[end - 1] === CR) end--;
  return record.subarray(0, end);
}

function whyNotCsv(error: unknown): string {
  if (!(error instanceof CsvError)) return `the record cannot be read: ${(error as Error).message}`;
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return "a quote is opened and not closed";
    case "INVALID_OPENING_QUOTE":
      return "a quote stands inside an unquoted field";
    case "CSV_INVALID_CLOSING_QUOTE":
      return "text follows a closing quote";
    default:
      return `the record cannot be read: ${error.message}`;
  }
}
