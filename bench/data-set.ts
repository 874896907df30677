import { createHash } from "node:crypto";
import path from "node:path";
import { DAY_MS, dashedDay, midnightOf } from "../src/demo/clock-text.js";
import { operatingDay } from "../src/demo/operating-day.js";
import { type PjmDayOptions, pjmDayFile, writePjmDay } from "../src/demo/pjm-files.js";
import { findKeptSet, makeKeptSet } from "./kept-set.js";

/** What a benchmark input is made of. Equal parameters give equal files. */
export interface DataSetParameters {
  /** Day files. */
  days: number;
  /** Nodes per hour. */
  nodes: number;
  seed: number;
  /** Prices of aggregates with six decimals, as PJM prints them, instead of whole cents. */
  sixDecimals: boolean;
  /** Operating date of the first file, `YYYY-MM-DD`. Default: such that half of the files are before a New Year. */
  firstDay?: string;
}

/** A finished input. */
export interface DataSet {
  folder: string;
  files: number;
  rows: number;
  bytes: number;
}

const NEW_YEAR = Date.UTC(2025, 0, 1);

/**
 * Folder of the data set with these parameters. Its name holds a digest of what the generator makes of them, so a
 * changed generator does not find the files of an older one.
 */
export function dataSetFolder(cache: string, parameters: DataSetParameters): string {
  const { days, nodes, seed, sixDecimals } = parameters;
  const sample = pjmDayFile(dayOptions(parameters, 0));
  const hash = createHash("sha256").update(JSON.stringify(parameters));
  hash.update(sample.next().value).update(sample.next().value);
  const kind = sixDecimals ? "six-decimals" : "cents";
  return path.join(cache, `pjm-da-${days}d-${nodes}n-${kind}-s${seed}-${hash.digest("hex").slice(0, 8)}`);
}

/** The finished data set in the folder, or undefined. */
export const findDataSet = findKeptSet<Omit<DataSet, "folder">>;

/**
 * Makes the data set, whole or not at all.
 *
 * @param onDay called after each day file
 */
export async function makeDataSet(
  folder: string,
  parameters: DataSetParameters,
  onDay: (done: number) => void,
): Promise<void> {
  await makeKeptSet(folder, async (input) => {
    let bytes = 0;
    let hours = 0;
    for (let day = 0; day < parameters.days; day++) {
      bytes += (await writePjmDay(input, dayOptions(parameters, day))).bytes;
      hours += operatingDay(dateOf(parameters, day), 60).length;
      onDay(day + 1);
    }
    return { parameters, files: parameters.days, rows: hours * parameters.nodes, bytes };
  });
}

/** Operating date of a day file, `YYYY-MM-DD`. @param day from 0 */
function dateOf({ days, firstDay }: DataSetParameters, day: number): string {
  const first = firstDay === undefined ? NEW_YEAR - Math.floor(days / 2) * DAY_MS : midnightOf(firstDay);
  return dashedDay(first + day * DAY_MS);
}

/** What the generator is told for a day file. @param day from 0 */
export function dayOptions(parameters: DataSetParameters, day: number): PjmDayOptions {
  const { nodes, seed, sixDecimals } = parameters;
  const date = dateOf(parameters, day);
  return { feed: "da_hourly", date, nodeCount: nodes, seed, sixDecimalAggregates: sixDecimals };
}
