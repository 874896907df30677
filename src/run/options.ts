import type { TableName } from "../arrow/tables.js";

export type Compression = "zstd" | "snappy" | "none";
export const COMPRESSIONS: readonly Compression[] = ["zstd", "snappy", "none"];

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
  /** Most rows in one batch on its way from a decoder to the writer. Default 100,000. */
  chunkSize?: number;
  /** Most rows in a row group, unless one interval alone has more. Default {@link DEFAULTS.rowGroupSize}. */
  rowGroupSize?: number;
  /** Parquet codec. Default `zstd`. */
  compression?: Compression;
  /** Folder with own feed definitions (YAML), added to the built-in ones. */
  configDir?: string;
  /** Plan only: nothing is decoded or written. */
  dryRun?: boolean;
  /** A rejected record makes the run fail: exit code 1, nothing is published for its ISO. */
  strict?: boolean;
  /** Stops the run: unfinished year files are removed, finished ones stay. */
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

export interface FileAccount extends RowAccount {
  file: string;
  feed: string;
  bytesIn: number;
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
}

export interface SkippedFile {
  file: string;
  reason: string;
}

export interface Failure {
  file: string;
  message: string;
}

export interface RunTotals extends RowAccount {
  /** Files that were recognised and read. */
  files: number;
  filesSkipped: number;
  bytesIn: number;
  bytesOut: number;
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
  failures: Failure[];
  /** Folder with the rejected records, null when there are none. */
  rejects: string | null;
  /** The run's record, run.json, with the account of every file; null for a dry run. */
  report: string | null;
  /** The account of every file that was read, in the order of the plan. */
  files: FileAccount[];
  /** The plan; present only for a dry run. */
  plan?: PlanSummary;
}

/** What a dry run prints: which file would be read as what. */
export interface PlanSummary {
  files: { file: string; iso: string; feed: string; bytes: number; group: number }[];
}
