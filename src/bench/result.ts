import { EXIT } from "../errors.js";
import type { Compression, ConvertSummary } from "../run/options.js";
import { median } from "./median.js";
import type { BenchSetting } from "./options.js";

/** What one run of `convert`, a process of its own, cost. */
export interface MeasuredRun {
  /** From before the process is started until it has exited. */
  wallSeconds: number;
  /** As the run itself says: without the start of Node. */
  elapsedSeconds: number;
  peakRssBytes: number;
}

/** Medians over the rounds. The rates are of the wall time. */
export interface MedianRun extends MeasuredRun {
  /** Bytes of input per second. */
  bytesPerSecond: number;
  rowsPerSecond: number;
  /** Wall time of the first setting that did not fail, divided by this one's. */
  speedUp: number;
}

export interface SettingResult extends BenchSetting {
  /** As of the last run; null when there was none. */
  status: ConvertSummary["status"] | null;
  /** Why it was given up, null when it was not. */
  error: string | null;
  /** A run for each round, the warm-up left out. */
  runs: MeasuredRun[];
  /** Null when the setting failed. */
  median: MedianRun | null;
}

export interface BenchInput {
  /** Files that are recognised, and read in every run. */
  files: number;
  bytes: number;
  rows: number;
}

export interface Machine {
  cores: number;
  cpu: string;
  memoryBytes: number;
  /** Of the last minute before the benchmark began: how many threads wanted to run; 0 where the system does not say. */
  loadAverage: number;
  node: string;
  platform: string;
}

/** What `bench --json` prints, with the file of the plot. */
export interface BenchResult {
  /** `partial` when a setting failed, `failed` when all did. */
  status: ConvertSummary["status"];
  exitCode: number;
  input: BenchInput;
  compression: Compression;
  rounds: number;
  /** The most threads that `convert` starts for this input. */
  threadsUsed: number;
  machine: Machine;
  settings: SettingResult[];
  /** Indexes of settings; null when all failed. */
  fastest: number | null;
  leastMemory: number | null;
}

/** What was measured of a setting, before the settings are compared. */
export type SettingRuns = Omit<SettingResult, "median">;

/** Takes the medians, compares the settings with the first, and finds the best. */
export function compareSettings(
  about: Omit<BenchResult, "status" | "exitCode" | "settings" | "fastest" | "leastMemory">,
  measured: readonly SettingRuns[],
): BenchResult {
  const first = measured.find(({ error }) => error === null);
  const reference = first === undefined ? Number.NaN : medianOf(first, "wallSeconds");
  const settings = measured.map((setting): SettingResult => {
    if (setting.error !== null) return { ...setting, median: null };
    const wallSeconds = medianOf(setting, "wallSeconds");
    return {
      ...setting,
      median: {
        wallSeconds,
        elapsedSeconds: medianOf(setting, "elapsedSeconds"),
        peakRssBytes: medianOf(setting, "peakRssBytes"),
        bytesPerSecond: about.input.bytes / wallSeconds,
        rowsPerSecond: about.input.rows / wallSeconds,
        speedUp: reference / wallSeconds,
      },
    };
  });
  const failed = settings.filter(({ error }) => error !== null).length;
  const status = failed === 0 ? "complete" : failed === settings.length ? "failed" : "partial";
  return {
    status,
    exitCode: EXIT[status],
    ...about,
    settings,
    fastest: least(settings, "wallSeconds"),
    leastMemory: least(settings, "peakRssBytes"),
  };
}

function medianOf({ runs }: SettingRuns, measure: keyof MeasuredRun): number {
  return median(runs.map((run) => run[measure]));
}

function least(settings: readonly SettingResult[], measure: keyof MeasuredRun): number | null {
  let best: number | null = null;
  for (const [i, { median }] of settings.entries()) {
    if (median === null) continue;
    if (best === null || median[measure] < settings[best]!.median![measure]) best = i;
  }
  return best;
}
