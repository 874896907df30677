import type { BatchBuilder } from "../arrow/batch-builder.js";
import { TABLES } from "../arrow/tables.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";

const COMPONENTS = ["lmp_energy", "lmp_congestion", "lmp_loss", "lmp_ghg"];
/** Prices are printed with at most six decimals: what a subtraction adds beyond them is noise. */
const DECIMALS = 1e6;

/**
 * Measures that a feed does not print as the table has them, worked out for a whole batch at once: signs turned, and
 * the component that is left when the others are taken off the total.
 */
export function deriveMeasures(feed: FeedDefinition, builder: BatchBuilder): void {
  const measures = TABLES[feed.table].measures.map(({ name }) => name);
  const values = (name: string): Float64Array => builder.values[measures.indexOf(name)] as Float64Array;
  for (const { to, reading } of feed.columns) {
    if (reading.kind !== "decimal" || reading.negate !== true) continue;
    const column = values(to);
    // Not -x, which would make a negative zero of zero.
    for (let row = 0; row < builder.rows; row++) column[row] = 0 - column[row]!;
  }
  for (const name of feed.remainders) {
    const others = COMPONENTS.filter(
      (other) => other !== name && feed.columns.some(({ to }) => to === other),
    );
    const inputs = ["lmp_total", ...others].map((other) => measures.indexOf(other));
    const target = values(name);
    for (let row = 0; row < builder.rows; row++) {
      if (inputs.some((measure) => builder.isNull(measure, row))) {
        builder.setNull(measures.indexOf(name), row);
        continue;
      }
      let rest = builder.values[inputs[0]!]![row]!;
      for (let i = 1; i < inputs.length; i++) rest -= builder.values[inputs[i]!]![row]!;
      target[row] = Math.round(rest * DECIMALS) / DECIMALS;
    }
  }
}
