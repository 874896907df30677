import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { describeError, EXIT, GridparquetError } from "../errors.js";
import type { RecognisedFile } from "../feeds/recognise.js";
import { isJournalThere } from "../journal/job-journal.js";
import { journalPlan } from "../journal/journal-plan.js";
import { makeFolder } from "../make-folder.js";
import type { ChangedDays } from "../parquet/day-counts.js";
import { type FoundFile, type FoundInputs, findInputs } from "../plan/discover-inputs.js";
import type { PlannedJob } from "../plan/plan-jobs.js";
import type { RunPlan } from "../plan/plan-run.js";
import { loadClocks } from "../time/market-clock.js";
import type { Engine, JobOutcome } from "./engine.js";
import { failpoint } from "./failpoints.js";
import { MemoryMeter } from "./memory-meter.js";
import type { MetricsFile, RunEnd, RunState } from "./metrics-file.js";
import type { ConvertOptions, ConvertSummary, RunProgress } from "./options.js";
import { lockOutput } from "./output-lock.js";
import { poolSize } from "./pool-size.js";
import { type ResolvedOptions, resolveOptions } from "./resolved-options.js";
import { runDetails } from "./run-details.js";
import { groupAccounts } from "./run-groups.js";
import { progressOf, runJobs } from "./run-jobs.js";
import { RunMonitor } from "./run-monitor.js";
import { writeRunRecord } from "./run-record.js";
import { removeJournals, throwIfStopped } from "./stopped-jobs.js";
import { summariseRun } from "./summarise-run.js";

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

/** Says which inputs are to be read. */
export interface InputChoice {
  /** The files on disk that may have to be read; threads are started for them while the plan is made, if there are any. */
  guess(found: FoundInputs): Promise<FoundFile[]>;
  /** Of the files that were recognised those that are to be read. */
  choose(files: RecognisedFile[], found: FoundInputs): Promise<RecognisedFile[]>;
}

/**
 * {@link convert} with its options resolved.
 *
 * @param choice without it all inputs are read
 * @param onDays told of the days of year files that were added to, by their path
 */
export async function runConversion(
  options: ConvertOptions,
  resolved: ResolvedOptions,
  choice?: InputChoice,
  onDays?: (path: string, days: ChangedDays) => void,
): Promise<ConvertSummary> {
  const started = performance.now();
  const meter = new MemoryMeter();
  const { signal } = options;
  const found = await findInputs({ ...resolved, signal });
  // Its threads take as long to start as the plan takes to load and make: both happen at once.
  const guessed = choice === undefined || options.dryRun ? found.files : await choice.guess(found);
  let engine: Engine | null =
    options.dryRun || guessed.length === 0
      ? null
      : await startEngine(resolved, poolSize(guessed, resolved.threads, found.files.length), options.onLog);
  let unlock: (() => Promise<void>) | null = null;
  let metrics: MetricsFile | null = null;
  let end: RunEnd = { exitCode: EXIT.failed, totals: null };
  try {
    const { feedDefinitions } = await import("../feeds/built-in-feeds.js");
    const { planRun, summarisePlan } = await import("../plan/plan-run.js");
    const chooseFiles = choice && ((files: RecognisedFile[]) => choice.choose(files, found));
    const lookers = engine?.lookers(options.configDir);
    const planOptions = { ...resolved, signal, lookers, choose: chooseFiles };
    const plan = await planRun(planOptions, found, await feedDefinitions(options.configDir));
    const planSeconds = (performance.now() - started) / 1000;
    const finish = (outcomes: JobOutcome[]): ConvertSummary =>
      summariseRun(plan, outcomes, resolved, (performance.now() - started) / 1000, meter.peakBytes);
    if (options.dryRun)
      return { ...finish([]), plan: { ...summarisePlan(plan.jobs), memory: resolved.memory } };
    if (choice && plan.jobs.length === 0) {
      const summary = finish([]);
      end = summary;
      return summary;
    }

    unlock = await prepareOutput(resolved.out);
    const chosen = choice === undefined ? found.files : filesOnDisk(plan, found);
    const wanted = poolSize(chosen, resolved.threads);
    if (engine !== null && engine.poolThreads < wanted) {
      await engine.stop();
      engine = null;
    }
    engine ??= await startEngine(resolved, wanted, options.onLog);
    const threads = engine;
    const startedAt = new Date();
    const run = (job: PlannedJob, lost: string | null): Promise<JobOutcome> => {
      if (lost !== null)
        options.onLog?.("warn", `${job.iso}: ${lost}; it is done once more, from what was saved of it`);
      // What is there then is of this run.
      const fresh = resolved.fresh && lost === null;
      const isThere = isJournalThere(resolved.out, job.iso);
      const journal = journalPlan(job, found.files, { ...resolved, fresh }, isThere);
      return threads.run(job, journal, (level, message) => options.onLog?.(level, message));
    };
    const monitor = new RunMonitor({
      plan: resolved.memory,
      meter,
      started,
      breakMs: options.memoryBreakMs,
      log: options.onLog,
    });
    const progress = (): RunProgress => progressOf(plan.jobs, threads, started, meter);
    metrics = await startMetrics(options, () => ({
      ...monitor.state,
      progress: progress(),
      batches: threads.batches,
      workerDeaths: threads.decoding.workerDeaths + threads.writing.workerDeaths,
    }));
    const running = runJobs(threads, plan.jobs, run, {
      parallel: resolved.parallelJobs,
      signal: AbortSignal.any([monitor.signal, ...(signal ? [signal] : [])]),
      watch: () => {
        monitor.sample(
          (share) => threads.limitCredits(share),
          () => threads.wasmBytes,
        );
        options.onProgress?.(progress());
      },
    });
    // Threads that decode need them as soon as they have started; until then main has nothing to do.
    setImmediate(loadClocks);
    const outcomes = await running;
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
    const details = runDetails(resolved, monitor, threads, groupAccounts(plan.jobs, outcomes));
    const { samples } = monitor.memory;
    const whole = { ...finish(outcomes), stages: threads.stageSeconds(planSeconds) };
    // Threads take as long to end as the record to be written: both happen at once. What goes wrong shows at the end.
    threads.stop().catch(() => undefined);
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
  threads: number,
  log: ConvertOptions["onLog"],
): Promise<Engine> {
  const { Engine } = await import("./engine.js");
  return new Engine(resolved, threads, (message) => log?.("warn", message));
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
