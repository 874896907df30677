import type { SchemaElement, Statistics } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { deltaBinaryPack } from "hyparquet-writer/src/delta.js";
import { gatherIntegers } from "../arrow/batch-builder.js";
import type { CodedRows } from "../arrow/record-batch.js";
import type { MeasureValues } from "../arrow/row-batch.js";
import { setValid, validityBit } from "../arrow/validity.js";
import { compareValues } from "../order/entity-union.js";
import type { DictionaryColumn, PlainColumn } from "./column-chunk.js";
import { codeWidth } from "./rle-hybrid.js";

const encoder = new TextEncoder();

/** Slots of the hash table in which distinct numbers are found; at most half of them are used. */
const MAX_DISTINCT = 1 << 16;
const SLOTS = MAX_DISTINCT * 2;

/** Runs shorter than this on average are not worth a dictionary. */
const SHORT_RUNS = 8;

/**
 * An interval column: the same value for all rows of a run. Times in epoch milliseconds.
 *
 * A few long runs become run-length codes; where nearly every row has a time of its own, differences are stored.
 */
export function intervalColumn(
  element: SchemaElement,
  rows: CodedRows,
  values: ArrayLike<number>,
): DictionaryColumn | PlainColumn {
  const { runEnds } = rows.intervals;
  const runs = codeRuns(values, runEnds);
  const distinct = [...runs.codes.keys()];
  const [low, high] = [distinct.reduce((a, b) => Math.min(a, b)), distinct.reduce((a, b) => Math.max(a, b))];
  const isTime = element.converted_type === "TIMESTAMP_MICROS";
  const shown = (value: number) =>
    isTime ? new Date(value) : element.converted_type === "DATE" ? new Date(value * 86_400_000) : value;
  const column = {
    element,
    rows: rows.rows,
    validity: null,
    statistics: statistics(shown(low!), shown(high!), 0),
  };
  if (isTime && distinct.length * SHORT_RUNS > rows.rows) {
    const times = new BigInt64Array(rows.rows);
    for (const [run, end] of runEnds.entries()) {
      times.fill(BigInt(values[run]!) * 1000n, run === 0 ? 0 : runEnds[run - 1]!, end);
    }
    const writer = new ByteWriter();
    deltaBinaryPack(writer, times, "INT64");
    return { ...column, plain: writer.getBytes(), encoding: "DELTA_BINARY_PACKED" };
  }
  const plain = isTime
    ? BigInt64Array.from(distinct, (value) => BigInt(value) * 1000n)
    : Int32Array.from(distinct);
  return { ...column, plain: bytesOf(plain), entries: distinct.length, codes: { runs: runs.runs } };
}

/** Codes of the values in the order in which they come, and runs of them. */
function codeRuns(
  values: ArrayLike<number>,
  runEnds: Int32Array,
): { codes: Map<number, number>; runs: [number, number][] } {
  const codes = new Map<number, number>();
  const runs: [number, number][] = [];
  let previous = 0;
  for (const [run, end] of runEnds.entries()) {
    const value = values[run]!;
    const code = codes.get(value) ?? codes.size;
    codes.set(value, code);
    const last = runs.at(-1);
    if (last?.[0] === code) last[1] += end - previous;
    else runs.push([code, end - previous]);
    previous = end;
  }
  return { codes, runs };
}

/** An entity column: each row's value is that of its entity. Null when no row has a value. */
export function entityColumn(
  element: SchemaElement,
  rows: CodedRows,
  index: number,
): DictionaryColumn | null {
  const ofEntity = rows.entities[index]!;
  const positions = new Map<string | number, number>();
  const table = new Int32Array(ofEntity.length).fill(-1);
  for (const [entity, value] of ofEntity.entries()) {
    if (value === null) continue;
    const position = positions.get(value) ?? positions.size;
    positions.set(value, position);
    table[entity] = position;
  }
  const distinct = [...positions.keys()];
  if (distinct.length === 0) return null;
  const all = gatherIntegers(table, rows.entityCodes);
  const validity = table.includes(-1) ? validityOf(all) : null;
  const count = validity === null ? all.length : dropMissing(all);
  const low = distinct.reduce((a, b) => (compareValues(b, a) < 0 ? b : a));
  const high = distinct.reduce((a, b) => (compareValues(b, a) > 0 ? b : a));
  const shown = (value: string | number) => (element.type === "INT64" ? BigInt(value) : value);
  return {
    element,
    rows: rows.rows,
    plain: plainValues(element, distinct),
    entries: distinct.length,
    codes: { values: all, count },
    validity,
    statistics: statistics(shown(low), shown(high), rows.rows - count),
  };
}

/** Arrow validity bitmap of codes of which -1 stands for null. */
function validityOf(codes: Int32Array): Uint8Array {
  const validity = new Uint8Array((codes.length + 7) >> 3);
  for (let row = 0; row < codes.length; row++) if (codes[row]! >= 0) setValid(validity, row);
  return validity;
}

