import type { TableName } from "../arrow/tables.js";
import type { MemoryPlan } from "./memory-plan.js";
import type { StageSeconds } from "./stage-clock.js";

export type Compression = "zstd" | "snappy" | "none";
export const COMPRESSIONS: readonly Compression[] = ["zstd", "snappy", "none"];
/** Who writes the columns: gridparquet, or, to compare, parquet-wasm. */
export type Encoder = "own" | "parquet-wasm";
export const ENCODERS: readonly Encoder[] = ["own", "parquet-wasm"];

/** Options of {@link convert}. Everything but `inputs` and `out` has a default. */
export interface ConvertOptions {
  /** Files, folders (read recursively) or glob patterns. */
  inputs: readonly string[];
  /** Output folder; made if missing. */
  out: string;
  /** Only these ISOs, for example `["PJM"]`. Default: all. */
  isos?: readonly string[];
  /** Only these feeds, for example `["da_hourly"]`. Default: all. */
  feeds?: readonly string[];
  /** Only rows of these operating years. Default: all. */
  years?: readonly number[];
  /** One ISO, one file at a time. Same output, least memory. Default false. */
  sequential?: boolean;
  /** ISO jobs at once; never more than 2. Default 2. */
  maxParallel?: number;
  /** Threads of the worker pool. Default: the machine's available parallelism. */
  threads?: number;
  /** Files in a scheduling group. Default 50. */
  batchSize?: number;
  /**
   * Most bytes that the process should have resident. Threads, chunk size and what is under way are derived from it;
   * a run that stays above it is slowed down and, at last, stopped. Default: what the container or the machine has left.
   */
  memoryLimit?: number;
  /**
   * How long memory may stay near the limit before the run is stopped. Tests make it short. Default five seconds.
   *
   * @internal
   */
  memoryBreakMs?: number;
  /** Most rows in one batch on its way from a decoder to the writer. Default 100,000. */
  chunkSize?: number;
  /**
   * Size in bytes of the ranges into which files of more than twice as much are cut, so that several threads can
   * read one. The output is the same for any size; tests make it small. Default 32 MiB.
   *
   * @internal
   */
  rangeBytes?: number | undefined;
  /**
   * How long a decoder may do nothing before its thread is ended. Tests make it short. Default ten minutes.
   *
   * @internal
   */
  decodeTimeoutMs?: number;
  /** Most rows in a row group, unless one interval alone has more. Default {@link DEFAULTS.rowGroupSize}. */
  rowGroupSize?: number;
  /** Parquet codec. Default `zstd`. */
  compression?: Compression;
  /** What writes the columns; see {@link Encoder}. */
  encoder?: Encoder;
  /** Row groups that are open at once while overlapping ones are merged. Default 8. */
  mergeFanIn?: number;
  /** Folder with own feed definitions (YAML), added to the built-in ones. */
  configDir?: string;
  /** File that is kept up to date with metrics of the run, in Prometheus' text format. */
  metricsFile?: string;
  /** Converts everything, whatever a run that was interrupted has left. */
  fresh?: boolean;
  /**
   * Shortest time between two checkpoints of a job, in milliseconds; 0 for one after every task. Tests make it
   * small. Default 1000.
   *
   * @internal
   */
  checkpointMs?: number | undefined;
  /** Plan only: nothing is decoded or written. */
  dryRun?: boolean;
  /** A rejected record makes the run fail: exit code 1, nothing is published for its ISO. */
  strict?: boolean;
  /** Stops the run: finished year files stay, and the same call goes on with what is not finished. */
  signal?: AbortSignal;
  /** Called about ten times a second while the run lasts, and once at its end. */
  onProgress?: (progress: RunProgress) => void;
  /** Called with what a person should know: warnings, and details at level `debug`. */
  onLog?: (level: LogLevel, message: string) => void;
}

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The defaults, in their only home: the option table, the help and the README are made from here. */
export const DEFAULTS = {
  maxParallel: 2,
  batchSize: 50,
  chunkSize: 100_000,
  rowGroupSize: 200_000,
  compression: "zstd" as Compression,
  encoder: "own" as Encoder,
  mergeFanIn: 8,
} as const;

/** At most this many ISO jobs run at once, whatever is asked for: memory is planned for two. */
export const MAX_PARALLEL_JOBS = 2;

/** Where a run is. Sizes in bytes. */
export interface RunProgress {
  /** Wall time since the run began, in seconds. */
  elapsedSeconds: number;
  /** Resident set size of the whole process now. */
  rssBytes: number;
  jobs: JobProgress[];
}

