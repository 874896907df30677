import { rm } from "node:fs/promises";
import path from "node:path";
import { say } from "./checkout.js";
import { untilYearEnd, WHOLE_YEAR } from "./dataset/settings.js";
import { fewRows } from "./few-rows.js";
import { LAYOUTS } from "./layouts/layouts.js";
import { provideLayoutSet } from "./layouts/provide-layout-set.js";
import { type LayoutResult, runLayouts } from "./layouts/run-layouts.js";
import { DUCKDB_PEERS } from "./peers/duckdb.js";
import { GRIDPARQUET_PEERS, ONE_THREAD } from "./peers/gridparquet.js";
import { type Peer, REFERENCE_PEER } from "./peers/peer.js";
import { provideDataSet, withLargeInputs } from "./provide-data-set.js";
import type { SetResult } from "./record.js";
import { LONG_ROUNDS, type RunSettings, runPeers } from "./run-peers.js";

/** A year of ERCOT's real-time prices: a zip for every quarter of an hour. */
const SMALL_FILES = { layout: "ERCOT small zips", files: 35_000, megabytes: 1 };
/** Rows of the file whose conversion is next to nothing but the start of the program. */
const FEW_ROWS = 100;
/** What takes a third of a second is measured so many times as often. */
const SHORT_ROUNDS = 3;

const ZSTD = GRIDPARQUET_PEERS[0]!;
const REFERENCE = DUCKDB_PEERS.find(({ name }) => name === REFERENCE_PEER)!;
/** Peers beside gridparquet that are asked for a whole year: what is alike, leanest, sorted as well, or another engine. */
const OTHERS_OF_YEAR = [REFERENCE_PEER, "duckdb-file-any-order", "duckdb-file-sorted", "polars-file-zstd"];
const OF_YEAR = [ZSTD.name, ONE_THREAD, ...OTHERS_OF_YEAR];

/** Where the parts work, and how. */
export interface PartSettings extends RunSettings {
  cache: string;
  /** Keep the inputs that take gigabytes. */
  keep: boolean;
}

/**
 * A year of PJM's day-ahead prices, by those of the peers that are asked for so much; and a tenth of its files, which
 * tells what gridparquet's memory has to do with the size of the input.
 */
export async function runYear(
  peers: readonly Peer[],
  settings: PartSettings,
): Promise<{ year: SetResult; tenth: SetResult }> {
  const { cache } = settings;
  const { days, nodes } = WHOLE_YEAR;
  const [whole, part] = [untilYearEnd(days, nodes), untilYearEnd(Math.floor(days / 10), nodes)];
  return withLargeInputs(settings, [whole, part], async () => {
    const ofYear = peers.filter(({ name }) => OF_YEAR.includes(name));
    const year = await runPeers(ofYear, await provideDataSet(cache, whole), settings);
    const tenth = await runPeers([ZSTD], await provideDataSet(cache, part), settings);
    return { year, tenth };
  });
}

/** @throws Error when not every row is converted */
export async function runSmallFiles({ cache, keep: _, ...settings }: PartSettings): Promise<LayoutResult> {
  const layout = LAYOUTS.find(({ name }) => name === SMALL_FILES.layout)!;
  const set = await provideLayoutSet(path.join(cache, "layouts"), layout, SMALL_FILES);
  say(`Input: ${set.files.toLocaleString("en-US")} zips, ${(set.csvBytes / 1e6).toFixed(0)} MB of CSV.`);
  const rounds = Math.min(settings.rounds, LONG_ROUNDS);
  const { results, failed } = await runLayouts([{ layout, set }], { ...settings, rounds });
  if (failed[0] !== undefined) throw new Error(failed[0].reason);
  return results[0]!;
}

/** One file of a hundred rows. */
export async function runStart({ cache, keep: _, ...settings }: PartSettings): Promise<SetResult> {
  const folder = path.join(cache, "few-rows");
  try {
    const dataSet = await fewRows(folder, FEW_ROWS);
    const peers = [ZSTD, REFERENCE];
    say(`Input: one file of ${dataSet.rows} rows.`);
    return await runPeers(peers, dataSet, {
      ...settings,
      rounds: settings.rounds * SHORT_ROUNDS,
      say: () => {},
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
