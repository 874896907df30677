import { EXIT } from "../errors.js";
import { type FeedDefinition, feedKey } from "../feeds/feed-definition.js";
import { compareValues } from "../order/compare-values.js";
import type { RunPlan } from "../plan/plan-run.js";
import type { JobOutcome } from "./engine.js";
import {
  type ConvertSummary,
  type FileAccount,
  MAX_UNMAPPED,
  NO_ROWS,
  type PassedOver,
  type RowAccount,
  type UnmappedWord,
} from "./options.js";
import type { ResolvedOptions } from "./resolved-options.js";

const ACCOUNTS_WRONG = "the accounts do not add up (a mistake of gridparquet; please report it)";

/**
 * The summary of a run: what became of its jobs, and of every row.
 *
 * @param outcomes by the places of the plan's jobs; none of a dry run
 * @param seconds wall time
 * @param peak highest resident set size in bytes
 */
export function summariseRun(
  plan: RunPlan,
  outcomes: readonly JobOutcome[],
  { strict, update }: ResolvedOptions,
  seconds: number,
  peak: number,
): ConvertSummary {
  const files: FileAccount[] = [];
  const failures = [...plan.failures];
  const outputs: ConvertSummary["outputs"] = [];
  const unmapped: UnmappedWord[] = [];
  const resumed: ConvertSummary["resumed"] = [];
  const passedOver = new Map<string, PassedOver>();
  let rejects: string | null = null;
  for (const [index, outcome] of outcomes.entries()) {
    const job = plan.jobs[index]!;
    if ("error" in outcome) {
      failures.push({ file: job.iso, message: `nothing of this ISO was written: ${outcome.error}` });
      continue;
    }
    const { result, times } = outcome;
    outputs.push(...result.outputs);
    failures.push(...result.failures);
    unmapped.push(...result.unmapped);
    if (outcome.resumed !== null) resumed.push(outcome.resumed);
    rejects ??= result.rejects;
    for (const [fileIndex, account] of result.accounts.entries()) {
      const { path, feed, bytes } = job.files[fileIndex]!;
      if (account === null) continue;
      const rowsReplaced = update === null ? {} : { rowsReplaced: result.replaced.get(fileIndex) ?? 0 };
      const work = { seconds: times.secondsOf(fileIndex), retries: times.retriesOf(fileIndex) };
      files.push({ file: path, feed: feed.feed, bytesIn: bytes, ...account, ...rowsReplaced, ...work });
      notePassedOver(passedOver, feed, account.recordsSkipped);
    }
  }
  failures.push(...wrongAccounts(files, outputs));
  const rows = files.reduce(addAccounts, NO_ROWS);
  // An update has nothing to write where nothing is new.
  const hasOutput = outputs.length > 0 || (update !== null && outcomes.some((each) => "result" in each));
  const status = statusOf(outcomes, failures, rows, hasOutput, strict);
  return {
    status,
    exitCode: EXIT[status],
    elapsedSeconds: seconds,
    peakRssBytes: peak,
    totals: {
      files: files.length,
      filesSkipped: plan.skipped.length,
      unmappedWords: unmapped.length,
      bytesIn: files.reduce((sum, { bytesIn }) => sum + bytesIn, 0),
      ...rows,
      bytesOut: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    outputs,
    skipped: plan.skipped,
    passedOver: [...passedOver.values()],
    failures,
    unmapped: unmapped.sort(compareWords).slice(0, MAX_UNMAPPED),
    resumed,
    rejects,
    report: null,
    files,
  };
}

function compareWords(a: UnmappedWord, b: UnmappedWord): number {
  return (
    compareValues(a.iso, b.iso) ||
    compareValues(a.feed, b.feed) ||
    compareValues(a.column, b.column) ||
    compareValues(a.value, b.value)
  );
}

function notePassedOver(by: Map<string, PassedOver>, feed: FeedDefinition, records: number): void {
  if (records === 0) return;
  const key = feedKey(feed);
  const { iso, only } = feed;
  const values = Object.entries(only).map(([column, value]) => `${column} is not ${value}`);
  const known = by.get(key) ?? { iso, feed: feed.feed, records: 0, reason: values.join(" or ") };
  by.set(key, { ...known, records: known.records + records });
}

function addAccounts(a: RowAccount, b: RowAccount): RowAccount {
  return {
    recordsRead: a.recordsRead + b.recordsRead,
    recordsSkipped: a.recordsSkipped + b.recordsSkipped,
    rowsRead: a.rowsRead + b.rowsRead,
    rowsWritten: a.rowsWritten + b.rowsWritten,
    rowsRejected: a.rowsRejected + b.rowsRejected,
    rowsDeduplicated: a.rowsDeduplicated + b.rowsDeduplicated,
    rowsFiltered: a.rowsFiltered + b.rowsFiltered,
    rowsFailed: a.rowsFailed + b.rowsFailed,
  };
}

/** Files whose rows do not add up, and a total that is not what the outputs hold: both would be our mistake. */
function wrongAccounts(
  files: readonly FileAccount[],
  outputs: ConvertSummary["outputs"],
): ConvertSummary["failures"] {
  const wrong = files
    .filter((file) => {
      const { rowsWritten, rowsRejected, rowsDeduplicated, rowsFiltered, rowsFailed } = file;
      return file.rowsRead !== rowsWritten + rowsRejected + rowsDeduplicated + rowsFiltered + rowsFailed;
    })
    .map(({ file }) => ({
      file,
      message: `${ACCOUNTS_WRONG}: not every row that was read is accounted for`,
    }));
  const written = files.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
  const published = outputs.reduce((sum, { rows, rowsKept = 0 }) => sum + rows - rowsKept, 0);
  if (written === published) return wrong;
  return [
    ...wrong,
    { file: "", message: `${ACCOUNTS_WRONG}: ${written} rows written, ${published} in the files` },
  ];
}

function statusOf(
  outcomes: readonly JobOutcome[],
  failures: ConvertSummary["failures"],
  rows: RowAccount,
  hasOutput: boolean,
  strict: boolean,
): ConvertSummary["status"] {
  if (failures.some(({ message }) => message.startsWith(ACCOUNTS_WRONG))) return "failed";
  const strictFailure = strict && rows.rowsRejected > 0;
  const nothingWritten = outcomes.length > 0 && !hasOutput && failures.length > 0;
  if (strictFailure || nothingWritten) return "failed";
  return failures.length > 0 || rows.rowsRejected > 0 ? "partial" : "complete";
}
