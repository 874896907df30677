import type { SchemaElement, Statistics } from "hyparquet";
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { deltaBinaryPack } from "hyparquet-writer/src/delta.js";
import type { CodedRows } from "../arrow/record-batch.js";
import type { EntityValue, MeasureValues } from "../arrow/row-batch.js";
import { validityBit } from "../arrow/validity.js";
import { compareValues } from "../order/compare-values.js";
import type { Scratch } from "../wasm/scratch.js";
import type { DictionaryColumn, PlainColumn } from "./column-chunk.js";
import { codeWidth } from "./rle-hybrid.js";

/** Most distinct values of a column that are told apart. */
const MAX_DISTINCT = 1 << 16;

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
  const { distinct, runs } = codeRuns(values, runEnds);
  const [low, high] = [distinct.reduce((a, b) => Math.min(a, b)), distinct.reduce((a, b) => Math.max(a, b))];
  const isTime = element.converted_type === "TIMESTAMP_MICROS";
  const shown = (value: number) =>
    isTime ? new Date(value) : element.converted_type === "DATE" ? new Date(value * 86_400_000) : value;
  const column = {
    element,
    rows: rows.rows,
    levels: null,
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
  return { ...column, plain: bytesOf(plain), entries: distinct.length, codes: { runs } };
}

/** The distinct values in the order in which they come first, and pairs of a value's place there and its rows. */
function codeRuns(
  values: ArrayLike<number>,
  runEnds: Int32Array,
): { distinct: number[]; runs: Int32Array<ArrayBuffer> } {
  const distinct: number[] = [];
  const runs = new Int32Array(runEnds.length * 2);
  // Times ascend: as long as they do, none has come before.
  let codes: Map<number, number> | null = null;
  let last = Number.NEGATIVE_INFINITY;
  let pairs = 0;
  let previous = 0;
  for (let run = 0; run < runEnds.length; run++) {
    const value = values[run]!;
    const rows = runEnds[run]! - previous;
    previous += rows;
    if (value === last) {
      runs[pairs * 2 - 1]! += rows;
      continue;
    }
    if (value < last && codes === null) codes = new Map(distinct.map((known, code) => [known, code]));
    last = value;
    let code = codes?.get(value);
    if (code === undefined) {
      code = distinct.push(value) - 1;
      codes?.set(value, code);
    }
    runs[pairs * 2] = code;
    runs[pairs * 2 + 1] = rows;
    pairs++;
  }
  return { distinct, runs: runs.slice(0, pairs * 2) };
}

/** What an entity column says of all entities together. */
interface EntityPage {
  /** By entity: place of its value among the distinct ones, -1 for none. */
  positions: Int32Array;
  plain: Uint8Array;
  entries: number;
  low: Statistics["min_value"];
  high: Statistics["max_value"];
}

type EntityValues = readonly EntityValue[];

/** Sorting hands out the same columns as long as a row group has all entities, which is nearly always. */
const entityPages = new WeakMap<EntityValues, EntityPage | null>();

/** The distinct values of an entity column; null when there are none. */
function entityPage(element: SchemaElement, ofEntity: EntityValues): EntityPage | null {
  let page = entityPages.get(ofEntity);
  if (page === undefined) {
    page = makeEntityPage(element, ofEntity);
    entityPages.set(ofEntity, page);
  }
  return page;
}

function makeEntityPage(element: SchemaElement, ofEntity: EntityValues): EntityPage | null {
  const places = new Map<string | number, number>();
  const positions = new Int32Array(ofEntity.length).fill(-1);
  const distinct: (string | number)[] = [];
  for (let entity = 0; entity < ofEntity.length; entity++) {
    const value = ofEntity[entity]!;
    if (value === null) continue;
    let place = places.get(value);
    if (place === undefined) {
      place = distinct.push(value) - 1;
      places.set(value, place);
    }
    positions[entity] = place;
  }
  if (distinct.length === 0) return null;
  const { low, high } = rangeOf(distinct);
  const shown = (value: string | number) => (element.type === "INT64" ? BigInt(value) : value);
  return {
    positions,
    plain: plainValues(element, distinct),
    entries: distinct.length,
    low: shown(low),
    high: shown(high),
  };
}

/** Least and greatest of some values. */
function rangeOf(values: readonly (string | number)[]): Record<"low" | "high", string | number> {
  let low = values[0]!;
  let high = low;
  for (const value of values) {
    // Names come in their order: they are compared once each.
    if (compareValues(value, high) >= 0) high = value;
    else if (compareValues(value, low) < 0) low = value;
  }
  return { low, high };
}

/** An entity column: each row's value is that of its entity. Null when no row has a value. */
export function entityColumn(
  element: SchemaElement,
  { rows, entities, entityCodes }: CodedRows,
  index: number,
  scratch: Scratch,
): DictionaryColumn | null {
  const page = entityPage(element, entities[index]!);
  if (page === null) return null;
  const { kernels } = scratch;
  let codes: Int32Array = entityCodes.subarray(0, rows);
  // Where each entity has a value of its own, its code is that of the value.
  if (page.entries < page.positions.length) {
    const from = scratch.addressOf(codes);
    codes = scratch.int32(rows);
    kernels.gather4(scratch.addressOf(page.positions), from, rows, codes.byteOffset);
  }
  let levels: Int32Array | null = null;
  let count = rows;
  if (page.positions.includes(-1)) {
    levels = scratch.int32(rows);
    kernels.levelsOfCodes(codes.byteOffset, rows, levels.byteOffset);
    count = kernels.dropNegative(codes.byteOffset, rows);
  }
  return {
    element,
    rows,
    plain: page.plain,
    entries: page.entries,
    codes: { values: codes, count },
    period: page.positions.length,
    levels,
    statistics: statistics(page.low, page.high, rows - count),
  };
}

