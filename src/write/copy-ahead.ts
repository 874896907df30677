import { statfs } from "node:fs/promises";
import { MAGIC } from "../parquet/footer.js";
import { failpoint } from "../run/failpoints.js";
import { Semaphore } from "./credits.js";
import type { ExistingYear } from "./existing-year.js";
import type { PartFile } from "./part-file.js";
import type { YearParts } from "./year-parts.js";

/** Bytes after which those that were copied are sent to the disk, so that little is left to wait for at the end. */
const FLUSH_BYTES = 16 << 20;

/** One file is copied at a time, however many years are added to: what is held of it are three row groups. */
const COPIES = new Semaphore(1);

/**
 * Copies the first row groups of a year file that is added to while the rows for it are still being read: those before
 * all of these rows will most likely stay where they are. What stays is decided when all rows are there; what was copied
 * beyond that is cut off.
 *
 * Nothing depends on the copy: where it fails, because the file is damaged or for whatever reason, it is as if it had
 * never been begun, and whoever copies the row groups then meets the reason.
 */
export class CopyAhead {
  readonly #existing: ExistingYear;
  readonly #parts: Pick<YearParts, "createSorted">;
  /** The earliest start of an interval, in epoch milliseconds, that rows came for. */
  #firstStart = Number.POSITIVE_INFINITY;
  /** Where the copy ends at the latest, once that is known. */
  #end: number | null = null;
  #file: PartFile | null = null;
  /** Row groups that are copied, and where they end. */
  #copied = 0;
  #size = MAGIC.length;
  #hasFailed = false;
  /** The work under way. */
  #work: Promise<void> | null = null;

  constructor(existing: ExistingYear, parts: Pick<YearParts, "createSorted">) {
    this.#existing = existing;
    this.#parts = parts;
  }

  /** Rows came for an interval that begins at `start`. */
  noteRows(start: number): void {
    this.#firstStart = Math.min(this.#firstStart, start);
    this.#work ??= this.#copy();
  }

  /**
   * The file with what of the copy lies before `end`, where a row group ends; it is the caller's then.
   *
   * @returns null when there is no such copy
   */
  async take(end: number): Promise<PartFile | null> {
    this.#end = end;
    await this.#work;
    await this.#copy();
    const file = this.#file;
    this.#file = null;
    if (file === null) return null;
    try {
      if (file.size > end) await file.cut(end);
      return file;
    } catch {
      await file.discard();
      return null;
    }
  }

  /** Stops, and removes what was copied. */
  async discard(): Promise<void> {
    this.#end = 0;
    await this.#work;
    await this.#file?.discard();
    this.#file = null;
  }

  async #copy(): Promise<void> {
    await COPIES.acquire();
    try {
      await this.#copyRowGroups();
    } catch {
      this.#hasFailed = true;
      await this.#file?.discard();
      this.#file = null;
    } finally {
      COPIES.release();
    }
  }

  async #copyRowGroups(): Promise<void> {
    const existing = this.#existing;
    if (this.#hasFailed || !this.#isWanted(this.#copied, this.#size)) return;
    if (this.#end === null && !(await this.#hasRoom())) return;
    this.#file ??= await this.#parts.createSorted();
    const file = this.#file;
    const buffers = [new ArrayBuffer(0), new ArrayBuffer(0), new ArrayBuffer(0)];
    const read = (index: number): Promise<Uint8Array> => {
      const { length } = existing.placeOf(index)!;
      const turn = index % buffers.length;
      if (buffers[turn]!.byteLength < length) buffers[turn] = new ArrayBuffer(length);
      const bytes = existing.readRowGroup(index, new Uint8Array(buffers[turn]!, 0, length));
      // What fails is heard of when it is waited for.
      bytes.catch(() => undefined);
      return bytes;
    };
    let unflushed = 0;
    let next: Promise<Uint8Array> | null = null;
    let writing: Promise<unknown> = Promise.resolve();
    try {
      // While one is written, the one behind it is held against its checksum, and another one read.
      for (; this.#isWanted(this.#copied, this.#size); this.#copied++) {
        const reading: Promise<Uint8Array> = next ?? read(this.#copied);
        const { length } = existing.placeOf(this.#copied)!;
        const isNextWanted = this.#isWanted(this.#copied + 1, this.#size + length);
        next = isNextWanted ? read(this.#copied + 1) : null;
        const bytes = await reading;
        await writing;
        if (this.#copied > 0) failpoint("year:row-group-copied");
        writing = file.append(bytes);
        writing.catch(() => undefined);
        this.#size += length;
        unflushed += length;
        if (unflushed < FLUSH_BYTES) continue;
        file.beginFlush();
        unflushed = 0;
      }
    } finally {
      await next?.catch(() => undefined);
      await writing;
    }
    if (unflushed > 0) file.beginFlush();
  }

  /** Whether so much room is left that a copy which may turn out not to be needed takes none away from what is. */
  async #hasRoom(): Promise<boolean> {
    const { path, bytes } = this.#existing;
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize > 2 * bytes;
  }

  /** Whether a row group is to be copied, to the place that it has; `at` is where those before it end. */
  #isWanted(index: number, at: number): boolean {
    const place = this.#existing.placeOf(index);
    // What lies at another place than this program gives it is copied with all else.
    if (place === null || place.offset !== at) return false;
    return this.#end === null ? place.lastStart < this.#firstStart : at + place.length <= this.#end;
  }
}
