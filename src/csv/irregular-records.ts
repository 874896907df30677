import { isUtf8 } from "node:buffer";
import type { EntityValue } from "../arrow/row-batch.js";
import type { IntervalReading } from "../feeds/feed-definition.js";
import { parseRecords } from "./csv-records.js";
import { type DecodeProgram, type EntityTarget, type FieldUse, normaliseHeader } from "./decode-program.js";
import type { EntityDictionary } from "./entity-dictionary.js";
import { placeEntityValue, quoteCell, Rejection, readDecimal, trimCell } from "./field-values.js";
import type { PartReader } from "./interval-parts.js";
import { parseInteger } from "./parse-decimal.js";
import { dateReader } from "./parse-timestamp.js";
import type { RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

const COMMA = 44;
const LF = 10;
const CR = 13;
const QUOTE = 34;

/** A record longer than this is rejected: no market's records come near it, and memory must not follow it. */
export const MAX_RECORD_BYTES = 1 << 20;

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

/** A record that closes the file and says how many records of data it has. */
export interface Trailer {
  rows: number;
}

/** What became of a record. */
export type Taken = Rows | "blank" | "other" | Trailer | Rejection;

/** A record that was taken, and the rows that it made. */
export interface Rows {
  taken: number;
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
  readonly #parts: (PartReader | null)[];
  readonly #products: RowMaker;
  readonly #readDay: ReturnType<typeof dateReader>;
  /** Whether the interval of the record in hand has been asked for. */
  #hasInterval = false;

  constructor(program: DecodeProgram, rows: RowAssembler, entities: EntityDictionary, products: RowMaker) {
    this.#program = program;
    this.#rows = rows;
    this.#entities = entities;
    this.#products = products;
    this.#readDay = dateReader(program.feed.dateAbove);
    this.#parts = program.fields.map((field) =>
      field.use === "interval" ? rows.parts.reader(field.reading) : null,
    );
  }

  /**
   * Takes one record.
   *
   * @param record its bytes, with or without the line break
   * @param atEnd whether the file ends with this record and no line break
   * @returns the rows made; "blank" for a line that holds no data; "other" for a record that is no price; the count that a trailer gives; or why it was rejected
   */
  take(record: Uint8Array, atEnd: boolean): Taken {
    const text = withoutLineBreak(record);
    if (text.length === 0) return "blank";
    if (record.length > MAX_RECORD_BYTES)
      return new Rejection(null, `the record is longer than ${MAX_RECORD_BYTES} bytes`);
    if (text.includes(0)) return new Rejection(null, "the record has a NUL byte");
    if (!isUtf8(text)) return new Rejection(null, "the record is not UTF-8 text");
    let cells: string[];
    try {
      const records = parseRecords(Buffer.from(text));
      if (records.length !== 1) return new Rejection(null, "the record's quotes do not match");
      cells = records[0]!;
    } catch (error) {
      return new Rejection(null, whyNotCsv(error));
    }
    const other = this.#otherKind(cells);
    if (other !== null) return other;
    const trimmed = cells.map(trimCell);
    if (this.#isBetween(trimmed)) return "blank";
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
    this.#hasInterval = false;
    const taken = this.#fill(trimmed);
    if (taken instanceof Rejection && this.#rows.parts.byOrder && !this.#hasInterval)
      this.#keepPlace(trimmed);
    return taken;
  }

  /**
   * A line that is no record: the header once more (MISO's files of reserve prices have two tables); where the day
   * stands above the header, the day, and lines of commas alone.
   */
  #isBetween(cells: readonly string[]): boolean {
    const { fields, header, feed } = this.#program;
    if (feed.dateAbove.length > 0) {
      if (cells.every((cell) => cell === "")) return true;
      const bytes = Buffer.from(cells[0] ?? "");
      const day = this.#readDay(bytes, 0, bytes.length);
      if (!Number.isNaN(day)) {
        this.#rows.parts.setDay(day);
        return true;
      }
    }
    return (
      cells.length === fields.length &&
      fields.every((field, index) => {
        const name = normaliseHeader(header[index]!);
        return field.use === "skip" || name === "" || normaliseHeader(cells[index]!) === name;
      })
    );
  }

  /** A record that is rejected has its place in the order all the same, where time and location can be read. */
  #keepPlace(cells: readonly string[]): void {
    const entity: EntityValue[] = [...this.#program.constants];
    for (const [position, field] of this.#program.fields.entries()) {
      const bytes = Buffer.from(cells[position]!);
      if (field.use === "entity" && readEntity(field.targets, cells[position]!, entity) !== null) return;
      if (field.use !== "interval") continue;
      const part = this.#parts[position]!;
      const value = part.read(bytes, 0, bytes.length);
      if (Number.isNaN(value)) return;
      part.take(value);
    }
    this.#rows.parts.resolve(this.#entities.codeOf(entity));
  }

  /** What a record is that its first column marks as something else than data; null for all others. */
  #otherKind(cells: readonly string[]): "blank" | Trailer | null {
    const types = this.#program.feed.recordTypes;
    if (types === null) return null;
    const kind = trimCell(cells[0] ?? "");
    if (kind === types.trailer) return { rows: Number(/\d+/.exec(cells[1] ?? "")?.[0] ?? Number.NaN) };
    return types.other.includes(kind) ? "blank" : null;
  }

  /** The cells that tell the interval, as they can be shown. */
  #intervalCells(cells: readonly string[]): string {
    return cells
      .filter((_, position) => this.#program.fields[position]!.use === "interval")
      .map(quoteCell)
      .join(" ");
  }

  /** Sets the row's values and counts it in; a Rejection leaves nothing behind. */
  #fill(cells: readonly string[]): Rows | "other" | Rejection {
    const { builder } = this.#rows;
    const row = builder.rows;
    const entity: EntityValue[] = [...this.#program.constants];
    let nulls = 0;
    let missing = 0;
    let interval = -1;
    for (const [position, field] of this.#program.fields.entries()) {
      const cell = cells[position]!;
      const rejected = (reason: string) => new Rejection(this.#program.header[position] ?? null, reason);
      if (field.use === "record-type") {
        if (cell === field.data) continue;
        if (this.#program.feed.recordTypes === null) return "other";
        return rejected(`${quoteCell(cell)} is not a kind of record of this feed`);
      } else if (field.use === "interval") {
        const bytes = Buffer.from(cell);
        const part = this.#parts[position]!;
        const value = part.read(bytes, 0, bytes.length);
        if (Number.isNaN(value)) return rejected(`${quoteCell(cell)} ${whyNotInterval(field.reading)}`);
        part.take(value);
        if (interval < 0) interval = position;
        // Of several faults the leftmost is told: what can be judged here is not left to the end.
        const reason = this.#rows.parts.isInstant ? this.#rows.resolveInterval(0) : null;
        if (reason !== null) return rejected(`${quoteCell(cell)} ${reason}`);
      } else if (field.use === "entity") {
        const reason = readEntity(field.targets, cell, entity);
        if (reason !== null) return rejected(reason);
      } else if (field.use === "component") {
        const bytes = Buffer.from(cell);
        const component = this.#products.componentOf(bytes, 0, bytes.length);
        if (component < 0) return rejected(`${quoteCell(cell)} is no component of this feed's prices`);
        this.#products.component = component;
      } else if (field.use === "product") {
        const price = cell === "" ? null : readDecimal(cell);
        if (price instanceof Rejection) return rejected(price.reason);
        this.#products.prices[field.place] = price ?? 0;
        if (price === null) missing |= 1 << field.place;
      } else if (field.use !== "skip") {
        const value = readMeasure(field, cell);
        if (value instanceof Rejection) return rejected(value.reason);
        if (value === null) nulls |= 1 << field.index;
        builder.values[field.index]![row] = value ?? 0;
      }
    }
    const code = this.#entities.codeOf(entity);
    const reason = this.#rows.resolveInterval(code);
    this.#hasInterval = true;
    if (reason !== null) {
      const told = this.#intervalCells(cells) || "the operating day";
      return new Rejection(this.#program.header[interval] ?? null, `${told} ${reason}`);
    }
    if (this.#products.width > 0) {
      this.#products.missing = missing;
      const taken = this.#products.commit(code);
      return typeof taken === "string" ? new Rejection(null, taken) : { taken };
    }
    builder.entityCodes[row] = code;
    this.#rows.commit(nulls);
    return { taken: 1 };
  }
}

/** Puts what a cell says of the entity in its place; returns why it cannot. */
function readEntity(targets: readonly EntityTarget[], cell: string, entity: EntityValue[]): string | null {
  for (const target of targets) {
    const rejection = placeEntityValue(target, cell, entity);
    if (rejection !== null) return rejection.reason;
  }
  return null;
}

function readMeasure(
  field: Extract<FieldUse, { use: "integer" | "decimal" }>,
  cell: string,
): number | null | Rejection {
  if (cell === "") return field.required ? new Rejection(null, "is empty") : null;
  if (field.use === "decimal") return readDecimal(cell);
  const bytes = Buffer.from(cell);
  const value = parseInteger(bytes, 0, bytes.length);
  return value === (value | 0)
    ? value
    : new Rejection(null, `${quoteCell(cell)} is not a whole number of 32 bits`);
}

function whyNotInterval(reading: IntervalReading): string {
  switch (reading.kind) {
    case "timestamp":
      return "is not a time of this feed's forms";
    case "date":
      return "is not a date of this feed's forms";
    case "hour_ending":
      return "is not an hour from 1 to 24";
    default:
      return "is not a number of an interval within its hour";
  }
}

function withoutLineBreak(record: Uint8Array): Uint8Array {
  let end = record.length;
  if (end > 0 && record[end - 1] === LF) end--;
  if (end > 0 && record[end - 1] === CR) end--;
  return record.subarray(0, end);
}

function whyNotCsv(error: unknown): string {
  switch ((error as { code?: string }).code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return "a quote is opened and not closed";
    case "INVALID_OPENING_QUOTE":
      return "a quote stands inside an unquoted field";
    case "CSV_INVALID_CLOSING_QUOTE":
      return "text follows a closing quote";
    default:
      return `the record cannot be read: ${(error as Error).message}`;
  }
}
