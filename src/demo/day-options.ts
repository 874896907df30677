import { GridparquetError } from "../errors.js";
import type { Container } from "./sample-file.js";

/** What every generator of a market day takes. The same options always give the same bytes. */
export interface DayOptions {
  /** Operating date, `YYYY-MM-DD`. */
  date: string;
  /** Locations per interval. Each generator has its own default. */
  nodeCount?: number;
  /** Whole number; the locations and their prices follow from it. Default 1. */
  seed?: number;
  /** What the text is put into. Default: what the market itself uses. */
  container?: Container;
}

/** @throws GridparquetError `usage` when the number of nodes is not whole, or not from 1 to `most` */
export function checkNodeCount(nodeCount: number, most: number): void {
  if (Number.isInteger(nodeCount) && nodeCount >= 1 && nodeCount <= most) return;
  throw new GridparquetError("usage", `The number of nodes is from 1 to ${most}, not ${nodeCount}.`);
}
