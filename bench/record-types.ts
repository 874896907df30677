import type { DataSet } from "./data-set.js";
import type { DatasetSettings, PartName } from "./dataset/settings.js";
import type { LayoutFailure, LayoutResult } from "./layouts/run-layouts.js";
import type { Usage } from "./measure.js";
import type { BenchOptions, RecordOptions } from "./options.js";
import type { RssSample, RssTrend } from "./rss.js";
import type { PeerResult } from "./table.js";

/** When, of what and where a benchmark was run. */
export interface Circumstances {
  /** ISO 8601, UTC. */
  date: string;
  /** Commit of the checkout, with `+` when files differ from it; null outside of git. */
  commit: string | null;
  versions: { node: string; duckdb: string | null; polars: string | null };
  machine: { platform: string; cpu: string | null; cores: number; memoryBytes: number };
}

/** Size of an input. */
export type InputSize = Pick<DataSet, "files" | "rows" | "bytes">;

export interface PeerReason {
  name: string;
  reason: string;
}

/** What programs took on one input. */
export interface PeersOnInput {
  input: InputSize;
  peers: (PeerResult & { median: Usage })[];
  notRun: PeerReason[];
  failed: PeerReason[];
}

/** `npm run bench`. Records of before it had parts have the peers alone. */
export interface PeersContent {
  bench: "peers";
  options: Omit<BenchOptions, keyof RecordOptions | "parts" | "keep"> & Partial<Pick<BenchOptions, "parts">>;
  /** One for each scale. */
  sets: PeersOnInput[];
  year?: PeersOnInput | undefined;
  tenth?: PeersOnInput | undefined;
  smallFiles?: LayoutResult | undefined;
  start?: PeersOnInput | undefined;
}

/** `npm run bench:layouts`. */
export interface LayoutsContent {
  bench: "layouts";
  options: { only: string[]; megabytes: number; rounds: number; threads: number };
  results: LayoutResult[];
  failed: LayoutFailure[];
}

/** `npm run bench:startup`. */
export interface StartupContent {
  bench: "startup";
  options: { rounds: number; rows: number };
  results: { name: string; runs: Usage[] }[];
}

/** What one size of input took. */
export interface MemorySize {
  scale: number;
  input: InputSize;
  /** One entry per round. */
  runs: (Usage & { samples: RssSample[] })[];
}

/** `npm run bench:memory`. */
export interface MemoryContent {
  bench: "memory";
  options: { rounds: number; days: number; nodes: number; threads: number };
  sizes: MemorySize[];
}

/** `npm run bench:soak`. */
export interface SoakContent {
  bench: "soak";
  options: { minutes: number; days: number; nodes: number; threads: number };
  input: InputSize;
  /** Of each conversion, in their order. */
  wallSeconds: number[];
  samples: RssSample[];
  trend: RssTrend;
}

/** What one part of the benchmark of datasets works on. */
export interface DatasetInput extends InputSize {
  part: PartName;
  /** In a few words. */
  what: string;
}

/** What one process of it took. */
export interface DatasetResult {
  part: PartName;
  name: string;
  threads: number;
  /** One entry per round. */
  runs: Usage[];
}

/** `npm run bench:dataset`. */
export interface DatasetContent {
  bench: "dataset";
  options: DatasetSettings;
  inputs: DatasetInput[];
  results: DatasetResult[];
  /** Parts that stopped with an error or whose output was wrong. */
  failed: PeerReason[];
}

/** What a benchmark measured. */
export type RecordContent =
  | PeersContent
  | LayoutsContent
  | StartupContent
  | MemoryContent
  | SoakContent
  | DatasetContent;
export type BenchName = RecordContent["bench"];

/** A record as it lies in a file: everything that is needed to judge or repeat the run. */
export type BenchRecord = Circumstances & RecordContent;
export type PeersRecord = Circumstances & PeersContent;
export type LayoutsRecord = Circumstances & LayoutsContent;
export type MemoryRecord = Circumstances & MemoryContent;
export type DatasetRecord = Circumstances & DatasetContent;
