import { stat } from "node:fs/promises";
import { rowGroupSpan } from "../parquet/chunk-bytes.js";
import type { JobProgress, RunProgress } from "../run/options.js";
import type { PartTask } from "./check-part.js";

/** Counts what has been read back, and tells it as the progress of one job. */
export class ReadProgress {
  readonly #tell: (progress: RunProgress) => void;
  readonly #started = performance.now();
  /** Bytes of the files that have not been read yet, by path. */
  readonly #left: Map<string, number>;
  readonly #job: JobProgress;

  private constructor(left: Map<string, number>, tell: (progress: RunProgress) => void) {
    this.#tell = tell;
    this.#left = left;
    this.#job = {
      ...{ iso: "verify", state: "running", filesTotal: left.size, filesDone: 0 },
      ...{ bytesTotal: [...left.values()].reduce((sum, bytes) => sum + bytes, 0), bytesDone: 0 },
      rowsDecoded: 0,
    };
    this.#report();
  }

  /** Begins to count. Files that are not there any more count as empty: what is wrong with them is found later. */
  static async begin(paths: readonly string[], tell: (progress: RunProgress) => void): Promise<ReadProgress> {
    const sizes = paths.map(async (path) => [path, (await stat(path).catch(() => null))?.size ?? 0] as const);
    return new ReadProgress(new Map(await Promise.all(sizes)), tell);
  }

  /** A part of a file has been read. */
  addPart({ path, rowGroups }: PartTask, rows: number): void {
    const bytes = rowGroups.reduce((sum, rowGroup) => {
      const { from, to } = rowGroupSpan(rowGroup);
      return sum + to - from;
    }, 0);
    this.#job.rowsDecoded += rows;
    this.#addBytes(path, bytes);
  }

  /** Nothing more of a file is read. */
  endFile(path: string): void {
    this.#job.filesDone++;
    this.#addBytes(path, Number.POSITIVE_INFINITY);
  }

  end(): void {
    this.#job.state = "done";
    this.#report();
  }

  /** A damaged footer may name more than there is. */
  #addBytes(path: string, bytes: number): void {
    const left = this.#left.get(path) ?? 0;
    const read = Math.min(bytes, left);
    this.#left.set(path, left - read);
    this.#job.bytesDone += read;
    this.#report();
  }

  #report(): void {
    this.#tell({
      elapsedSeconds: (performance.now() - this.#started) / 1000,
      rssBytes: process.memoryUsage.rss(),
      jobs: [{ ...this.#job }],
    });
  }
}
