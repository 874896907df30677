import type { MessagePort } from "node:worker_threads";
import type { Remainder } from "../arrow/remainders.js";
import type { RowBatch, Segment, SpareBuffers } from "../arrow/row-batch.js";
import type { TableName } from "../arrow/tables.js";
import type { ContainerEntry } from "../containers/container-entry.js";
import type { FileCounts, RejectedRecord } from "../csv/file-decoder.js";
import type { UpdateInfo } from "../dataset/year-settings.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import type { RecognisedFile, UnrecognisedFile } from "../feeds/recognise.js";
import type { JournalPlan } from "../journal/journal-plan.js";
import type { IntervalRows } from "../order/calendar-cuts.js";
import type { Joining, Orphan } from "../order/sort-rows.js";
import type { SpilledMonth } from "../order/spilled-rows.js";
import type { ChangedDays } from "../parquet/day-counts.js";
import type { IndexedRowGroup } from "../parquet/footer-index.js";
import type { StoredRowGroup } from "../parquet/read-row-group.js";
import type { FoundFile } from "../plan/discover-inputs.js";
import type { FileRange } from "../plan/file-ranges.js";
import type { DoneInput } from "../plan/remaining-tasks.js";
import type { Compression, Encoder, Failure, OutputFile, RowAccount, UnmappedWord } from "./options.js";

/*
 * Every message between threads, with its payload.
 *
 *   main ──DecodeTask──► pool: decode ──DecoderMessage──► writer     (a port of their own for each task)
 *                                     ◄──────grant──────
 *   main ◄──WriterMessage── writer ◄──MainMessage── main
 *   main ──its port──► pool: encode, merge, read, combine ◄──PoolTask── writer (a port of their own for each call)
 *                                                         ──PoolResult─►
 *
 * What holds rows never passes through main: it would only leave garbage there.
 */

/** main → pool: says what files are, before anything is planned. */
export interface LookTask {
  files: readonly Pick<FoundFile, "path" | "bytes">[];
  /** Folder of own definitions. */
  configDir: string | undefined;
  /** See Wanted of src/plan/look-into.ts. */
  feeds: readonly string[];
  iso: string | null;
}

/** What a file is, with the keys of its feeds. */
export type LookResult =
  | (Omit<RecognisedFile, "feed" | "alsoOf"> & { feed: string; alsoOf: string[] })
  | UnrecognisedFile;

/** A range of a file to decode. */
export interface RangeTask extends FileRange {
  /** Whether a record is known to begin at `from`; else the first line break at or after the byte before is taken for the end of one. */
  isBoundary: boolean;
  /** Whether the range was decoded before, from a wrong place: its progress has been told. */
  again: boolean;
}

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
  /** Length of some of its records, on average. */
  recordBytes: number;
  /** Operating day that stands above the records, in days since 1970-01-01; null where none does. */
  day: number | null;
  /** The part of it that is decoded; null for all of it. */
  range: RangeTask | null;
}

/** main → decode worker: files of one feed, in plan order. */
export interface DecodeTask {
  feed: FeedDefinition;
  files: readonly FileTask[];
  chunkSize: number;
  years: readonly number[] | null;
  port: MessagePort;
  /**
   * What the task is at, one slot each (see {@link ProgressSlot}), then one for each of its files: microseconds at work
   * on it. Its own, so that what a dead thread did can be forgotten.
   */
  progress: BigInt64Array<SharedArrayBuffer>;
}

/** Slots of a decode task's shared progress counters. */
export const ProgressSlot = {
  bytes: 0,
  rows: 1,
  files: 2,
  /** Changes whenever something has been done. */
  beat: 3,
  /** 1 while the task is at work, 0 before it begins and while it waits for the writer. */
  busy: 4,
  /** The file that is being decoded, its index and one; 0 between files. */
  file: 5,
  /** Batches handed over, and microseconds from the writer's leave to that; by {@link BATCH_SECONDS} in the slots that follow. */
  batches: 6,
  batchMicros: 7,
  /** The thread that does the task. */
  thread: 8,
  batchBuckets: 9,
} as const;
/** Upper bounds of the buckets in which batches are counted by the time that they took, in seconds; one more is for the rest. */
export const BATCH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** Slots before those of the files. */
export const PROGRESS_SLOTS = ProgressSlot.batchBuckets + BATCH_SECONDS.length + 1;

