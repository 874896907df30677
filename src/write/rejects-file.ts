import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RejectedRecord } from "../csv/file-decoder.js";
import { describeWriteError } from "../errors.js";
import { makeFolder } from "../make-folder.js";

/** Folder of the rejects below the output folder. */
export const REJECTS_FOLDER = join("_gridparquet", "rejects");

/** Rejected records of one feed, as CSV: file, line, column, reason, record. Made when the first one comes. */
export class RejectsFile {
  readonly path: string;
  #handle: Promise<FileHandle> | null = null;

  constructor(out: string, iso: string, feed: string) {
    this.path = join(out, REJECTS_FOLDER, iso.toLowerCase(), `${feed}.csv`);
  }

  /** Removes what an earlier run left. */
  async clear(): Promise<void> {
    await rm(this.path, { force: true }).catch((cause) => this.#fail(cause));
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
      await (await this.#handle).appendFile(await toCsv(rows));
    } catch (cause) {
      // Without the records that no longer fit it would only take room.
      await this.close().catch(() => undefined);
      await rm(this.path, { force: true }).catch(() => undefined);
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
    await handle.appendFile(await toCsv([["file", "line", "column", "reason", "record"]]));
    return handle;
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
