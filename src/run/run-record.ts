import { type FileHandle, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeWriteError, EXIT } from "../errors.js";
import { makeFolder } from "../make-folder.js";
import type { TaskTime } from "./decode-runner.js";
import type { MemorySamples } from "./memory-log.js";
import type { MemoryPlan } from "./memory-plan.js";
import type { ConvertSummary } from "./options.js";
import { runPage } from "./run-page.js";

/** Folder of a run's record below the output folder: its start, to the millisecond, in UTC. */
export function runRecordFolder(out: string, startedAt: Date): string {
  return join(out, "_gridparquet", "runs", startedAt.toISOString().replace(/[:.]/g, "-"));
}

/** What a run's record says beside the summary. */
export interface RunDetails {
  versions: { gridparquet: string; node: string; platform: string; arch: string; cpus: number };
  /** With every default filled in. */
  settings: object;
  memory: { plan: MemoryPlan; leastCreditShare: number };
  decoding: { workerDeaths: number; slowest: readonly TaskTime[] };
}

/**
 * Leaves the record of a run below the output folder: run.json, the whole summary with the account of every file;
 * memory.json, samples of the memory; summary.md, a page for people.
 *
 * All records are kept: they are what tells years later where rows come from, and small (run.json takes about 400
 * bytes for each file that was read).
 *
 * @returns the summary with the path of its record; when the record cannot be written, which hurts no year file, the
 *   summary with that failure
 */
export async function writeRunRecord(
  out: string,
  startedAt: Date,
  summary: ConvertSummary,
  details: RunDetails,
  memory: MemorySamples,
): Promise<ConvertSummary> {
  const folder = runRecordFolder(out, startedAt);
  const report = join(folder, "run.json");
  const recorded = { ...summary, report };
  try {
    await makeFolder(folder);
    const handle = await open(report, "w");
    try {
      await writeRecord(handle, { startedAt: startedAt.toISOString(), ...details, ...recorded });
    } finally {
      await handle.close();
    }
    await writeFile(join(folder, "memory.json"), `${JSON.stringify(memory)}\n`);
    await writeFile(join(folder, "summary.md"), runPage(startedAt, recorded, details));
    return recorded;
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    const message = `the record of the run was not written: ${describeWriteError(error)}`;
    const status = summary.status === "complete" ? "partial" : summary.status;
    return {
      ...summary,
      status,
      exitCode: EXIT[status],
      failures: [...summary.failures, { file: report, message }],
    };
  }
}

/** Accounts of files that are written at a time: of a year of small files, all of them would be tens of megabytes. */
const FILES_AT_ONCE = 1000;

/** The record as JSON, its files last. */
async function writeRecord(
  handle: FileHandle,
  record: ConvertSummary & RunDetails & { startedAt: string },
): Promise<void> {
  const { files, ...rest } = record;
  await handle.appendFile(`${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "files": [`);
  for (let from = 0; from < files.length; from += FILES_AT_ONCE) {
    const lot = JSON.stringify(files.slice(from, from + FILES_AT_ONCE), null, 2);
    const inner = lot.slice(2, -2).replaceAll("\n", "\n  ");
    await handle.appendFile(`${from === 0 ? "" : ","}\n  ${inner}`);
  }
  await handle.appendFile(`${files.length === 0 ? "" : "\n  "}]\n}\n`);
}
