import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { describeError, EXIT, GridparquetError } from "../errors.js";
import { loadFeeds } from "../feeds/load-feeds.js";
import { makeFolder } from "../make-folder.js";
import type { PlannedJob } from "../plan/plan-jobs.js";
import { planRun, type RunPlan, summarisePlan } from "../plan/plan-run.js";
import type { JobOutcome } from "./engine.js";
import { MemoryMeter } from "./memory-meter.js";
import type { ConvertOptions, ConvertSummary, FileAccount, RowAccount, RunProgress } from "./options.js";
import { type ResolvedOptions, resolveOptions } from "./resolved-options.js";
import { writeRunRecord } from "./run-record.js";

const PROGRESS_INTERVAL_MS = 100;

/**
 * Converts market CSV files to Parquet: one file per feed and operating year below `out`.
 *
 * A record that cannot be read, a file or a year that fails does not stop the rest; the summary says what became of
 * every row.
 *
 * @throws GridparquetError when the run as a whole cannot be done: wrong options, a missing input, no file that is
 *   recognised, an output folder that cannot be written, or an abort
 */
export async function convert(options: ConvertOptions): Promise<ConvertSummary> {
  const started = performance.now();
  const meter = new MemoryMeter();
  const resolved = resolveOptions(options);
  const definitions = loadFeeds(options.configDir);
  const plan = await planRun(resolved, definitions);
  const finish = (outcomes: JobOutcome[]): ConvertSummary =>
    summarise(plan, outcomes, resolved.strict, (performance.now() - started) / 1000, meter.peakBytes);
  if (options.dryRun) return { ...finish([]), plan: summarisePlan(plan.jobs) };

  await prepareOutput(resolved.out);
  const startedAt = new Date();
  const outcomes = await runJobs(plan.jobs, resolved, options, meter, started);
  if (outcomes.some((outcome) => "error" in outcome && outcome.code === "ABORTED")) {
    throw new GridparquetError(
      "aborted",
      "the run was stopped; year files that were not finished have been removed",
      {
        hint: "Run the same command again to convert everything.",
      },
    );
  }
  return writeRunRecord(resolved.out, startedAt, finish(outcomes));
}

async function prepareOutput(out: string): Promise<void> {
  try {
    await makeFolder(join(out, "_gridparquet"));
    await access(out, constants.W_OK);
  } catch (cause) {
    throw new GridparquetError("output-not-writable", `cannot write to ${out}: ${describeError(cause)}`, {
      hint: "Choose another --out folder, or change its permissions.",
      cause,
    });
  }
}

async function runJobs(
  jobs: readonly PlannedJob[],
  resolved: ResolvedOptions,
  options: ConvertOptions,
  meter: MemoryMeter,
  started: number,
): Promise<JobOutcome[]> {
  const { Engine } = await import("./engine.js");
  const engine = await Engine.start(resolved);
  const report = (): void => {
    meter.sample();
    options.onProgress?.(progressOf(jobs, (iso) => engine.progressOf(iso), started, meter));
  };
  const timer = setInterval(report, PROGRESS_INTERVAL_MS);
  const abort = (): void => engine.abort();
  options.signal?.addEventListener("abort", abort);
  try {
    const outcomes: JobOutcome[] = new Array(jobs.length);
    let next = 0;
    const lane = async () => {
      while (next < jobs.length) {
        const index = next++;
        if (options.signal?.aborted) outcomes[index] = { error: "the run was stopped", code: "ABORTED" };
        else outcomes[index] = await engine.run(jobs[index]!);
      }
    };
    await Promise.all(Array.from({ length: resolved.parallelJobs }, lane));
    report();
    return outcomes;
  } finally {
    clearInterval(timer);
    options.signal?.removeEventListener("abort", abort);
    await engine.stop();
  }
}

function progressOf(
  jobs: readonly PlannedJob[],
  stateOf: (
    iso: string,
  ) => Pick<RunProgress["jobs"][number], "state" | "filesDone" | "bytesDone" | "rowsDecoded">,
  started: number,
  meter: MemoryMeter,
): RunProgress {
  return {
    elapsedSeconds: (performance.now() - started) / 1000,
    rssBytes: meter.lastBytes,
    jobs: jobs.map(({ iso, files, bytes }) => ({
      iso,
      filesTotal: files.length,
      bytesTotal: bytes,
      ...stateOf(iso),
    })),
  };
}

const NO_ROWS: RowAccount = {
  recordsRead: 0,
  rowsRead: 0,
  rowsWritten: 0,
  rowsRejected: 0,
  rowsDeduplicated: 0,
  rowsFiltered: 0,
  rowsFailed: 0,
};

function summarise(
  plan: RunPlan,
  outcomes: readonly JobOutcome[],
  strict: boolean,
  seconds: number,
  peak: number,
): ConvertSummary {
  const files: FileAccount[] = [];
  const failures = [...plan.failures];
  const outputs: ConvertSummary["outputs"] = [];
  let rejects: string | null = null;
  for (const [index, outcome] of outcomes.entries()) {
    const job = plan.jobs[index]!;
    if ("error" in outcome) {
      failures.push({ file: job.iso, message: `nothing of this ISO was written: ${outcome.error}` });
      continue;
    }
    const { result } = outcome;
    outputs.push(...result.outputs);
    failures.push(...result.failures);
    rejects ??= result.rejects;
    for (const [fileIndex, account] of result.accounts.entries()) {
      const { path, feed, bytes } = job.files[fileIndex]!;
      if (account !== null) files.push({ file: path, feed: feed.feed, bytesIn: bytes, ...account });
    }
  }
  failures.push(...wrongAccounts(files, outputs));
  const rows = files.reduce(addAccounts, NO_ROWS);
  const status = statusOf(outcomes, failures, rows, outputs, strict);
  return {
    status,
    exitCode: EXIT[status],
    elapsedSeconds: seconds,
    peakRssBytes: peak,
    totals: {
      files: files.length,
      filesSkipped: plan.skipped.length,
      bytesIn: files.reduce((sum, { bytesIn }) => sum + bytesIn, 0),
      ...rows,
      bytesOut: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    outputs,
    skipped: plan.skipped,
    failures,
    rejects,
    report: null,
    files,
  };
}

function addAccounts(a: RowAccount, b: RowAccount): RowAccount {
  return {
    recordsRead: a.recordsRead + b.recordsRead,
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
  const published = outputs.reduce((sum, { rows }) => sum + rows, 0);
  if (written === published) return wrong;
  return [
    ...wrong,
    { file: "", message: `${ACCOUNTS_WRONG}: ${written} rows written, ${published} in the files` },
  ];
}

const ACCOUNTS_WRONG = "the accounts do not add up (a mistake of gridparquet; please report it)";

function statusOf(
  outcomes: readonly JobOutcome[],
  failures: ConvertSummary["failures"],
  rows: RowAccount,
  outputs: ConvertSummary["outputs"],
  strict: boolean,
): ConvertSummary["status"] {
  if (failures.some(({ message }) => message.startsWith(ACCOUNTS_WRONG))) return "failed";
  const strictFailure = strict && rows.rowsRejected > 0;
  const nothingWritten = outcomes.length > 0 && outputs.length === 0 && failures.length > 0;
  if (strictFailure || nothingWritten) return "failed";
  return failures.length > 0 || rows.rowsRejected > 0 ? "partial" : "complete";
}
