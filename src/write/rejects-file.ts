import { type FileHandle, open, rm, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RejectedRecord } from "../csv/file-decoder.js";
import { describeWriteError } from "../errors.js";
import { makeFolder } from "../make-folder.js";
import { failpoint } from "../run/failpoints.js";

/** Folder of the rejects below the output folder. */
export const REJECTS_FOLDER = join("_gridparquet", "rejects");

/** Rejected records of one feed, as CSV: file, line, column, reason, record. Made when the first one comes. */
export class RejectsFile {
  readonly path: string;
  #handle: Promise<FileHandle> | null = null;
  #size = 0;
  /** Bytes that a journal counts on. */
  #keptSize = 0;

  constructor(out: string, iso: string, feed: string) {
    this.path = join(out, REJECTS_FOLDER, iso.toLowerCase(), `${feed}.csv`);
  }

  /** Removes what an earlier run left. */
  async clear(): Promise<void> {
    await rm(this.path, { force: true }).catch((cause) => this.#fail(cause));
  }

  /**
   * Opens what an earlier run has written, to go on with it.
   *
   * @param size what counts of it: the rest is cut off
   */
  async reopen(size: number): Promise<void> {
    const handle = await open(this.path, "a");
    this.#handle = Promise.resolve(handle);
    if ((await handle.stat()).size < size) throw new Error(`${this.path} is shorter than it was`);
    await handle.truncate(size);
    this.#size = size;
    this.#keptSize = size;
  }

  /** Makes what was added durable; returns its size in bytes, null where there is no file. */
  async flush(): Promise<number | null> {
    if (this.#handle === null) return null;
    try {
      if (this.#size > this.#keptSize) await (await this.#handle).sync();
    } catch (cause) {
      this.#fail(cause);
    }
    return this.#size;
  }

  /** A journal counts on what {@link flush} has made durable. */
  noteSaved(): void {
    this.#keptSize = this.#size;
  }

  get isUsed(): boolean {
    return this.#handle !== null;
  }

  async add(file: string, records: readonly RejectedRecord[]): Promise<void> {
    const rows = records.map(({ line, column, reason, raw }) => [
      file,
      line === 0 ? "" : line,
      column ?? "",
      reason,
      raw,
    ]);
    try {
      this.#handle ??= this.#create();
      await this.#append(await this.#handle, rows);
      failpoint("rejects:appended");
    } catch (cause) {
      // Without the records that no longer fit it would only take room.
      await this.close().catch(() => undefined);
      const cut = this.#keptSize > 0 ? truncate(this.path, this.#keptSize) : rm(this.path, { force: true });
      await cut.catch(() => undefined);
      this.#fail(cause);
    }
  }

  #fail(cause: unknown): never {
    throw new Error(`the rejects file ${this.path} cannot be written: ${describeWriteError(cause)}`, {
      cause,
    });
  }

  async #create(): Promise<FileHandle> {
    await makeFolder(dirname(this.path));
    const handle = await open(this.path, "w");
    await this.#append(handle, [["file", "line", "column", "reason", "record"]]);
    return handle;
  }

  async #append(handle: FileHandle, rows: (string | number)[][]): Promise<void> {
    const bytes = Buffer.from(await toCsv(rows));
    await handle.appendFile(bytes);
    this.#size += bytes.length;
  }

  async close(): Promise<void> {
    await (await this.#handle)?.close();
  }
}

/** Most runs reject nothing: csv-stringify is loaded when the first record is. */
async function toCsv(rows: (string | number)[][]): Promise<string> {
  const { stringify } = await import("csv-stringify/sync");
  return stringify(rows);
}
