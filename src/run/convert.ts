import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { describeError, EXIT, GridparquetError } from "../errors.js";
import { type FeedDefinition, feedKey } from "../feeds/feed-definition.js";
import type { RecognisedFile } from "../feeds/recognise.js";
import { isJournalThere } from "../journal/job-journal.js";
import { journalPlan } from "../journal/journal-plan.js";
import { makeFolder } from "../make-folder.js";
import { compareValues } from "../order/entity-union.js";
import type { ChangedDays } from "../parquet/day-counts.js";
import { type FoundFile, type FoundInputs, findInputs } from "../plan/discover-inputs.js";
import type { PlannedJob } from "../plan/plan-jobs.js";
import type { RunPlan } from "../plan/plan-run.js";
import type { Engine, JobOutcome } from "./engine.js";
import { failpoint } from "./failpoints.js";
import { MemoryMeter } from "./memory-meter.js";
import type { MetricsFile, RunEnd, RunState } from "./metrics-file.js";
import {
  type ConvertOptions,
  type ConvertSummary,
  type FileAccount,
  MAX_UNMAPPED,
  NO_ROWS,
  type PassedOver,
  type RowAccount,
  type RunProgress,
  type UnmappedWord,
} from "./options.js";
import { lockOutput } from "./output-lock.js";
import { poolSize } from "./pool-size.js";
import { type ResolvedOptions, resolveOptions } from "./resolved-options.js";
import { runDetails } from "./run-details.js";
import { RunMonitor } from "./run-monitor.js";
import { writeRunRecord } from "./run-record.js";
import { removeJournals, throwIfStopped } from "./stopped-jobs.js";

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
  return runConversion(options, resolveOptions(options));
}

/**
 * {@link convert} with its options resolved.
 *
 * @param choose says which of the files that were recognised are to be read; with it, no thread is started when none is
 * @param onDays told of the days of year files that were added to, by their path
 */
export async function runConversion(
  options: ConvertOptions,
  resolved: ResolvedOptions,
  choose?: (files: RecognisedFile[], found: FoundInputs) => Promise<RecognisedFile[]>,
  onDays?: (path: string, days: ChangedDays) => void,
): Promise<ConvertSummary> {
  const started = performance.now();
  const meter = new MemoryMeter();
  const { signal } = options;
  const found = await findInputs({ ...resolved, signal });
  // Its threads take as long to start as the plan takes to load and make: both happen at once.
  let engine: Engine | null =
    options.dryRun || choose ? null : await startEngine(resolved, found.files, options.onLog);
  let unlock: (() => Promise<void>) | null = null;
  let metrics: MetricsFile | null = null;
  let end: RunEnd = { exitCode: EXIT.failed, totals: null };
  try {
    const { feedDefinitions } = await import("../feeds/built-in-feeds.js");
    const { planRun, summarisePlan } = await import("../plan/plan-run.js");
    const chooseFiles = choose && ((files: RecognisedFile[]) => choose(files, found));
    const planOptions = { ...resolved, signal, choose: chooseFiles };
    const plan = await planRun(planOptions, found, await feedDefinitions(options.configDir));
    const planSeconds = (performance.now() - started) / 1000;
    const finish = (outcomes: JobOutcome[]): ConvertSummary =>
      summarise(plan, outcomes, resolved, (performance.now() - started) / 1000, meter.peakBytes);
    if (options.dryRun)
      return { ...finish([]), plan: { ...summarisePlan(plan.jobs), memory: resolved.memory } };
    if (choose && plan.jobs.length === 0) {
      const summary = finish([]);
      end = summary;
      return summary;
    }

    unlock = await prepareOutput(resolved.out);
    const threads = engine ?? (await startEngine(resolved, filesOnDisk(plan, found), options.onLog));
    engine = threads;
    const startedAt = new Date();
    const run = (job: PlannedJob): Promise<JobOutcome> => {
      const journal = journalPlan(job, found.files, resolved, isJournalThere(resolved.out, job.iso));
      return threads.run(job, journal, (level, message) => options.onLog?.(level, message));
    };
    const monitor = new RunMonitor({
      plan: resolved.memory,
      meter,
      started,
      breakMs: options.memoryBreakMs,
      log: options.onLog,
    });
    metrics = await startMetrics(options, () => {
      const progress = progressOf(plan.jobs, (iso) => threads.progressOf(iso), started, meter);
      return { ...monitor.state, progress, batches: threads.batches, ...threads.decoding };
    });
    const stop = AbortSignal.any([monitor.signal, ...(signal ? [signal] : [])]);
    const outcomes = await runJobs(
      threads,
      plan.jobs,
      run,
      resolved,
      { ...options, signal: stop },
      monitor,
      meter,
      started,
    );
    for (const outcome of outcomes) {
      if (!("result" in outcome)) continue;
      for (const warning of outcome.result.warnings) options.onLog?.("warn", warning);
      for (const [path, days] of outcome.result.days ?? []) onDays?.(path, days);
    }
    if (
      monitor.signal.aborted &&
      outcomes.some((outcome) => "error" in outcome && outcome.code === "ABORTED")
    )
      throw monitor.error(plan.jobs.some(({ iso }) => isJournalThere(resolved.out, iso)));
    throwIfStopped(outcomes, plan.jobs, resolved.out);
    const details = runDetails(resolved, monitor, threads);
    const { samples } = monitor.memory;
    const whole = { ...finish(outcomes), stages: threads.stageSeconds(planSeconds) };
    failpoint("record:before");
    const summary = await writeRunRecord(resolved.out, startedAt, whole, details, samples);
    failpoint("record:after");
    if (summary.report !== null) await removeJournals(resolved.out, plan.jobs, outcomes, options.onLog);
    end = summary;
    return summary;
  } catch (error) {
    if (error instanceof GridparquetError) end = { exitCode: error.exitCode, totals: null };
    throw error;
  } finally {
    await metrics?.finish(end);
    await engine?.stop();
    // Whoever comes when this process has ended takes the lock over.
    await unlock?.().catch((error) =>
      options.onLog?.("warn", `the lock on ${resolved.out} was not removed: ${describeError(error)}`),
    );
  }
}