/** A measure as distinct values and codes; where too many differ, as the values themselves. */
export function measureColumn(
  element: SchemaElement,
  rows: number,
  measure: MeasureValues,
  scratch: Scratch,
): DictionaryColumn | PlainColumn {
  const { values, validity } = measure;
  const present = validity === null ? values.subarray(0, rows) : presentValues(values, validity, rows);
  const found = distinctValues(present, scratch);
  const bits = found === null ? 64 : codeWidth(found.distinct.length);
  const codedBytes = found === null ? Infinity : found.distinct.byteLength + (present.length * bits) / 8;
  const coded = codedBytes < present.length * WITHOUT_DICTIONARY ? found : null;
  if (coded !== null) sortDistinct(coded, scratch);
  const shown = coded?.distinct ?? present;
  const column = {
    element,
    rows,
    levels: validity === null ? null : levelsOf(validity, rows, scratch),
    statistics: bounds(element, shown, rows - present.length),
  };
  if (coded === null) return { ...column, ...withoutDictionary(present) };
  return {
    ...column,
    plain: bytesOf(shown),
    entries: coded.distinct.length,
    codes: { values: coded.codes, count: present.length },
  };
}

/** Fewer whole numbers come to next to nothing in any form. */
const FEW_VALUES = 16_384;

/**
 * Whole numbers step evenly. Prices are stored as they are: zstd brings real ones with four decimals to 3.6 bytes so, and
 * to 6.5 when they are split by byte, which hides those that come back; with six decimals to 6.7 and to 7.0.
 */
function withoutDictionary(values: Float64Array | Int32Array): Pick<PlainColumn, "plain" | "encoding"> {
  if (values instanceof Float64Array || values.length <= FEW_VALUES) return { plain: bytesOf(values) };
  const writer = new ByteWriter();
  deltaBinaryPack(writer, values, "INT32");
  return { plain: writer.getBytes(), encoding: "DELTA_BINARY_PACKED" };
}

function levelsOf(validity: Uint8Array, rows: number, scratch: Scratch): Int32Array {
  const levels = scratch.int32(rows);
  scratch.kernels.levelsOfBits(scratch.addressOf(validity), rows, levels.byteOffset);
  return levels;
}

/**
 * Bytes for each value that a dictionary and its codes must stay below, before compression. Real prices with four decimals
 * come to 3 to 3.7 by themselves, with six to 6.7; a dictionary's entries shrink as they do, its codes hardly.
 */
const WITHOUT_DICTIONARY = 5;

function bounds(element: SchemaElement, values: Float64Array | Int32Array, nulls: number): Statistics {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  // Not by an iterator, which makes an object for each value until the loop has been compiled.
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
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
  /** Memory that the search took. */
  slots: Int32Array;
}

/**
 * Puts distinct prices in ascending order. Sorted, they take two thirds of the bytes, and codes of prices that are close
 * to each other begin alike. Of whole numbers there are few.
 */
function sortDistinct({ distinct, codes, slots }: Distinct, { kernels }: Scratch): void {
  if (!(distinct instanceof Float64Array) || distinct.length < 2) return;
  const [found, at] = [distinct.byteOffset, codes.byteOffset];
  kernels.sortDistinct8(found, distinct.length, at, codes.length, slots.byteOffset);
}

/** Distinct numbers by their bits, in the order in which they come; null when there are too many. */
function distinctValues(values: Float64Array | Int32Array, scratch: Scratch): Distinct | null {
  const { kernels } = scratch;
  const isDouble = values instanceof Float64Array;
  const from = scratch.addressOf(values);
  const codes = scratch.int32(values.length);
  const found = isDouble ? scratch.float64(MAX_DISTINCT) : scratch.int32(MAX_DISTINCT);
  const slots = scratch.int32(MAX_DISTINCT * 8);
  const addresses = [codes.byteOffset, found.byteOffset, slots.byteOffset] as const;
  const count = isDouble
    ? kernels.distinct8(from, values.length, ...addresses, MAX_DISTINCT, scratch.cents)
    : kernels.distinct4(from, values.length, ...addresses, MAX_DISTINCT);
  return count < 0 ? null : { distinct: found.subarray(0, count), codes, slots };
}

/** PLAIN encoding of the values of an entity column (Parquet format, "Plain"). */
function plainValues(element: SchemaElement, values: readonly (string | number)[]): Uint8Array {
  if (element.type === "INT64") return bytesOf(BigInt64Array.from(values, BigInt));
  if (element.type === "DOUBLE") return bytesOf(Float64Array.from(values, Number));
  const texts = values.map(String);
  const bytes = Buffer.alloc(texts.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of texts) {
    const count = bytes.write(text, at + 4);
    bytes.writeUInt32LE(count, at);
    at += 4 + count;
  }
  return bytes;
}

function bytesOf(values: Float64Array | Int32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function statistics(low: Statistics["min_value"], high: Statistics["max_value"], nulls: number): Statistics {
  return { min_value: low, max_value: high, null_count: BigInt(nulls) } as Statistics;
}
