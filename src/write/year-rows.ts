import { sumSources } from "../arrow/row-batch.js";
import type { Orphan } from "../order/sort-rows.js";
import type { JobFeed } from "../run/protocol.js";

const MANY_PAIRS = 512;

/** What became of the rows of one year of one feed. Counts are by file index. */
export interface YearRows {
  readonly feed: JobFeed;
  readonly year: number;
  /** Rows taken. */
  readonly accepted: Map<number, number>;
  /** Rows in the published file. */
  readonly written: Map<number, number>;
  /** Duplicates dropped. */
  readonly dropped: Map<number, number>;
  /** Rows that were in the file before and gave way, by the file index of those that took their place. */
  readonly replaced: Map<number, number>;
  /** Rows that were left out because their total never came. */
  readonly orphans: Orphan[];
}

/** What a merge leaves out. */
export type MergedRows = Pick<YearRows, "dropped" | "replaced" | "orphans">;

/** Adds row counts by file to totals by file. */
export function addCounts(totals: Map<number, number>, counts: ReadonlyMap<number, number>): void {
  for (const [file, rows] of counts) totals.set(file, (totals.get(file) ?? 0) + rows);
}

/** Adds pairs of file index and row count to totals by file. */
export function addSources(totals: Map<number, number>, pairs: Int32Array): void {
  // Rows of files by location change their file all the time.
  if (pairs.length > MANY_PAIRS) pairs = sumSources(pairs);
  for (let pair = 0; pair < pairs.length; pair += 2) {
    totals.set(pairs[pair]!, (totals.get(pairs[pair]!) ?? 0) + pairs[pair + 1]!);
  }
}
