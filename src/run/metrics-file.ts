import { readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { describeWriteError } from "../errors.js";
import { packageVersion } from "../version.js";
import type { BatchTimes } from "./decode-progress.js";
import type { RunProgress, RunTotals } from "./options.js";
import { type Histogram, type Metric, prometheusText } from "./prometheus-text.js";
import { BATCH_SECONDS } from "./protocol.js";

const INTERVAL_MS = 5000;
const LAST_SUCCESS = "gridparquet_last_success_timestamp_seconds";

/** What a run is at, for the metrics. */
export interface RunState {
  progress: RunProgress;
  peakRssBytes: number;
  memoryLimitBytes: number;
  creditShare: number;
  batches: BatchTimes;
  workerDeaths: number;
}

/** How a run ended. */
export interface RunEnd {
  exitCode: number;
  /** Null where the run as a whole failed. */
  totals: RunTotals | null;
}

/** Keeps a file of metrics up to date while a run lasts; each time it is replaced as a whole. */
export class MetricsFile {
  readonly #path: string;
  readonly #state: () => RunState;
  readonly #warn: (message: string) => void;
  readonly #timer: NodeJS.Timeout;
  /** Of the run before, or of this one when it has ended well. */
  #lastSuccess: number | null;
  #writing: Promise<void> = Promise.resolve();
  #warned = false;

  /** @param state asked each time the file is written */
  constructor(path: string, state: () => RunState, warn: (message: string) => void) {
    this.#path = path;
    this.#state = state;
    this.#warn = warn;
    this.#lastSuccess = lastSuccessOf(path);
    this.#timer = setInterval(() => this.#write(null), INTERVAL_MS);
    this.#timer.unref();
    this.#write(null);
  }

  /** Writes the last state; a file that cannot be written hurts nothing else, and has been warned of. */
  async finish(end: RunEnd): Promise<void> {
    clearInterval(this.#timer);
    if (end.exitCode === 0) this.#lastSuccess = Math.floor(Date.now() / 1000);
    this.#write(end);
    await this.#writing;
  }

  #write(end: RunEnd | null): void {
    const text = prometheusText(metricsOf(this.#state(), end, this.#lastSuccess));
    this.#writing = this.#writing.then(() => this.#replace(text));
  }

  async #replace(text: string): Promise<void> {
    // Not an ending that the collector reads.
    const part = `${this.#path}.${process.pid}.tmp`;
    try {
      await writeFile(part, text);
      await rename(part, this.#path);
    } catch (error) {
      await rm(part, { force: true }).catch(() => undefined);
      if (!this.#warned)
        this.#warn(`cannot write the metrics to ${this.#path}: ${describeWriteError(error)}`);
      this.#warned = true;
    }
  }
}

function lastSuccessOf(path: string): number | null {
  try {
    const value = new RegExp(`^${LAST_SUCCESS} (\\d+)$`, "m").exec(readFileSync(path, "utf8"))?.[1];
    return value === undefined ? null : Number(value);
  } catch {
    return null;
  }
}

/** @param lastSuccess Unix time in seconds, null when there is none */
function metricsOf(state: RunState, end: RunEnd | null, lastSuccess: number | null): (Metric | Histogram)[] {
  const { progress, batches } = state;
  const byIso = (
    name: string,
    type: Metric["type"],
    help: string,
    of: (job: JobState) => number,
  ): Metric => ({
    name: `gridparquet_${name}`,
    help,
    type,
    samples: progress.jobs.map((job) => ({ labels: { iso: job.iso }, value: of(job) })),
  });
  const gauge = (name: string, help: string, value: number): Metric => metric(name, "gauge", help, value);
  const counter = (name: string, help: string, value: number): Metric => metric(name, "counter", help, value);
  const rows = end?.totals ?? null;
  return [
    {
      ...gauge("build_info", "Version of gridparquet.", 1),
      samples: [{ labels: { version: packageVersion(), node: process.versions.node }, value: 1 }],
    },
    gauge("run_in_progress", "1 while the run lasts, 0 when it has ended.", end === null ? 1 : 0),
    ...(end === null ? [] : [gauge("run_exit_code", "Exit code of the run.", end.exitCode)]),
    ...(lastSuccess === null
      ? []
      : [
          metric(
            "last_success_timestamp_seconds",
            "gauge",
            "Unix time at which a run ended complete.",
            lastSuccess,
          ),
        ]),
    gauge("run_elapsed_seconds", "Wall time of the run.", progress.elapsedSeconds),
    byIso("files", "gauge", "Files to read.", (job) => job.filesTotal),
    byIso("input_bytes", "gauge", "Bytes to read.", (job) => job.bytesTotal),
    byIso("decoded_files_total", "counter", "Files read.", (job) => job.filesDone),
    byIso("decoded_bytes_total", "counter", "Bytes read.", (job) => job.bytesDone),
    byIso("decoded_rows_total", "counter", "Rows decoded.", (job) => job.rowsDecoded),
    ...(rows === null
      ? []
      : [
          counter("written_rows_total", "Rows in the published files.", rows.rowsWritten),
          counter("rejected_rows_total", "Rows that were rejected.", rows.rowsRejected),
          counter("deduplicated_rows_total", "Duplicate rows that were dropped.", rows.rowsDeduplicated),
          counter("failed_rows_total", "Rows of year files that were not written.", rows.rowsFailed),
          counter("written_bytes_total", "Bytes of the published files.", rows.bytesOut),
        ]),
    gauge("resident_memory_bytes", "Resident set size of the process.", progress.rssBytes),
    gauge("peak_resident_memory_bytes", "Highest resident set size of the process.", state.peakRssBytes),
    gauge("memory_limit_bytes", "The limit that the run keeps to.", state.memoryLimitBytes),
    gauge(
      "credit_share_ratio",
      "Part of the batches that may be under way: below 1 memory is short.",
      state.creditShare,
    ),
    counter("worker_deaths_total", "Tasks whose threads died.", state.workerDeaths),
    {
      name: "gridparquet_batch_duration_seconds",
      help: "Time from the writer's leave for a batch until its rows are handed over.",
      type: "histogram",
      bounds: BATCH_SECONDS,
      counts: batches.buckets,
      sum: batches.seconds,
    },
  ];
}

type JobState = RunProgress["jobs"][number];

function metric(name: string, type: Metric["type"], help: string, value: number): Metric {
  return { name: `gridparquet_${name}`, help, type, samples: [{ value }] };
}
