import { DAY_MS, dashedDay, midnightOf } from "../../src/demo/clock-text.js";
import type { DataSetParameters } from "../data-set.js";

/** What can be measured of the life of a dataset, each by itself. */
export const PARTS = ["update", "merge", "status", "verify"] as const;
export type PartName = (typeof PARTS)[number];

/** Sizes and settings of a run. */
export interface DatasetSettings {
  /** Parts; empty for all. */
  only: PartName[];
  rounds: number;
  /** Day files of the dataset, the one that is added among them. */
  days: number;
  /** PJM's nodes per hour; the locations of the other ISOs are in proportion to it. */
  nodes: number;
  mergeDays: number;
  mergeNodes: number;
  threads: number;
}

/** 55 million rows: what PJM publishes of a leap year. */
export const WHOLE_YEAR = { days: 366, nodes: 6260 } as const;

/** Of a leap year. A day that is added at the end of a year meets a year file that is as large as it gets. */
const LAST_DAY = "2024-12-31";

/** Parameters of PJM day files that end with a year. */
export function untilYearEnd(days: number, nodes: number): DataSetParameters {
  const firstDay = dashedDay(midnightOf(LAST_DAY) - (days - 1) * DAY_MS);
  return { days, nodes, seed: 1, sixDecimals: false, firstDay };
}
