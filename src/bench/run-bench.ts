import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { describeError, GridparquetError } from "../errors.js";
import { makeFolder } from "../make-folder.js";
import type { ConvertSummary } from "../run/options.js";
import { poolSize } from "../run/pool-size.js";
import { convertArguments, runConvertProcess } from "./convert-process.js";
import { type BenchOptions, type BenchSetting, settingsOf } from "./options.js";
import { type BenchResult, compareSettings, type Machine, type SettingRuns } from "./result.js";

export interface BenchEvents {
  /** Stops the benchmark: the process that runs is ended, the temporary outputs are removed. */
  signal: AbortSignal;
  /** Called after every run, with null as the round of the warm-up and null as the seconds of a run that failed. */
  onRun: (setting: BenchSetting, round: number | null, wallSeconds: number | null) => void;
}

/**
 * Converts the inputs with every combination of settings, each run in a process of its own, and measures what it costs.
 *
 * After a warm-up with the last setting, which is not counted, every round runs each setting once, so that what else
 * the machine does falls on all of them. A setting that fails is given up, and the others go on.
 *
 * @throws GridparquetError when nothing can be measured: no file is recognised, the folder for the outputs cannot be
 *   written, or an abort
 */
export async function runBench(options: BenchOptions, events: BenchEvents): Promise<BenchResult> {
  const machine = thisMachine();
  const folder = await makeWorkFolder(options.work);
  let child: ChildProcess | undefined;
  // a second signal ends this process without waiting for anything
  const cleanUp = (): void => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", cleanUp);
  const convert = async (setting: BenchSetting | null) => {
    const out = join(folder, "out");
    try {
      const finished = await runConvertProcess(
        convertArguments(options, out, setting),
        events.signal,
        (started) => {
          child = started;
        },
      );
      if (events.signal.aborted) throw interrupted();
      return finished;
    } catch (error) {
      throw events.signal.aborted ? interrupted() : error;
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  };
  try {
    const plan = await planned(convert);
    return await measure(plan, machine, options, events, convert);
  } finally {
    process.off("exit", cleanUp);
    await rm(folder, { recursive: true, force: true });
  }
}

type Convert = (setting: BenchSetting | null) => Promise<{ summary: ConvertSummary; wallSeconds: number }>;

async function makeWorkFolder(work: string): Promise<string> {
  try {
    await makeFolder(work);
    return await mkdtemp(join(work, "gridparquet-bench-"));
  } catch (cause) {
    throw new GridparquetError("output-not-writable", `cannot write to ${work}: ${describeError(cause)}`, {
      hint: "Choose another folder for the temporary outputs: --work DIR",
      cause,
    });
  }
}

/**
 * A dry run, which finds what is wrong with the inputs before anything is measured. It is a process of its own as well:
 * on Linux, memory that this process takes would count as that of the processes it starts.
 */
async function planned(convert: Convert): Promise<ConvertSummary> {
  try {
    return (await convert(null)).summary;
  } catch (error) {
    if (!(error instanceof GridparquetError) || error.code !== "output-inside-input") throw error;
    throw new GridparquetError(error.code, error.message, {
      hint: "Choose a folder outside of the input folder: --work DIR",
    });
  }
}

async function measure(
  plan: ConvertSummary,
  machine: Machine,
  options: BenchOptions,
  { onRun }: BenchEvents,
  convert: Convert,
): Promise<BenchResult> {
  const files = plan.plan!.files.map(({ file, bytes }) => ({ path: file, bytes }));
  const input = { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), rows: 0 };
  const settings = settingsOf(options);
  const measured: SettingRuns[] = settings.map((setting) => ({
    ...setting,
    status: null,
    error: null,
    runs: [],
  }));
  const runOne = async (index: number, round: number | null): Promise<void> => {
    const setting = settings[index]!;
    const result = measured[index]!;
    try {
      const { summary, wallSeconds } = await convert(setting);
      if (summary.status === "failed") throw new Error(whyFailed(summary));
      onRun(setting, round, wallSeconds);
      result.status = summary.status;
      input.rows = summary.totals.rowsRead;
      const { elapsedSeconds, peakRssBytes } = summary;
      if (round !== null) result.runs.push({ wallSeconds, elapsedSeconds, peakRssBytes });
    } catch (error) {
      if (error instanceof GridparquetError && error.code === "aborted") throw error;
      result.status = "failed";
      result.error = describeError(error);
      onRun(setting, round, null);
    }
  };
  await runOne(settings.length - 1, null);
  for (let round = 1; round <= options.rounds; round++) {
    for (const [index, { error }] of measured.entries()) if (error === null) await runOne(index, round);
  }
  const { compression, rounds } = options;
  const threadsUsed = poolSize(files, Number.POSITIVE_INFINITY);
  return compareSettings({ input, compression, rounds, threadsUsed, machine }, measured);
}

function whyFailed({ failures, totals }: ConvertSummary): string {
  return failures[0]?.message ?? `${totals.rowsRejected} rows rejected, and the run is strict`;
}

function interrupted(): GridparquetError {
  return new GridparquetError("aborted", "interrupted; the temporary outputs have been removed");
}

function thisMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryBytes: totalmem(),
    loadAverage: loadavg()[0]!,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}
