import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ConvertSummary } from "../../src/run/options.js";
import { digestOutput, parquetBytes } from "../digest.js";
import { measureScript, runScript, type Usage } from "../measure.js";
import { GRIDPARQUET_PEERS } from "../peers/gridparquet.js";
import { FIRST_DAY, type LayoutSet } from "./layout-set.js";
import type { Layout } from "./layouts.js";
import { marketOffsets } from "./market-offsets.js";

/** What was measured of one layout. */
export interface LayoutResult {
  name: string;
  input: Omit<LayoutSet, "folder">;
  rows: number;
  /** One entry per round, the warm-up left out. */
  runs: Usage[];
  /** The same of DuckDB; empty where it cannot read the layout. Records of before it was measured have none. */
  duckdbRuns?: Usage[];
  /** Parquet that is written; null for DuckDB where it takes no part. Records of before it was measured have none. */
  outputBytes?: { own: number; duckdb: number | null };
  /** Seconds of inflating alone, one entry per round; empty where nothing is packed. */
  inflateSeconds: number[];
}

export interface LayoutFailure {
  name: string;
  reason: string;
}

export interface LayoutRunSettings {
  rounds: number;
  threads: number;
  /** Folder for outputs; emptied before each run. */
  work: string;
  say: (text: string) => void;
}

/** A layout that has been converted whole. */
interface Candidate {
  layout: Layout;
  set: LayoutSet;
  result: LayoutResult;
  /** What DuckDB is asked for; null when it takes no part. */
  select: string | null;
}

const CONVERT = GRIDPARQUET_PEERS[0]!;
const DUCKDB = fileURLToPath(new URL("./duckdb-child.js", import.meta.url));

/**
 * Converts every input once to see that it comes out whole, with the values that DuckDB finds in it, then in rounds,
 * taking turns with DuckDB. A layout that is not converted whole is left out, with the reason.
 */
export async function runLayouts(
  inputs: readonly { layout: Layout; set: LayoutSet }[],
  settings: LayoutRunSettings,
): Promise<{ results: LayoutResult[]; failed: LayoutFailure[] }> {
  const failed: LayoutFailure[] = [];
  const measured: Candidate[] = [];
  for (const { layout, set } of inputs) {
    try {
      measured.push(await warmUp(layout, set, settings));
      settings.say(`  warm-up ${layout.name}`);
    } catch (error) {
      failed.push({ name: layout.name, reason: (error as Error).message });
    }
  }
  for (let round = 1; round <= settings.rounds; round++) {
    for (const { layout, set, result, select } of measured) {
      const report = path.join(settings.work, "usage.json");
      const args = CONVERT.args(await freshTask(set.folder, settings));
      result.runs.push(await measureScript(CONVERT.script, report, { args }));
      if (select !== null) {
        const { output } = await freshTask(set.folder, settings);
        const ofDuckdb = { args: [select, output, String(settings.threads)] };
        result.duckdbRuns!.push(await measureScript(DUCKDB, report, ofDuckdb));
      }
      if (layout.packed) result.inflateSeconds.push(await inflate(set.folder, result.input.csvBytes));
      const [own, duckdb] = [result.runs, result.duckdbRuns!].map((runs) =>
        runs.at(-1)?.wallSeconds.toFixed(2),
      );
      settings.say(
        `  round ${round} ${layout.name}: ${own} s${duckdb === undefined ? "" : `, DuckDB ${duckdb} s`}`,
      );
    }
  }
  return { results: measured.map(({ result }) => result), failed };
}

/** @throws Error when the run fails, anything was skipped or rejected, or DuckDB finds other values in the files */
async function warmUp(layout: Layout, set: LayoutSet, settings: LayoutRunSettings): Promise<Candidate> {
  const { folder, ...input } = set;
  const rows = await convertWhole(folder, settings);
  const outputBytes: LayoutResult["outputBytes"] = {
    own: await parquetBytes(path.join(settings.work, "output")),
    duckdb: null,
  };
  const runs = { runs: [], duckdbRuns: [], inflateSeconds: [] };
  const result = { name: layout.name, input, rows, outputBytes, ...runs };
  if (layout.duckdb === null) return { layout, set, result, select: null };
  const { table, timeZone, pattern, select } = layout.duckdb;
  const clock = marketOffsets(FIRST_DAY, set.days, timeZone);
  // Which pass of the repeated hour a row is of, no plain query tells where only the order of the records does.
  const scope = { table, without: clock.longDays };
  const own = await digestOutput(path.join(settings.work, "output"), scope);
  const query = select({ files: path.join(folder, pattern), clock });
  const { output } = await freshTask(folder, settings);
  await runScript("./layouts/duckdb-child.js", [query, output, String(settings.threads)]);
  const duckdb = await digestOutput(output, scope);
  outputBytes.duckdb = await parquetBytes(output);
  if (duckdb.rows !== own.rows) throw new Error(`DuckDB writes ${duckdb.rows} rows, gridparquet ${own.rows}`);
  if (duckdb.fingerprint !== own.fingerprint) throw new Error("DuckDB writes other values");
  return { layout, set, result, select: query };
}

/**
 * Converts once. @returns rows written
 * @throws Error when the run fails or anything was skipped or rejected
 */
async function convertWhole(folder: string, settings: LayoutRunSettings): Promise<number> {
  const args = CONVERT.args(await freshTask(folder, settings));
  const { totals } = JSON.parse(await runScript("../src/cli.js", [...args, "--json"])) as ConvertSummary;
  const { rowsRead, rowsWritten, filesSkipped } = totals;
  if (rowsRead === rowsWritten && filesSkipped === 0) return rowsWritten;
  throw new Error(`${rowsWritten} of ${rowsRead} rows were written, ${filesSkipped} files skipped`);
}

async function freshTask(input: string, { work, threads }: LayoutRunSettings) {
  await rm(work, { recursive: true, force: true });
  const output = path.join(work, "output");
  await mkdir(output, { recursive: true });
  return { input, output, threads };
}

/** Seconds that inflating takes in one process. @throws Error when other than `csvBytes` bytes come out */
async function inflate(folder: string, csvBytes: number): Promise<number> {
  const { seconds, bytes } = JSON.parse(await runScript("./layouts/inflate-child.js", [folder]));
  if (bytes !== csvBytes) throw new Error(`${bytes} bytes were inflated, not ${csvBytes}`);
  return seconds;
}
