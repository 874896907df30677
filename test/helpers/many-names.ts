import { entityTable, type RowBatch } from "../../src/arrow/row-batch.js";
import { batchOf, ENERGY, energyRow } from "./rows.js";

/** Rows of one interval, each of a location of its own; `from` is the number of the first. */
export function batchOfNames(from: number, count: number): RowBatch {
  const { entities: _, ...one } = batchOf(ENERGY, [energyRow(Date.UTC(2024, 0, 1), "L", 1)]);
  const names = Array.from({ length: count }, (_, index) => `L${from + index}`);
  const rest = ENERGY.entity.slice(1).map(() => new Array<null>(count).fill(null));
  return {
    ...one,
    rows: count,
    intervals: { ...one.intervals, runEnds: Int32Array.of(count) },
    entities: entityTable(`names ${from} ${count}`, [names, ...rest]),
    entityCodes: Int32Array.from(names.keys()),
    measures: one.measures.map((measure) => measure && { values: new Float64Array(count), validity: null }),
    sources: Int32Array.of(0, count),
  };
}
