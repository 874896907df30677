import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { describeWriteError, EXIT } from "../errors.js";
import { makeFolder } from "../make-folder.js";
import type { ConvertSummary } from "./options.js";

/** Folder of a run's record below the output folder: its start, to the millisecond, in UTC. */
export function runRecordFolder(out: string, startedAt: Date): string {
  return join(out, "_gridparquet", "runs", startedAt.toISOString().replace(/[:.]/g, "-"));
}

/**
 * Leaves the whole summary, with the account of every file, as run.json below the output folder.
 *
 * @returns the summary with the path of its record; when the record cannot be written, which hurts no year file, the
 *   summary with that failure
 */
export async function writeRunRecord(
  out: string,
  startedAt: Date,
  summary: ConvertSummary,
): Promise<ConvertSummary> {
  const folder = runRecordFolder(out, startedAt);
  const report = join(folder, "run.json");
  const recorded = { ...summary, report };
  try {
    await makeFolder(folder);
    const handle = await open(report, "w");
    try {
      await writeRecord(handle, { startedAt: startedAt.toISOString(), ...recorded });
    } finally {
      await handle.close();
    }
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
  record: ConvertSummary & { startedAt: string },
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
