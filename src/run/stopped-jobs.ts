import { describeError, GridparquetError } from "../errors.js";
import { isJournalThere, journalPath, removeJournal } from "../journal/job-journal.js";
import type { PlannedJob } from "../plan/plan-jobs.js";
import type { JobOutcome } from "./engine.js";
import { failpoint } from "./failpoints.js";
import type { ConvertOptions } from "./options.js";

/**
 * Does nothing when the jobs went on to their ends; what their journals have is kept for the next run when they did not.
 *
 * @throws GridparquetError `disk-full` or `aborted`
 */
export function throwIfStopped(
  outcomes: readonly JobOutcome[],
  jobs: readonly PlannedJob[],
  out: string,
): void {
  const errorOf = (code: string) =>
    outcomes.flatMap((outcome) => ("error" in outcome && outcome.code === code ? [outcome.error] : []))[0];
  const noRoom = errorOf("DISK_FULL");
  if (noRoom === undefined && errorOf("ABORTED") === undefined) return;
  const isKept = jobs.some(({ iso }) => isJournalThere(out, iso));
  if (noRoom !== undefined) {
    const hint = `Make room and run the same command again${isKept ? ": it goes on from where it stopped" : ""}.`;
    throw new GridparquetError("disk-full", noRoom, { hint });
  }
  if (isKept) {
    throw new GridparquetError("aborted", "the run was stopped; what is done is kept", {
      hint: "Run the same command again to go on from there.",
    });
  }
  throw new GridparquetError(
    "aborted",
    "the run was stopped; year files that were not finished have been removed",
    { hint: "Run the same command again to convert everything." },
  );
}

/** Removes the journals of jobs that are over. One that stays only tells the next run that all is done. */
export async function removeJournals(
  out: string,
  jobs: readonly PlannedJob[],
  outcomes: readonly JobOutcome[],
  log: ConvertOptions["onLog"],
): Promise<void> {
  failpoint("journal:before-removal");
  for (const [index, outcome] of outcomes.entries()) {
    if (!("result" in outcome)) continue;
    const { iso } = jobs[index]!;
    await removeJournal(out, iso).catch((error) =>
      log?.("warn", `the journal ${journalPath(out, iso)} was not removed: ${describeError(error)}`),
    );
  }
  failpoint("journal:after-removal");
}
