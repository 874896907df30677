import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { measureScript, runScript, type Usage } from "../measure.js";
import { GRIDPARQUET_PEERS } from "../peers/gridparquet.js";

const CLI = GRIDPARQUET_PEERS[0]!.script;

/** What `status --json` says of a dataset, as far as it is of use here. */
export interface StatusSummary {
  totals: { feeds: number; files: number; rows: number; bytes: number; missingDays: number };
  feeds: { locations: number | null; years: { rowGroups: number; path: string }[] }[];
}

/** Measures the command as a whole process. @param work folder for the measurement's own file */
export async function measureCommand(work: string, args: readonly string[]): Promise<Usage> {
  await mkdir(work, { recursive: true });
  return measureScript(CLI, path.join(work, "usage.json"), { args });
}

/** Runs the command without measuring it. @returns what it printed with `--json` */
export async function jsonOf<T>(args: readonly string[]): Promise<T> {
  return JSON.parse(await runScript("../src/cli.js", [...args, "--json"])) as T;
}

/** Arguments of `convert`. */
export function convertArgs(inputs: readonly string[], out: string, threads: number): string[] {
  return ["convert", ...inputs, "--out", out, "--threads", String(threads), "--quiet"];
}

/** An empty folder in place of what is there. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

/** What a dataset holds. @throws Error when it has other than so many rows, or days are missing */
export async function checkDataset(folder: string, rows: number): Promise<StatusSummary> {
  const status = await jsonOf<StatusSummary>(["status", folder]);
  const { totals } = status;
  if (totals.rows !== rows) throw new Error(`${totals.rows} rows were written, not ${rows}`);
  if (totals.missingDays > 0) throw new Error(`${totals.missingDays} days are missing`);
  return status;
}