async function startEngine(
  resolved: ResolvedOptions,
  files: readonly FoundFile[],
  log: ConvertOptions["onLog"],
): Promise<Engine> {
  const { Engine } = await import("./engine.js");
  return new Engine(resolved, poolSize(files, resolved.threads), (message) => log?.("warn", message));
}

/** The files on disk that a plan reads. */
function filesOnDisk({ jobs }: RunPlan, { files }: FoundInputs): FoundFile[] {
  const paths = new Set(jobs.flatMap((job) => job.files.map(({ source }) => source.path)));
  return files.filter(({ path }) => paths.has(path));
}

async function startMetrics(
  { metricsFile, onLog }: ConvertOptions,
  state: () => RunState,
): Promise<MetricsFile | null> {
  if (metricsFile === undefined) return null;
  const { MetricsFile } = await import("./metrics-file.js");
  return new MetricsFile(metricsFile, state, (message) => onLog?.("warn", message));
}

/** Makes the output folder and takes it for this run; returns what gives it free. */
async function prepareOutput(out: string): Promise<() => Promise<void>> {
  try {
    await makeFolder(join(out, "_gridparquet"));
    await access(out, constants.W_OK);
    return await lockOutput(out);
  } catch (cause) {
    if (cause instanceof GridparquetError) throw cause;
    throw new GridparquetError("output-not-writable", `cannot write to ${out}: ${describeError(cause)}`, {
      hint: "Choose another --out folder, or change its permissions.",
      cause,
    });
  }
}

async function runJobs(
  engine: Engine,
  jobs: readonly PlannedJob[],
  run: (job: PlannedJob) => Promise<JobOutcome>,
  resolved: ResolvedOptions,
  options: ConvertOptions,
  monitor: RunMonitor,
  meter: MemoryMeter,
  started: number,
): Promise<JobOutcome[]> {
  const report = (): void => {
    monitor.sample((share) => engine.limitCredits(share));
    options.onProgress?.(progressOf(jobs, (iso) => engine.progressOf(iso), started, meter));
  };
  const timer = setInterval(report, PROGRESS_INTERVAL_MS);
  const abort = (): void => engine.abort();
  options.signal?.addEventListener("abort", abort);
  try {
    const outcomes: JobOutcome[] = new Array(jobs.length);
    let next = 0;
    let isFull = false;
    const lane = async () => {
      while (next < jobs.length) {
        const index = next++;
        if (options.signal?.aborted || isFull) {
          outcomes[index] = { error: "the run was stopped", code: "ABORTED" };
          continue;
        }
        const outcome = await run(jobs[index]!);
        outcomes[index] = outcome;
        if (isFull || !("error" in outcome) || outcome.code !== "DISK_FULL") continue;
        // The others write to the same disk.
        isFull = true;
        engine.abort();
      }
    };
    await Promise.all(Array.from({ length: resolved.parallelJobs }, lane));
    report();
    return outcomes;
  } finally {
    clearInterval(timer);
    options.signal?.removeEventListener("abort", abort);
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

function summarise(
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
    const { result } = outcome;
    outputs.push(...result.outputs);
    failures.push(...result.failures);
    unmapped.push(...result.unmapped);
    if (outcome.resumed !== null) resumed.push(outcome.resumed);
    rejects ??= result.rejects;
    for (const [fileIndex, account] of result.accounts.entries()) {
      const { path, feed, bytes } = job.files[fileIndex]!;
      if (account === null) continue;
      const rowsReplaced = update === null ? {} : { rowsReplaced: result.replaced.get(fileIndex) ?? 0 };
      files.push({ file: path, feed: feed.feed, bytesIn: bytes, ...account, ...rowsReplaced });
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

const ACCOUNTS_WRONG = "the accounts do not add up (a mistake of gridparquet; please report it)";

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
