import type { BatchBuilder } from "../arrow/batch-builder.js";
import { type Remainder, remainderValues } from "../arrow/remainders.js";
import type { RowBatch } from "../arrow/row-batch.js";
import { TABLES } from "../arrow/tables.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";

/** Turns the signs of a whole batch's measures that a feed prints the other way round than the table has them. */
export function turnSigns(feed: FeedDefinition, builder: BatchBuilder): void {
  const { measures } = TABLES[feed.table];
  for (const { to, reading } of feed.columns) {
    if (reading.kind !== "decimal" || reading.negate !== true) continue;
    const column = builder.values[measures.findIndex(({ name }) => name === to)];
    if (column === null || column === undefined) continue;
    // Not -x, which would make a negative zero of zero.
    for (let row = 0; row < builder.rows; row++) column[row] = 0 - column[row]!;
  }
}

/** The batch with the measures that are what is left of the total; in place. */
export function addRemainders(batch: RowBatch, remainders: readonly Remainder[]): RowBatch {
  for (const remainder of remainders) {
    batch.measures[remainder.target] = remainderValues(remainder, batch.measures, batch.rows);
  }
  return batch;
}
