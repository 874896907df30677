import { type FileHandle, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeWriteError, EXIT } from "../errors.js";
import { makeFolder } from "../make-folder.js";
import type { MemorySamples } from "./memory-log.js";
import type { ConvertSummary } from "./options.js";
import type { RunDetails } from "./run-details.js";
import { runPage } from "./run-page.js";

/** Folder of a run's record below the output folder: its start, to the millisecond, in UTC. */
export function runRecordFolder(out: string, startedAt: Date): string {
  return join(out, "_gridparquet", "runs", startedAt.toISOString().replace(/[:.]/g, "-"));
}

/**
 * Leaves the record of a run below the output folder: run.json, the whole summary with the account of every file;
 * memory.json, samples of the memory; summary.md, a page for people.
 *
 * All records are kept: they are what tells years later where rows come from, and small (run.json takes about 450
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

/** Accounts that are written at a time: of a year of small files, all of them would be tens of megabytes. */
const ACCOUNTS_AT_ONCE = 1000;

/** The record as JSON, its groups and files last. */
async function writeRecord(
  handle: FileHandle,
  record: ConvertSummary & RunDetails & { startedAt: string },
): Promise<void> {
  const { groups, files, ...rest } = record;
  await handle.appendFile(JSON.stringify(rest, null, 2).slice(0, -2));
  await writeAccounts(handle, "groups", groups);
  await writeAccounts(handle, "files", files);
  await handle.appendFile("\n}\n");
}

async function writeAccounts(handle: FileHandle, name: string, accounts: readonly object[]): Promise<void> {
  await handle.appendFile(`,\n  "${name}": [`);
  for (let from = 0; from < accounts.length; from += ACCOUNTS_AT_ONCE) {
    const lot = JSON.stringify(accounts.slice(from, from + ACCOUNTS_AT_ONCE), null, 2);
    const inner = lot.slice(2, -2).replaceAll("\n", "\n  ");
    await handle.appendFile(`${from === 0 ? "" : ","}\n  ${inner}`);
  }
  await handle.appendFile(`${accounts.length === 0 ? "" : "\n  "}]`);
}
