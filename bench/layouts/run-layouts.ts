import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { ConvertSummary } from "../../src/run/options.js";
import { measureScript, runScript, type Usage } from "../measure.js";
import { GRIDPARQUET_PEERS } from "../peers/gridparquet.js";
import type { LayoutSet } from "./layout-set.js";
import type { Layout } from "./layouts.js";

/** What was measured of one layout. */
export interface LayoutResult {
  name: string;
  input: Omit<LayoutSet, "folder">;
  rows: number;
  /** One entry per round, the warm-up left out. */
  runs: Usage[];
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

const CONVERT = GRIDPARQUET_PEERS[0]!;

/**
 * Converts every input once to see that it comes out whole, then in rounds, taking turns. A layout that is not
 * converted whole is left out, with the reason.
 */
export async function runLayouts(
  inputs: readonly { layout: Layout; set: LayoutSet }[],
  settings: LayoutRunSettings,
): Promise<{ results: LayoutResult[]; failed: LayoutFailure[] }> {
  const failed: LayoutFailure[] = [];
  const measured: { layout: Layout; folder: string; result: LayoutResult }[] = [];
  for (const { layout, set } of inputs) {
    const { folder, ...input } = set;
    const { name } = layout;
    try {
      const rows = await convertWhole(folder, settings);
      measured.push({ layout, folder, result: { name, input, rows, runs: [], inflateSeconds: [] } });
      settings.say(`  warm-up ${name}`);
    } catch (error) {
      failed.push({ name, reason: (error as Error).message });
    }
  }
  for (let round = 1; round <= settings.rounds; round++) {
    for (const { layout, folder, result } of measured) {
      const args = CONVERT.args(await freshTask(folder, settings));
      const usage = await measureScript(CONVERT.script, path.join(settings.work, "usage.json"), { args });
      result.runs.push(usage);
      if (layout.packed) result.inflateSeconds.push(await inflate(folder, result.input.csvBytes));
      settings.say(`  round ${round} ${layout.name}: ${usage.wallSeconds.toFixed(2)} s`);
    }
  }
  return { results: measured.map(({ result }) => result), failed };
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
