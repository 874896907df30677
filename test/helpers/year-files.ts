import { batchBytes, type Segment } from "../../src/arrow/row-batch.js";
import type { Compression } from "../../src/run/options.js";
import { Credits, Semaphore } from "../../src/write/credits.js";
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

/** A year file of PJM day-ahead prices with everything that it needs around it. */
export class YearFileBench {
  readonly file: YearFile;
  readonly credits = new Credits(Number.MAX_SAFE_INTEGER);
  readonly pool: InProcessPool;

  constructor(out: string, rowGroupSize: number, options: { seed?: number; compression?: Compression } = {}) {
    this.pool = new InProcessPool(new Random(options.seed ?? 1));
    const context = {
      iso: "PJM",
      feed: JOB_FEED,
      out,
      rowGroupSize,
      compression: options.compression ?? ("zstd" as const),
      encoder: "own" as const,
      credits: this.credits,
      encoding: new Semaphore(3),
      pool: this.pool.run,
    };
    this.file = new YearFile(context, 2024);
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
