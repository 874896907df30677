import { batchBytes, type Segment } from "../../src/arrow/row-batch.js";
import type { Compression } from "../../src/run/options.js";
import { Credits, Semaphore } from "../../src/write/credits.js";
import { SpareShelf } from "../../src/write/spare-buffers.js";
import type { YearFileContext } from "../../src/write/year-context.js";
import { YearFile } from "../../src/write/year-file.js";
import { InProcessPool } from "./in-process-pool.js";
import { Random } from "./random.js";
import { batchOf, ENERGY, type Row } from "./rows.js";

export const JOB_FEED = {
  feed: "da_hourly",
  table: "energy",
  market: "DA",
  timeZone: "UTC",
  joined: null,
} as const;

interface BenchOptions {
  seed?: number;
  compression?: Compression;
  mergeFanIn?: number;
  /** Whether its records hold one component each. */
  joined?: boolean;
}

/** A year file of PJM day-ahead prices with everything that it needs around it. */
export class YearFileBench {
  file: YearFile;
  /** Bounds the row groups that are made at once. */
  readonly encoding = new Semaphore(3);
  readonly credits = new Credits(Number.MAX_SAFE_INTEGER);
  readonly pool: InProcessPool;
  readonly context: YearFileContext;

  constructor(out: string, rowGroupSize: number, options: BenchOptions = {}) {
    this.pool = new InProcessPool(new Random(options.seed ?? 1));
    this.context = {
      iso: "PJM",
      feed: options.joined ? { ...JOB_FEED, joined: [] } : JOB_FEED,
      out,
      rowGroupSize,
      compression: options.compression ?? ("zstd" as const),
      encoder: "own" as const,
      credits: this.credits,
      encoding: this.encoding,
      spare: new SpareShelf(1e6),
      pool: this.pool.run,
      ...(options.mergeFanIn !== undefined && { mergeFanIn: options.mergeFanIn }),
    };
    this.file = new YearFile(this.context, 2024);
  }

  /** One that adds to the year file that is there. */
  static async toUpdate(out: string, rowGroupSize: number): Promise<YearFileBench> {
    const bench = new YearFileBench(out, rowGroupSize);
    const update = { settings: {}, keepPrevious: false };
    bench.file = await YearFile.open({ ...bench.context, update }, 2024);
    return bench;
  }

  /** Hands rows over as a batch of their own. */
  async add(rows: readonly Row[]): Promise<void> {
    const batch = batchOf(ENERGY, rows);
    await this.addSegment({ batch, from: 0, to: batch.rows });
  }

  async addSegment(segment: Segment): Promise<void> {
    const bytes = batchBytes(segment.batch);
    this.credits.request("PJM", 0, bytes, () => undefined);
    await this.file.add(segment, bytes);
  }
}
