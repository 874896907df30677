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
  size: number;
  /** Whether all that it holds is known to be on the disk. */
  #isFlushed = false;
  /** What {@link beginFlush} has begun. */
  #early: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, size: number) {
    this.path = path;
    this.#handle = handle;
    this.size = size;
  }

  /** Opens `path`, emptied; its folder is made where it is missing. */
  static async create(path: string): Promise<PartFile> {
    await makeFolder(dirname(path));
    return new PartFile(path, await open(path, "w+"), 0);
  }

  /**
   * Opens the part file of an earlier run to go on with it.
   *
   * @param size what counts of it: the rest is cut off
   * @throws when it is shorter than that, or not there
   */
  static async reopen(path: string, size: number): Promise<PartFile> {
    const handle = await open(path, "r+");
    try {
      if ((await handle.stat()).size < size) throw new Error(`${path} is shorter than it was`);
      await handle.truncate(size);
      return new PartFile(path, handle, size);
    } catch (error) {
      await handle.close();
      throw error;
    }
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
    this.#isFlushed = false;
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

  /**
   * Begins to make durable what was appended, while more is: less is left for {@link flush} to wait for, which tells
   * whether it has failed.
   */
  beginFlush(): void {
    this.#early = this.#early.then(() => this.#handle.sync());
    this.#early.catch(() => undefined);
  }

  async #sync(): Promise<void> {
    // A fault of the disk is told once: what comes after does not know of it.
    await this.#early;
    await this.#handle.sync();
  }

  /** Makes what was appended durable, and that the file is there. */
  async flush(): Promise<void> {
    if (this.#isFlushed) return;
    await this.#sync();
    await syncFolder(dirname(this.path));
    this.#isFlushed = true;
  }

  /** Closes the file and leaves it under its temporary name, with only so many bytes: a later run may go on with it. */
  async leave(size: number): Promise<void> {
    try {
      if (size < this.size) await this.cut(size);
    } finally {
      await this.#close();
    }
  }

  /** Cuts off what lies behind its first `size` bytes. */
  async cut(size: number): Promise<void> {
    await this.#handle.truncate(size);
    this.size = size;
    this.#isFlushed = false;
  }

  /** Closes it when nothing is at work on it. */
  async #close(): Promise<void> {
    await this.#early.catch(() => undefined);
    await this.#handle.close();
  }

  /** Makes the file durable and gives it its name. */
  publish(finalPath: string): Promise<void> {
    return timed("publish", () => this.#publish(finalPath));
  }

  async #publish(finalPath: string): Promise<void> {
    if (!this.#isFlushed) await this.#sync();
    await this.#close();
    await rename(this.path, finalPath);
    await syncFolder(dirname(finalPath));
  }

  /** Removes the file; where that fails, it stays under its temporary name, which readers pass over. */
  async discard(): Promise<void> {
    await this.#close().catch(() => undefined);
    await rm(this.path, { force: true }).catch(() => undefined);
  }
}

/** Flushes a folder's entries, so that a rename in it survives a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
