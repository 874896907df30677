import type { MessagePort } from "node:worker_threads";
import type { RowGroup } from "hyparquet";
import type { RowBatch, Segment } from "../arrow/row-batch.js";
import type { TableName } from "../arrow/tables.js";
import type { ContainerEntry } from "../containers/container-entry.js";
import type { FileCounts, RejectedRecord } from "../csv/file-decoder.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import type { Joining, Orphan } from "../order/sort-rows.js";
import type { StoredRowGroup } from "../parquet/read-row-group.js";
import type { Compression, OutputFile, RowAccount } from "./options.js";

/*
 * Every message between threads, with its payload.
 *
 *   main ──DecodeTask──► pool: decode ──DecoderMessage──► writer     (a port of their own for each task)
 *                                     ◄──────grant──────
 *   main ◄──WriterMessage── writer ◄──MainMessage── main
 *   main ──PoolTask──► pool: encode, merge, read ──► main            (on behalf of the writer, buffers moved through)
 */

/** A file to decode. */
export interface FileTask {
  /** Place of the file in its job's plan. */
  fileIndex: number;
  source: ContainerEntry;
  bytes: number;
  header: readonly string[];
  /** Byte at which the records begin, and the line number there. */
  dataStart: number;
  firstLine: number;
}

/** main → decode worker: files of one feed, in plan order. */
export interface DecodeTask {
  feed: FeedDefinition;
  files: readonly FileTask[];
  chunkSize: number;
  years: readonly number[] | null;
  port: MessagePort;
  /** Counters of the job, one slot each (see {@link ProgressSlot}). */
  progress: BigInt64Array<SharedArrayBuffer>;
}

/** Slots of a job's shared progress counters. */
export const ProgressSlot = { bytes: 0, rows: 1, files: 2 } as const;
export const PROGRESS_SLOTS = 3;

/** decode worker → writer, in this order for each file: batches and rejects, then its end. */
export type DecoderMessage =
  /** May a batch of this many bytes be built? Answered with {@link Grant}. */
  | { type: "admit"; bytes: number }
  /** Rows, possibly of several files. */
  | { type: "batch"; batch: RowBatch }
  | { type: "rejects"; fileIndex: number; records: RejectedRecord[] }
  /** The file is done; `failure` says why not all of it could be read. */
  | { type: "file"; fileIndex: number; counts: FileCounts; failure: string | null }
  | { type: "end" };

/** writer → decode worker: the batch asked for may be built. */
export type Grant = "grant";

/** main → writer. */
export type MainMessage =
  | { type: "job"; job: JobInfo }
  /** The port on which the task with this number in its job will speak. */
  | { type: "task"; iso: string; task: number; files: readonly number[]; port: MessagePort }
  /** The task's thread failed; what has not come will not come. */
  | { type: "taskFailed"; iso: string; task: number; message: string }
  | { type: "pool"; id: number; result: PoolResult }
  | { type: "poolFailed"; id: number; message: string }
  /** All tasks of the job have been handed out: `tasks` of them. */
  | { type: "tasksEnd"; iso: string; tasks: number }
  /** Stop, remove what is unfinished. */
  | { type: "abort"; iso: string };

/** What the writer must know of a job. */
export interface JobInfo {
  iso: string;
  out: string;
  /** By file index. */
  files: readonly { path: string; feed: string }[];
  feeds: readonly JobFeed[];
  rowGroupSize: number;
  chunkSize: number;
  compression: Compression;
  /** A rejected record fails the job. */
  strict: boolean;
  threads: number;
}

export interface JobFeed {
  feed: string;
  table: TableName;
  market: string;
  timeZone: string;
  /** Whether records hold one component each, to be joined. */
  joined: boolean;
}

/** writer → main. */
export type WriterMessage =
  | { type: "pool"; id: number; task: PoolTask }
  | { type: "publishing"; iso: string }
  | { type: "jobEnd"; iso: string; result: JobResult }
  | { type: "jobFailed"; iso: string; message: string; code: string | null };

/** What became of a job. */
export interface JobResult {
  outputs: OutputFile[];
  /** By file index; null for a file that was never reached. */
  accounts: (RowAccount | null)[];
  failures: { file: string; message: string }[];
  /** Folder of the rejects files of the job, null when nothing was rejected. */
  rejects: string | null;
}

/** Work for the pool that the writer asks for. */
export type PoolTask =
  /** Sort rows, drop duplicates, encode what is left as a row group. */
  | {
      name: "encode";
      table: TableName;
      segments: Segment[];
      compression: Compression;
      joining: Joining | null;
    }
  /** Sort rows and drop duplicates. */
  | { name: "merge"; table: TableName; segments: Segment[]; joining: Joining | null }
  /** Decode a row group. */
  | { name: "read"; table: TableName; stored: StoredRowGroup; sources: Int32Array<ArrayBuffer> };

export interface EncodeResult {
  name: "encode";
  bytes: Uint8Array<ArrayBuffer>;
  /** Offsets count from the first byte of `bytes`. */
  rowGroup: RowGroup;
  rows: number;
  intervals: IntervalRows;
  /** Pairs of file index and row count. */
  sources: Int32Array<ArrayBuffer>;
  /** Duplicates dropped: pairs of the file that lost rows and how many. */
  dropped: number[];
  /** Rows whose total has not come yet, or will not: the row group cannot be published with them. */
  orphans: Orphan[];
}

/** Rows by interval: epoch milliseconds, days since 1970-01-01, counts. */
export interface IntervalRows {
  start: Float64Array<ArrayBuffer>;
  date: Int32Array<ArrayBuffer>;
  rows: Int32Array<ArrayBuffer>;
}

export interface BatchResult {
  name: "merge" | "read";
  batch: RowBatch;
  dropped: number[];
  orphans: Orphan[];
}

export type PoolResult = EncodeResult | BatchResult;
