import { isUtf8 } from "node:buffer";
import type { DecodeProgram, FieldUse } from "./decode-program.js";
import { type EntityDictionary, RunDictionary, sameBytes } from "./entity-dictionary.js";
import { Rejection, readEntityValue, trimCell } from "./field-values.js";
import type { PartReader } from "./interval-parts.js";
import { MAX_RECORD_BYTES } from "./irregular-records.js";
import { EXACT_DIGITS, POWERS_OF_TEN, parseDecimal, parseInteger } from "./parse-decimal.js";
import { type RowMaker, rowMaker } from "./product-rows.js";
import type { RowAssembler } from "./row-assembler.js";

const COMMA = 44;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const SPACE = 32;
const TAB = 9;
const MINUS = 45;
const DOT = 46;
const NUL = 0;

const CONTEXT = 0;
const ENTITY = 1;
const DECIMAL = 2;
const KINDS = { context: CONTEXT, entity: ENTITY, decimal: DECIMAL, product: 3 };

/** Pairs of runs that are kept before the dictionaries are begun anew. */
const MAX_COMBINATIONS = 500_000;

type EntityValues = (string | number | null)[];

/** Pairs of runs seen so far: their code, and what they say together. */
interface Combinations {
  codes: Map<number, number>;
  values: EntityValues[];
}

/** Longest stretch of bytes that is remembered; read buffers keep as many spare bytes after the data. */
export const MAX_MEMO = 4096;

/** Why {@link RecordKernel.decode} stopped. */
export type KernelStop =
  /** All records up to the end were taken. */
  | "end"
  /** The batch, or a dictionary, has no room for another row. */
  | "full"
  /** The record at `position` is not plain, or a value in it does not fit: the slow reader must look at it. */
  | "irregular";

/**
 * The fast path: whole plain records, straight from bytes into the columns of a batch.
 *
 * What repeats is compared, not read: the time stamps of the record before, the description that followed the
 * same location last time. Only the prices are parsed in every record. Whatever the kernel is not sure of it
 * leaves, untouched, to the slow reader (irregular-records.ts), which is also what tests compare it with.
 */
export class RecordKernel {
  /** Where the next record begins, after {@link decode}. */
  position = 0;
  /** Records taken so far, and the rows that they made. */
  records = 0;
  rows = 0;
  readonly #program: DecodeProgram;
  readonly #rows: RowAssembler;
  readonly #entities: EntityDictionary;
  /** By field: how it is read into a part of the interval, or checked. */
  readonly #parts: (PartReader | null)[];
  /** By step: its kind, its measure, the bytes it had last (none when the length is 0). */
  readonly #kinds: Uint8Array;
  readonly #measures: Int32Array;
  readonly #memos: DataView[];
  readonly #memoLengths: Int32Array;
  /** By step that reads entities: the runs of bytes seen, what they say, and the run of the record before. */
  readonly #runs: RunDictionary[] = [];
  readonly #partials: EntityValues[][] = [];
  readonly #lastRuns: Int32Array;
  readonly #combinations: Combinations[] = [];
  readonly #firstEntityStep: number;
  readonly #lastEntityStep: number;
  /** By step: place of its product; -1 where it has none. */
  readonly #places: Int32Array;
  readonly #products: RowMaker;
  /** Code of the entity before any field is read. */
  readonly #baseEntity: number;
  /** Measures that are whole numbers, with their values in the current record. */
  readonly #integerMeasures: number[] = [];
  readonly #integers: number[] = [];
  #integerNulls = 0;
  /** Bounds of the value that #nextField found, less quotes and surrounding spaces. */
  #from = 0;
  #to = 0;