/** Moves the codes that are not -1 to the front; returns how many there are. */
function dropMissing(codes: Int32Array): number {
  let count = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    codes[count] = code;
    if (code >= 0) count++;
  }
  return count;
}

/** Columns with no more values than this are never worth a call of parquet-wasm. */
const FEW_VALUES = 16_384;

/**
 * A measure as distinct values and codes, or as plain values where they are few and mostly distinct; null when
 * neither suits it.
 */
export function measureColumn(
  element: SchemaElement,
  rows: number,
  measure: MeasureValues,
): DictionaryColumn | PlainColumn | null {
  const { values, validity } = measure;
  const present = validity === null ? values.subarray(0, rows) : presentValues(values, validity, rows);
  const found =
    values instanceof Int32Array ? distinctIntegers(present) : distinctDoubles(present as Float64Array);
  const bits = found === null ? 64 : codeWidth(found.distinct.length);
  const codedBytes = found === null ? Infinity : found.distinct.byteLength + (present.length * bits) / 8;
  const column = { element, rows, validity };
  if (found !== null && codedBytes < present.length * WITHOUT_DICTIONARY) {
    const { distinct, codes } = found;
    return {
      ...column,
      plain: bytesOf(distinct),
      entries: distinct.length,
      codes: { values: codes, count: present.length },
      statistics: bounds(element, distinct, rows - present.length),
    };
  }
  if (present.length > FEW_VALUES) return null;
  return { ...column, plain: bytesOf(present), statistics: bounds(element, present, rows - present.length) };
}

/** Bytes to which BYTE_STREAM_SPLIT with zstd brings a real price: a dictionary must do better. */
const WITHOUT_DICTIONARY = 5;

function bounds(element: SchemaElement, values: Float64Array | Int32Array, nulls: number): Statistics {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // Zero has two signs that compare equal: bounds must hold both (Parquet format, "Statistics").
  if (low === 0) low = element.type === "DOUBLE" ? -0 : 0;
  if (high === 0) high = 0;
  return statistics(low, high, nulls);
}

function presentValues(
  values: Float64Array | Int32Array,
  validity: Uint8Array,
  rows: number,
): Float64Array | Int32Array {
  const present = values.slice(0, rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (validityBit(validity, row)) present[count++] = values[row]!;
  }
  return present.subarray(0, count);
}

interface Distinct {
  distinct: Float64Array | Int32Array;
  codes: Int32Array;
}

function distinctIntegers(values: Float64Array | Int32Array): Distinct | null {
  const codes = new Int32Array(values.length);
  const known = new Map<number, number>();
  let value = Number.NaN;
  let code = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== value) {
      value = values[i]!;
      code = known.get(value) ?? known.size;
      if (code === known.size) known.set(value, code);
      if (code >= MAX_DISTINCT) return null;
    }
    codes[i] = code;
  }
  return { distinct: Int32Array.from(known.keys()), codes };
}

const slots = new Int32Array(SLOTS);
const found = new Float64Array(MAX_DISTINCT);
const foundHalves = new Int32Array(found.buffer);

/** Distinct doubles by their bits, in the order in which they come; an open-addressing table without objects. */
function distinctDoubles(values: Float64Array): Distinct | null {
  const codes = new Int32Array(values.length);
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  slots.fill(-1);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const low = halves[i * 2]!;
    const high = halves[i * 2 + 1]!;
    let hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0xc2b2ae35);
    hash ^= hash >>> 15;
    let slot = hash & (SLOTS - 1);
    let code = slots[slot]!;
    while (code >= 0 && (foundHalves[code * 2] !== low || foundHalves[code * 2 + 1] !== high)) {
      slot = (slot + 1) & (SLOTS - 1);
      code = slots[slot]!;
    }
    if (code < 0) {
      if (count === MAX_DISTINCT) return null;
      code = count++;
      slots[slot] = code;
      foundHalves[code * 2] = low;
      foundHalves[code * 2 + 1] = high;
    }
    codes[i] = code;
  }
  return { distinct: found.slice(0, count), codes };
}

/** PLAIN encoding of the values of an entity column (Parquet format, "Plain"). */
function plainValues(element: SchemaElement, values: readonly (string | number)[]): Uint8Array {
  if (element.type === "INT64") return bytesOf(BigInt64Array.from(values, BigInt));
  if (element.type === "DOUBLE") return bytesOf(Float64Array.from(values, Number));
  const texts = values.map((value) => encoder.encode(String(value)));
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length + 4, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += text.length + 4;
  }
  return bytes;
}

function bytesOf(values: Float64Array | Int32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function statistics(low: Statistics["min_value"], high: Statistics["max_value"], nulls: number): Statistics {
  return { min_value: low, max_value: high, null_count: BigInt(nulls) } as Statistics;
}
