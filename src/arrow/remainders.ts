import type { MeasureValues } from "./row-batch.js";
import type { TableDefinition } from "./tables.js";
import { setValid, validityBit } from "./validity.js";

/** Prices are printed with at most six decimals: what a subtraction adds beyond them is noise. */
const DECIMALS = 1e6;

/** A measure that is what is left of the total when the other components are taken off; all by index. */
export interface Remainder {
  target: number;
  total: number;
  others: readonly number[];
}

const COMPONENTS = ["lmp_energy", "lmp_congestion", "lmp_loss", "lmp_ghg"];

/**
 * The remainders of a feed.
 *
 * @param names measures to work out
 * @param given measures that the feed's files have
 */
export function remaindersOf(
  table: TableDefinition,
  names: readonly string[],
  given: readonly string[],
): Remainder[] {
  const index = (wanted: string) => table.measures.findIndex(({ name }) => name === wanted);
  return names.map((name) => ({
    target: index(name),
    total: index("lmp_total"),
    others: COMPONENTS.filter((other) => other !== name && given.includes(other)).map(index),
  }));
}

/**
 * Works a remainder out for whole columns; it is missing where one of the others, or the total, is.
 *
 * @param rows number of rows; columns may be longer
 */
export function remainderValues(
  { total, others }: Remainder,
  measures: readonly (MeasureValues | null)[],
  rows: number,
): MeasureValues {
  const inputs = [total, ...others].map((index) => measures[index] ?? null);
  const values = new Float64Array(rows);
  if (inputs.some((input) => input === null)) return { values, validity: new Uint8Array((rows + 7) >> 3) };
  const [from, ...taken] = inputs as [MeasureValues, ...MeasureValues[]];
  values.set(from.values.subarray(0, rows));
  for (const { values: other } of taken) subtract(values, other);
  roundAll(values);
  return { values, validity: commonValidity(inputs as MeasureValues[], rows) };
}

// A loop each, which the compiler makes one piece of fast code of, and not one for each loop that it is in.

function subtract(values: Float64Array, others: MeasureValues["values"]): void {
  for (let row = 0; row < values.length; row++) values[row]! -= others[row]!;
}

function roundAll(values: Float64Array): void {
  // "+ 0" makes a zero of the negative zero that is left of noise below it.
  for (let row = 0; row < values.length; row++)
    values[row] = Math.round(values[row]! * DECIMALS) / DECIMALS + 0;
}

/** Rows that all columns have; null for all of them. */
function commonValidity(columns: readonly MeasureValues[], rows: number): Uint8Array<ArrayBuffer> | null {
  const partial = columns.flatMap(({ validity }) => (validity === null ? [] : [validity]));
  if (partial.length === 0) return null;
  const bits = new Uint8Array((rows + 7) >> 3);
  for (let row = 0; row < rows; row++) {
    if (partial.every((validity) => validityBit(validity, row) === 1)) setValid(bits, row);
  }
  return bits;
}