/** decode worker → writer, in this order for each file or range: where it begins, batches and rejects, then its end. */
export type DecoderMessage =
  /** May a batch of this many bytes be built, with room for so many rows? Answered with {@link Grant}. */
  | { type: "admit"; capacity: number; bytes: number }
  /** Rows, possibly of several files. */
  | { type: "batch"; batch: RowBatch }
  /** A range's first record begins at this byte: only if the range before ends there were its records read as what they are. */
  | { type: "rangeBegins"; fileIndex: number; at: number }
  /** Lines of a range that does not begin the file are counted from its first record, as line 0. */
  | { type: "rejects"; fileIndex: number; records: RejectedRecord[] }
  /** A range's last record has been read: byte and line at which the next one begins, the line counted as those of rejects. */
  | { type: "rangeEnds"; fileIndex: number; at: number; line: number }
  /** The file is done; `failure` says why not all of it could be read. */
  | { type: "file"; fileIndex: number; counts: FileCounts; failure: string | null }
  | { type: "end" };

/** writer → decode worker: the batch asked for may be built. */
export interface Grant {
  /** Buffers that can be used for it, with the room that was asked for or a little more; none where there are none. */
  spare: SpareBuffers;
}

/** main → writer. */
/** main → writer, before any other message: for how many threads it works, and the bytes of batches that may exist at once. */
export interface BeginWriting {
  threads: number;
  creditBytes: number;
}

export type MainMessage =
  | { type: "job"; job: JobInfo }
  /** The port on which the task with this number in its job will speak. */
  | {
      type: "task";
      iso: string;
      task: number;
      /** Tells it from an earlier task with this number, whose range had to be decoded again. */
      id: number;
      files: readonly number[];
      /** The part of its file that the task decodes; null where it decodes files as a whole. */
      range: FileRange | null;
      port: MessagePort;
    }
  /** The task's thread died; it is decoded again, without the file that is to blame where one is. */
  | {
      type: "taskAgain";
      iso: string;
      task: number;
      id: number;
      failed: { file: number; message: string } | null;
      port: MessagePort;
    }
  /** The task's thread failed again; what has not come will not come. */
  | { type: "taskFailed"; iso: string; task: number; message: string }
  /** The thread that was to do a {@link PoolTask} failed; nothing will come on its port. */
  | { type: "poolFailed"; id: number; message: string }
  /** All tasks of the job have been handed out: `tasks` of them. */
  | { type: "tasksEnd"; iso: string; tasks: number }
  /** Memory is short, or is not any more: give out this part of the credits, 0 to 1; of none, one file at a time. */
  | { type: "creditShare"; share: number }
  /** Stop; what is done is kept for the next run. */
  | { type: "abort"; iso: string };

/** What the writer must know of a job. */
export interface JobInfo {
  iso: string;
  out: string;
  /** By file index. */
  files: readonly JobFile[];
  feeds: readonly JobFeed[];
  rowGroupSize: number;
  chunkSize: number;
  compression: Compression;
  encoder: Encoder;
  /** A rejected record fails the job. */
  strict: boolean;
  threads: number;
  mergeFanIn?: number;
  /** The years that were chosen; null for all. */
  only?: readonly number[] | null;
  /** How year files that are there are added to; without it they are replaced. */
  update?: UpdateInfo | null;
  /**
   * Whether it is begun once more when it ends with `THREAD_DIED`. Else rows that a dead thread had in hand cost their
   * year, and each task has a thread to itself, where only itself can be to blame for another death.
   */
  startsAgain?: boolean;
  /** What its journal is kept with; without it none is kept. */
  journal?: JournalPlan;
}

export interface JobFile {
  path: string;
  feed: string;
  /** The file on disk and the names inside it, joined; without it, its rows are in no ledger. */
  origin?: { path: string; entry: string };
  /** Start of its first record's interval, in epoch milliseconds; null where that is not known. */
  firstStart?: number | null;
}

export interface JobFeed {
  feed: string;
  table: TableName;
  market: string;
  timeZone: string;
  /** Where records hold one component each, to be joined: the measures worked out then. Else null. */
  joined: readonly Remainder[] | null;
}

