import type { PlannedJob } from "../plan/plan-jobs.js";
import type { JobOutcome } from "./engine.js";

/** What became of the files that were planned together ({@link PlannedJob.groups}), as a run's record has it. */
export interface GroupAccount {
  iso: string;
  /** Place among the groups of the ISO, from 0. */
  index: number;
  /** Files that were read. */
  files: number;
  /** Rows that were read. */
  rows: number;
  /** Sum over the files (see `FileAccount.seconds`); null where an earlier run has read all of them. */
  seconds: number | null;
  /** How often its tasks, which hold one file or several, were decoded again since their thread had died. */
  retries: number;
  /** Rows that were rejected. */
  rejects: number;
}

/** The accounts of the groups of all jobs that did not fail. */
export function groupAccounts(jobs: readonly PlannedJob[], outcomes: readonly JobOutcome[]): GroupAccount[] {
  return outcomes.flatMap((outcome, job) => {
    if ("error" in outcome) return [];
    const { iso, groups } = jobs[job]!;
    const { result, times } = outcome;
    return groups.map(({ tasks }, index): GroupAccount => {
      // A file may have a task for each of its ranges.
      const ofGroup = new Set(tasks.flatMap(({ files }) => files));
      const group = { iso, index, files: 0, rows: 0, seconds: null as number | null, rejects: 0 };
      for (const file of ofGroup) {
        const account = result.accounts[file];
        const seconds = times.secondsOf(file);
        if (account) {
          group.files++;
          group.rows += account.rowsRead;
          group.rejects += account.rowsRejected;
        }
        if (seconds !== null) group.seconds = roundedSeconds((group.seconds ?? 0) + seconds);
      }
      return { ...group, retries: times.taskRetriesOf(ofGroup) };
    });
  });
}

/** To the microsecond, as they are measured. */
function roundedSeconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
