import type { Manifest } from "../dataset/manifest.js";
import type { ChangedDays } from "../parquet/day-counts.js";
import type { WholeFile } from "../parquet/whole-file.js";
import type { Failure, OutputFile } from "../run/options.js";
import type { JobResult } from "../run/protocol.js";
import type { FileReadingState } from "../write/file-reading.js";
import type { Piece } from "../write/pieces.js";
import type { SeenState } from "../write/seen-entities.js";
import type { JournalHead } from "./journal-plan.js";
import type { SavedBatch, SavedTable } from "./saved-rows.js";

/** All that a job needs to go on from the end of a task as if it had never stopped: what a journal holds. */
export interface JobState {
  head: JournalHead;
  /** Entity tables, which the other parts name by their place here. */
  tables: SavedTable[];
  /** By file index, of the files that were reached. */
  readings: FileReadingState[];
  failures: Failure[];
  /** Sizes of the rejects files, by feed. */
  rejects: Map<string, number>;
  years: YearState[];
  /** What became of the job, once it is over; nothing else of it is kept then. */
  ended: { result: JobResult; published: WholeFile[] } | null;
}

/** A year file before it is published. */
export interface YearState {
  feed: string;
  year: number;
  /** Why it cannot be written any more. */
  failure: { message: string; code: string | null } | null;
  /** Whether its failure is among the job's. */
  isGivenUp: boolean;
  accepted: Map<number, number>;
  dropped: Map<number, number>;
  seen: SeenState;
  /** Number of the next row group. */
  sequence: number;
  /** What the part file and the side file hold; sizes in bytes, null where there is none. */
  pieces: Piece[];
  partBytes: number | null;
  sideBytes: number | null;
  /** Rows that wait for their row group. */
  pending: SavedBatch[];
  /** Set when the file lacks nothing but its name; what is above it is not kept then. */
  ready: ReadyYear | null;
}

/** A year file that only lacks its name. */
export interface ReadyYear {
  written: Map<number, number>;
  /** Rows that gave way to later ones, by the file index of those. */
  replaced: Map<number, number>;
  /** Null when no row is left for the file. */
  output: OutputFile | null;
  /** The file under its temporary name. */
  file: WholeFile | null;
  manifest: Manifest | null;
  /** Of an update. */
  days?: ChangedDays;
}