export interface JobProgress {
  iso: string;
  state: "waiting" | "running" | "publishing" | "done" | "failed";
  filesTotal: number;
  filesDone: number;
  bytesTotal: number;
  bytesDone: number;
  rowsDecoded: number;
}

/** How every record of a file, or of a run, ended. `rowsRead` is always the sum of those below it. */
export interface RowAccount {
  /** CSV records after the header, blank lines not counted. */
  recordsRead: number;
  /** Those of them that are of another kind than the feed's, such as quantities among prices; they stand for no row. */
  recordsSkipped: number;
  /** Rows of the output that those records stand for. */
  rowsRead: number;
  rowsWritten: number;
  rowsRejected: number;
  rowsDeduplicated: number;
  /** Rows of operating years that `years` leaves out. */
  rowsFiltered: number;
  /** Rows of year files that could not be written. */
  rowsFailed: number;
}

/** The account of nothing. */
export const NO_ROWS: RowAccount = {
  recordsRead: 0,
  recordsSkipped: 0,
  rowsRead: 0,
  rowsWritten: 0,
  rowsRejected: 0,
  rowsDeduplicated: 0,
  rowsFiltered: 0,
  rowsFailed: 0,
};

export interface FileAccount extends RowAccount {
  file: string;
  feed: string;
  bytesIn: number;
  /** Of an update: rows of the dataset that gave way to rows of this file. */
  rowsReplaced?: number;
  /**
   * Time at work on it in this run, the time not counted in which it waited for the writer: of all its ranges, and of the
   * attempts that came to their end. Null where there is none, such as of a file that an earlier run has read.
   */
  seconds: number | null;
  /** How often it was tried again since the thread had died that had it in hand. */
  retries: number;
}

export interface OutputFile {
  path: string;
  table: TableName;
  iso: string;
  market: string;
  feed: string;
  year: number;
  rows: number;
  rowGroups: number;
  bytes: number;
  /** Of an update: rows that were in the year file before it. */
  rowsKept?: number;
  /** Of an update: rows that were in it before and gave way to later ones. */
  rowsReplaced?: number;
}

export interface SkippedFile {
  file: string;
  reason: string;
}

export interface PassedOver {
  iso: string;
  feed: string;
  records: number;
  /** What tells them from the feed's: `Market is not DAY_AHEAD_HOURLY`. */
  reason: string;
}

export interface Failure {
  file: string;
  message: string;
}

/** A word of the ISO that the feed's vocabulary does not have: rows with it say OTHER. */
export interface UnmappedWord {
  iso: string;
  feed: string;
  /** Output column, such as `location_type`. */
  column: string;
  /** The word as the file has it. */
  value: string;
}

/** At most so many unmapped words are listed in a summary. */
export const MAX_UNMAPPED = 100;

export interface RunTotals extends RowAccount {
  /** Files that were recognised and read. */
  files: number;
  filesSkipped: number;
  /** Unmapped words, those that are not listed with them. */
  unmappedWords: number;
  bytesIn: number;
  bytesOut: number;
}

/** A job that went on where an interrupted run had left it. */
export interface ResumedJob {
  iso: string;
  /** Files and rows that were not read again. */
  filesDone: number;
  rowsDone: number;
}

/** What a run did; `--json` prints this object, less `files`. */
export interface ConvertSummary {
  status: "complete" | "partial" | "failed";
  exitCode: number;
  elapsedSeconds: number;
  peakRssBytes: number;
  totals: RunTotals;
  outputs: OutputFile[];
  skipped: SkippedFile[];
  /** Records that were passed over, by feed; see {@link RowAccount.recordsSkipped}. */
  passedOver: PassedOver[];
  failures: Failure[];
  /**
   * Words that no vocabulary has, in published files: sorted, each once for a feed and column. The first
   * {@link MAX_UNMAPPED}; `totals.unmappedWords` counts all.
   */
  unmapped: UnmappedWord[];
  /** Jobs that went on where an interrupted run had left them. */
  resumed: ResumedJob[];
  /** Folder with the rejected records, null when there are none. */
  rejects: string | null;
  /** The report that was asked for, an HTML file; absent where none was, or it could not be written. */
  page?: string;
  /** The run's record, run.json, with the account of every file; null for a dry run. */
  report: string | null;
  /** Where the time went; absent for a dry run. */
  stages?: StageSeconds;
  /** The account of every file that was read, in the order of the plan. */
  files: FileAccount[];
  /** The plan; present only for a dry run. */
  plan?: PlanSummary;
}

/** What a dry run prints: which file would be read as what. */
export interface PlanSummary {
  files: { file: string; iso: string; feed: string; bytes: number; group: number }[];
  /** What the memory limit leaves; absent before it is known. */
  memory?: MemoryPlan;
}
