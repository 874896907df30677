import { rm, writeFile } from "node:fs/promises";
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
    await writeFile(
      report,
      `${JSON.stringify({ startedAt: startedAt.toISOString(), ...recorded }, null, 2)}\n`,
    );
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
