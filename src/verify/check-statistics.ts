import type { ColumnMetaData, Statistics } from "hyparquet";
import { compareValues } from "../order/compare-values.js";
import type { CodedChunk, ColumnValues } from "../parquet/read-column.js";

type Value = string | number;

interface Bounds {
  low: Value;
  high: Value;
}

/** Bounds of what was read last: the next row group has nearly always the same dictionary of texts. */
const known = new WeakMap<object, Bounds | null>();

/**
 * Holds the statistics of a column chunk against its values.
 *
 * @returns what is wrong with them, null when nothing is
 */
export function statisticsProblem(
  { statistics, path_in_schema }: ColumnMetaData,
  chunk: CodedChunk,
): string | null {
  const name = path_in_schema.join(".");
  if (statistics === undefined) return null;
  const { null_count } = statistics;
  if (null_count !== undefined && Number(null_count) !== chunk.nulls)
    return `${name}: the footer says ${null_count} nulls, there are ${chunk.nulls}`;
  const present = chunk.codes.length > chunk.nulls;
  if (!present || (fits(statistics, boundsOf(chunk.values)) ?? fits(statistics, boundsOf(used(chunk)))))
    return null;
  const { low, high } = boundsOf(used(chunk))!;
  const { min_value, max_value } = statistics;
  return `${name}: the footer says ${min_value} to ${max_value}, the values are ${low} to ${high}`;
}

/** True where the statistics are the bounds; null where they are not, or there are no values. */
function fits(statistics: Statistics, bounds: Bounds | null): true | null {
  if (bounds === null) return null;
  const low = agrees(statistics.min_value, bounds.low, statistics.is_min_value_exact !== false, 1);
  return low && agrees(statistics.max_value, bounds.high, statistics.is_max_value_exact !== false, -1)
    ? true
    : null;
}

/** @param side 1 for a lower bound, which may lie below the value where it is not exact; -1 for an upper one */
function agrees(said: Statistics["min_value"], value: Value, isExact: boolean, side: 1 | -1): boolean {
  if (said === undefined) return true;
  const bound = typeof said === "string" ? said : Number(said);
  return isExact ? bound === value : side * compareValues(value, bound) >= 0;
}

function boundsOf(values: ColumnValues): Bounds | null {
  let bounds = known.get(values);
  if (bounds === undefined) {
    bounds = values.length === 0 ? null : findBounds(values);
    known.set(values, bounds);
  }
  return bounds;
}

function findBounds(values: ColumnValues): Bounds {
  if (values instanceof Float64Array) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return { low, high };
  }
  let [low, high] = [values[0]!, values[0]!];
  for (const value of values) {
    if (compareValues(value, low) < 0) low = value;
    if (compareValues(value, high) > 0) high = value;
  }
  return { low, high };
}

/** The values that rows have: a dictionary may hold others. */
function used({ codes, values }: CodedChunk): ColumnValues {
  const isUsed = new Uint8Array(values.length);
  for (const code of codes) if (code >= 0) isUsed[code] = 1;
  if (values instanceof Float64Array) return values.filter((_, code) => isUsed[code] === 1);
  return values.filter((_, code) => isUsed[code] === 1);
}