/** writer → main. */
export type WriterMessage =
  /** A {@link PoolTask} waits on the port for a thread of the pool; or for one that has nothing else in hand. */
  | { type: "pool"; id: number; port: MessagePort; alone: boolean }
  | { type: "publishing"; iso: string }
  /** Something is done once more since a thread has died; a whole sentence. */
  | { type: "retry"; iso: string; message: string }
  /** How far the job's journal goes; told when {@link JournalPlan.isWaitedFor}. */
  | { type: "begun"; iso: string; begun: BegunJob }
  /** A task decoded its range from a wrong place: decode `range`, at whose first byte a record begins, in its stead. */
  | { type: "decodeAgain"; iso: string; task: number; file: number; range: FileRange }
  | { type: "jobEnd"; iso: string; result: JobResult }
  | { type: "jobFailed"; iso: string; message: string; code: string | null };

/** Where a job goes on that an earlier run has begun. */
export interface BegunJob {
  done: DoneInput;
  /** Rows that were read. */
  rows: number;
  /** Why it begins at its beginning, though there is a journal; a whole sentence. */
  warning: string | null;
}

/** What became of a job. */
export interface JobResult {
  outputs: OutputFile[];
  /** By file index; null for a file that was never reached. */
  accounts: (RowAccount | null)[];
  /** Of an update: rows that gave way to later ones, by the file index of those. */
  replaced: ReadonlyMap<number, number>;
  /** Of an update: the days of its {@link outputs}, by path. */
  days?: ReadonlyMap<string, ChangedDays>;
  failures: Failure[];
  /** Whole sentences about what a person should know and what makes nothing partial. */
  warnings: string[];
  /** Words of no vocabulary in the rows of published years, in no order. */
  unmapped: UnmappedWord[];
  /** Folder of the rejects files of the job, null when nothing was rejected. */
  rejects: string | null;
}

/** Work for the pool that the writer asks for. */
export type PoolTask =
  /** Sort rows, drop duplicates, encode what is left as a row group. */
  | ({ name: "encode"; segments: Segment[] } & RowGroupSettings)
  /** Store rows by month, as they are. */
  | { name: "spill"; table: TableName; segments: Segment[] }
  /** Sort rows and drop duplicates. */
  | { name: "merge"; table: TableName; segments: Segment[]; joining: Joining | null }
  /** Decode a row group, or sort rows that were spilled and drop duplicates. */
  | { name: "read"; table: TableName; piece: StoredRows }
  /** Decode row groups, sort their rows together, drop duplicates, encode what is left as one row group. */
  | ({ name: "combine"; pieces: StoredRows[] } & RowGroupSettings);

/** How a row group is to be made. */
export interface RowGroupSettings {
  table: TableName;
  compression: Compression;
  encoder: Encoder;
  joining: Joining | null;
  /** A buffer that can be used for the bytes, if there is one. */
  room: ArrayBuffer | null;
}

/**
 * Rows as they lie in a file: a row group and the pairs of file index and row count that say where its rows came from,
 * or a month of spilled rows.
 */
export type StoredRows =
  | { stored: StoredRowGroup; sources: Int32Array<ArrayBuffer> }
  | { spilled: Uint8Array<ArrayBuffer> };

export interface EncodeResult {
  name: "encode" | "combine";
  /** They begin their buffer, which may be larger. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the bytes. */
  crc32: number;
  /** Offsets count from the first byte of `bytes`. */
  rowGroup: IndexedRowGroup;
  rows: number;
  intervals: IntervalRows;
  /** Pairs of file index and row count, in the order of the rows; when combined, one for each file. */
  sources: Int32Array<ArrayBuffer>;
  /** Duplicates dropped: pairs of the file that lost rows and how many. */
  dropped: number[];
  /** See {@link BatchResult.replaced}. */
  replaced: number[];
  /** Rows whose total has not come yet, or will not: the row group cannot be published with them. */
  orphans: Orphan[];
  /** Those of the batches that the rows came in. */
  spare: SpareBuffers[];
}

export interface BatchResult {
  name: "merge" | "read";
  batch: RowBatch;
  dropped: number[];
  /** Rows of the file that is added to which were dropped: pairs of the file whose rows took their place and how many. */
  replaced: number[];
  orphans: Orphan[];
}

/** A month of spilled rows, and the CRC-32 of its bytes. */
export interface StoredMonth extends SpilledMonth {
  crc32: number;
}

/** Rows that were spilled, in order of time. */
export interface SpillResult {
  name: "spill";
  months: StoredMonth[];
  /** Those of the batches that the rows came in. */
  spare: SpareBuffers[];
}

export type PoolResult = EncodeResult | SpillResult | BatchResult;
