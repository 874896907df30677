import type { TableName } from "../arrow/tables.js";
import type { FeedCoverage } from "../dataset/coverage.js";
import type { ConvertSummary, OutputFile } from "../run/options.js";
import type { RunSample } from "./run-samples.js";

/** What a page shows, as plain data: nothing after this reads a file. */
export interface ReportModel {
  /** Version of gridparquet. */
  version: string;
  writtenAt: Date;
  /** Output folder, as the user named it. */
  out: string;
  /** Null where the page is about a data set and not about a run. */
  run: RunPart | null;
  /** Empty where it is not known. */
  coverage: readonly FeedDays[];
  prices: PricePart;
  outputs: readonly OutputFile[];
}

/** A run and what was noted while it lasted. */
export interface RunPart {
  startedAt: Date;
  summary: ConvertSummary;
  samples: readonly RunSample[];
  rejected: RejectExamples;
}

/** A rejected record, as the rejects file has it. */
export interface RejectedRow {
  feed: string;
  file: string;
  /** Line of the file; empty where the record is of no line. */
  line: string;
  column: string;
  reason: string;
  record: string;
}

export interface RejectExamples {
  /** The first of each feed. */
  rows: readonly RejectedRow[];
  /** Why some could not be read; null when all could. */
  problem: string | null;
}

/** What the days of a feed hold, from its first to its last. */
export type FeedDays = Pick<FeedCoverage, "iso" | "market" | "feed" | "firstDay" | "dayRows" | "partial">;

export interface PricePart {
  series: readonly PriceSeries[];
  /** Whole sentences: what is not shown, and why. */
  notes: readonly string[];
}

/** Prices of one location, or of one product in one region. */
export interface PriceSeries {
  iso: string;
  market: string;
  feed: string;
  table: TableName;
  /** Location, or product and region. */
  name: string;
  /** `HUB`, `REG_UP`; empty where it is not known. */
  kind: string;
  /** Operating days that have prices, in order. Prices in $/MWh, or in $/MW for ancillary services. */
  days: readonly PriceDay[];
  /** Mean by hour ending, 1 to 24, over {@link days}; null for an hour without prices. */
  hours: readonly (number | null)[];
}

export interface PriceDay {
  /** Days since 1970-01-01. */
  day: number;
  low: number;
  mean: number;
  high: number;
}
