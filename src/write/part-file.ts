import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../make-folder.js";
import { addStageTime, timed } from "../run/stage-clock.js";

/**
 * A file that grows under a temporary name and takes its own name only when it is whole.
 *
 * Readers of the folder see the old file or the new one: the name changes with one rename, after the data and
 * before the folder have been flushed to the disk.
 */
export class PartFile {
  readonly path: string;
  readonly #handle: FileHandle;
  size = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Opens `path`, emptied; its folder is made where it is missing. */
  static async create(path: string): Promise<PartFile> {
    await makeFolder(dirname(path));
    return new PartFile(path, await open(path, "w+"));
  }

  /** Appends bytes; returns where they begin. */
  async append(bytes: Uint8Array): Promise<number> {
    const start = this.size;
    const began = performance.now();
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, start + done);
      done += bytesWritten;
    }
    this.size = start + bytes.length;
    addStageTime("append", performance.now() - began);
    return start;
  }

  async read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, start + done);
      if (bytesRead === 0) throw new Error(`${this.path} is shorter than what was written to it`);
      done += bytesRead;
    }
    return bytes;
  }

  /** Makes the file durable and gives it its name. */
  publish(finalPath: string): Promise<void> {
    return timed("publish", () => this.#publish(finalPath));
  }

  async #publish(finalPath: string): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.path, finalPath);
    await syncFolder(dirname(finalPath));
  }

  /** Removes the file. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.path, { force: true });
  }
}

/** Flushes a folder's entries, so that a rename in it survives a power cut. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