  constructor(program: DecodeProgram, rows: RowAssembler, entities: EntityDictionary) {
    const { steps, fields } = program;
    this.#program = program;
    this.#rows = rows;
    this.#entities = entities;
    this.#parts = fields.map((field) => {
      if (field.use === "interval") return rows.parts.reader(field.reading);
      if (field.use === "component")
        return (bytes, start, end) => this.#products.selectComponent(bytes, start, end);
      if (field.use !== "record-type") return null;
      const data = Buffer.from(field.data);
      return (bytes, start, end) => data.equals(bytes.subarray(start, end));
    });
    this.#kinds = Uint8Array.from(steps, ({ kind }) => KINDS[kind]);
    this.#measures = Int32Array.from(steps, ({ from }) => measureOf(fields[from]));
    this.#places = Int32Array.from(steps, ({ from }) => placeOf(fields[from]));
    this.#products = rowMaker(program, rows, entities);
    this.#baseEntity = entities.codeOf(program.constants);
    this.#memos = steps.map(() => new DataView(new ArrayBuffer(MAX_MEMO)));
    this.#memoLengths = new Int32Array(steps.length);
    this.#lastRuns = new Int32Array(steps.length);
    this.#firstEntityStep = steps.findIndex(({ kind }) => kind === "entity");
    this.#lastEntityStep = steps.findLastIndex(({ kind }) => kind === "entity");
    for (const [index, { kind }] of steps.entries()) {
      if (kind !== "entity") continue;
      this.#runs[index] = new RunDictionary();
      this.#partials[index] = [];
      this.#combinations[index] = { codes: new Map(), values: [] };
    }
    for (const field of fields) if (field.use === "integer") this.#integerMeasures.push(field.index);
  }

  /** Whether the dictionaries have grown so far that a new kernel should go on. */
  get isFull(): boolean {
    const crowded = this.#combinations.some(({ codes }) => codes.size > MAX_COMBINATIONS);
    return crowded || this.#entities.isFull || this.#runs.some((runs) => runs.isFull);
  }

  /** To be called when another reader has set the interval: nothing is taken for unchanged in the next record. */
  forgetContext(): void {
    this.#memoLengths.fill(0);
  }

  /**
   * Takes records from `position` on.
   *
   * @param bytes the data; at least {@link MAX_MEMO} more bytes must follow `end` in the same buffer
   * @param view the same bytes as a DataView
   * @param end where the data ends: right after a line break
   */
  decode(bytes: Uint8Array, view: DataView, position: number, end: number): KernelStop {
    const { builder, parts } = this.#rows;
    const kinds = this.#kinds;
    const steps = kinds.length;
    const products = this.#products;
    const rowsPerRecord = Math.max(1, products.width);
    const { capacity, entityCodes } = builder;
    // One kind of array in each list keeps the stores below simple for the compiler.
    const decimalColumns = Array.from(this.#measures, (measure, step) =>
      this.#places[step]! < 0 ? (builder.values[measure] as Float64Array) : products.prices,
    );
    const integerColumns = this.#integerMeasures.map((measure) => builder.values[measure] as Int32Array);
    let record = position;
    while (record < end) {
      const row = builder.rows;
      if (row + rowsPerRecord > capacity) return this.#stop(record, "full");
      let at = record;
      let nulls = 0;
      let entity = this.#baseEntity;
      products.missing = 0;
      for (let step = 0; step < steps && at >= 0; step++) {
        const kind = kinds[step]!;
        if (kind === CONTEXT) {
          const length = this.#memoLengths[step]!;
          if (length > 0 && sameBytes(this.#memos[step]!, 0, view, at, length)) at += length;
          else at = this.#readContext(bytes, at, step);
        } else if (kind === ENTITY) {
          const runs = this.#runs[step]!;
          const last = this.#lastRuns[step]!;
          let code = runs.successors[last]!;
          const length = runs.lengths[code]!;
          if (length > 0 && sameBytes(runs.view, runs.offsets[code]!, view, at, length)) at += length;
          else {
            at = this.#findRun(bytes, view, at, step);
            if (at < 0) break;
            code = this.#lastRuns[step]!;
            runs.successors[last] = code;
          }
          this.#lastRuns[step] = code;
          const value = runs.values[code]!;
          entity = step === this.#firstEntityStep ? value : this.#combine(entity, value, step);
        } else {
          // #readDecimal for the usual case, spelled out here: a plain number of at most 15 digits.
          let p = at;
          let c = bytes[p]!;
          const negative = c === MINUS;
          if (negative) c = bytes[++p]!;
          let mantissa = 0;
          let digits = p;
          while (c >= 48 && c <= 57) {
            mantissa = mantissa * 10 + (c - 48);
            c = bytes[++p]!;
          }
          digits = p - digits;
          let decimals = 0;
          if (c === DOT) {
            const point = p + 1;
            c = bytes[++p]!;
            while (c >= 48 && c <= 57) {
              mantissa = mantissa * 10 + (c - 48);
              c = bytes[++p]!;
            }
            decimals = p - point;
            digits += decimals;
          }
          if (c === COMMA && step + 1 < steps && digits > 0 && digits <= EXACT_DIGITS) {
            const value = mantissa / POWERS_OF_TEN[decimals]!;
            decimalColumns[step]![kind === DECIMAL ? row : this.#places[step]!] = negative ? -value : value;
            at = p + 1;
          } else {
            at = this.#readDecimal(bytes, at, step, row);
            if (at >= 0 && this.#from === this.#to) {
              if (kind === DECIMAL) nulls |= 1 << this.#measures[step]!;
              else products.missing |= 1 << this.#places[step]!;
            }
          }
        }
      }
      if (at < 0 || at - record > MAX_RECORD_BYTES)
        return this.#stop(record, this.isFull ? "full" : "irregular");
      if ((parts.changed || parts.byOrder) && this.#rows.resolveInterval(entity) !== null) {
        parts.readAgain();
        return this.#stop(record, "irregular");
      }
      this.records++;
      if (products.width > 0) this.rows += products.commit(entity);
      else {
        entityCodes[row] = entity;
        for (let i = 0; i < integerColumns.length; i++) integerColumns[i]![row] = this.#integers[i]!;
        this.#rows.commit(nulls | this.#integerNulls);
        this.rows++;
      }
      record = at;
    }
    return this.#stop(record, "end");
  }

  #stop(position: number, reason: KernelStop): KernelStop {
    this.position = position;
    return reason;
  }

  /**
   * Bounds of the plain field at `at`, into #from and #to, without quotes, spaces and tabs around it.
   *
   * @returns where the next field, or after the last one the next record, begins; -1 when the field is not plain
   */
  #nextField(bytes: Uint8Array, at: number, isLast: boolean): number {
    let p = at;
    let c = bytes[p]!;
    if (c === QUOTE) {
      this.#from = ++p;
      for (c = bytes[p]!; c !== QUOTE; c = bytes[++p]!) if (c === LF || c === NUL) return -1;
      this.#to = p;
      c = bytes[++p]!;
      if (isLast && c === CR) c = bytes[++p]!;
    } else {
      this.#from = p;
      while (c !== COMMA && c !== LF) {
        if (c === QUOTE || c === NUL) return -1;
        c = bytes[++p]!;
      }
      this.#to = isLast && p > at && bytes[p - 1] === CR ? p - 1 : p;
    }
    if (c !== (isLast ? LF : COMMA)) return -1;
    while (this.#from < this.#to && isBlank(bytes[this.#from]!)) this.#from++;
    while (this.#from < this.#to && isBlank(bytes[this.#to - 1]!)) this.#to--;
    return p + 1;
  }

  #isLast(field: number): boolean {
    return field + 1 === this.#program.fields.length;
  }

  #readContext(bytes: Uint8Array, at: number, step: number): number {
    const { from, to } = this.#program.steps[step]!;
    this.#memoLengths[step] = 0;
    let next = at;
    for (let field = from; field < to; field++) {
      next = this.#nextField(bytes, next, this.#isLast(field));
      if (next < 0) return -1;
      const use = this.#program.fields[field]!;
      const part = this.#parts[field]!;
      if (part !== null) {
        if (!part(bytes, this.#from, this.#to)) return -1;
      } else if (use.use === "integer") {
        if (!this.#readInteger(bytes, use)) return -1;
      } else if (!isText(bytes, this.#from, this.#to)) return -1;
    }
    if (next - at <= MAX_MEMO) {
      new Uint8Array(this.#memos[step]!.buffer).set(bytes.subarray(at, next));
      this.#memoLengths[step] = next - at;
    }
    return next;
  }

  #readInteger(bytes: Uint8Array, field: Extract<FieldUse, { use: "integer" }>): boolean {
    const position = this.#integerMeasures.indexOf(field.index);
    this.#integerNulls &= ~(1 << field.index);
    this.#integers[position] = 0;
    if (this.#from === this.#to) {
      this.#integerNulls |= 1 << field.index;
      return !field.required;
    }
    const value = parseInteger(bytes, this.#from, this.#to);
    this.#integers[position] = value;
    return value === (value | 0);
  }

  /** A decimal field in any plain form; #from equals #to afterwards when it is empty. */
  #readDecimal(bytes: Uint8Array, at: number, step: number, row: number): number {
    const { from } = this.#program.steps[step]!;
    const field = this.#program.fields[from] as Extract<FieldUse, { use: "decimal" | "product" }>;
    const next = this.#nextField(bytes, at, this.#isLast(from));
    if (next < 0) return -1;
    if (this.#from === this.#to) return field.use === "decimal" && field.required ? -1 : next;
    const value = parseDecimal(bytes, this.#from, this.#to);
    if (!Number.isFinite(value)) return -1;
    if (field.use === "product") this.#products.prices[field.place] = value;
    else this.#rows.builder.values[field.index]![row] = value;
    return next;
  }

  /** Looks the run of fields at `at` up, or learns it; its code goes to #lastRuns. */
  #findRun(bytes: Uint8Array, view: DataView, at: number, step: number): number {
    const { from, to } = this.#program.steps[step]!;
    const runs = this.#runs[step]!;
    let next = at;
    for (let field = from; field < to && next >= 0; field++)
      next = this.#nextField(bytes, next, this.#isLast(field));
    if (next < 0 || next - at > MAX_MEMO) return -1;
    let code = runs.find(bytes, view, at, next - at);
    if (code < 0) {
      if (this.isFull) return -1;
      const values = this.#readEntity(bytes, at, step);
      if (values === null) return -1;
      code = runs.add(bytes, at, next - at, this.#partials[step]!.push(values) - 1);
      if (this.#firstEntityStep === this.#lastEntityStep) runs.values[code] = this.#entities.codeOf(values);
    }
    this.#lastRuns[step] = code;
    return next;
  }

  /** Values of the entity fields of a run, at their place in the table; null when one does not fit. */
  #readEntity(bytes: Uint8Array, at: number, step: number): EntityValues | null {
    const { from, to } = this.#program.steps[step]!;
    const values: EntityValues = [...this.#program.constants];
    let next = at;
    for (let field = from; field < to; field++) {
      next = this.#nextField(bytes, next, this.#isLast(field));
      const use = this.#program.fields[field]!;
      if (!isText(bytes, this.#from, this.#to)) return null;
      if (use.use !== "entity") continue;
      const text = trimCell(Buffer.from(bytes.subarray(this.#from, this.#to)).toString("utf8"));
      for (const { index, required, reading } of use.targets) {
        const value = readEntityValue(reading, text);
        if (value instanceof Rejection || (value === null && required)) return null;
        values[index] = value;
      }
    }
    return values;
  }

  /** Code of what two runs of fields say together, where a feed's entity columns do not lie side by side. */
  #combine(before: number, value: number, step: number): number {
    const { codes, values } = this.#combinations[step]!;
    const key = before * 2 ** 22 + value;
    let code = codes.get(key);
    if (code === undefined) {
      const previous = this.#runs.findLastIndex((runs, index) => runs !== undefined && index < step);
      const partial =
        previous === this.#firstEntityStep ? this.#partials[previous]! : this.#combinations[previous]!.values;
      const merged = this.#partials[step]![value]!.map(
        (own, column) => own ?? partial[before]![column] ?? null,
      );
      code = step === this.#lastEntityStep ? this.#entities.codeOf(merged) : values.push(merged) - 1;
      codes.set(key, code);
    }
    return code;
  }
}

/** Whether bytes [from, to) are UTF-8; nearly always they are ASCII. */
function isText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! >= 0x80) return isUtf8(bytes.subarray(from, to));
  return true;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function placeOf(field: FieldUse | undefined): number {
  return field?.use === "product" ? field.place : -1;
}

function measureOf(field: FieldUse | undefined): number {
  return field?.use === "decimal" ? field.index : -1;
}
