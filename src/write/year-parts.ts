import { rm } from "node:fs/promises";
import type { YearState } from "../journal/job-state.js";
import { PART_SUFFIXES } from "../journal/left-parts.js";
import { MAGIC } from "../parquet/footer.js";
import { isWholeFile } from "../parquet/whole-file.js";
import { failpoint } from "../run/failpoints.js";
import { PartFile } from "./part-file.js";

/** What a journal has of a year's files. */
export type SavedParts = Pick<YearState, "partBytes" | "sideBytes" | "ready">;

/**
 * The files under temporary names that become a year file or help to make it: the part file with the row groups, a
 * side file with lists of sources, and the part file before the row groups were put in order.
 */
export class YearParts {
  readonly #finalPath: string;
  #part: PartFile | null = null;
  #making: Promise<void> | null = null;
  #side: PartFile | null = null;
  /** A checkpoint may count on it until there is one with what replaced it. */
  #old: PartFile | null = null;
  /** What the last checkpoint counts on; null where there is none. */
  #saved: SavedParts | null = null;

  constructor(finalPath: string) {
    this.#finalPath = finalPath;
  }

  /** Size of the part file in bytes. */
  get bytes(): number {
    return this.#part?.size ?? 0;
  }

  get paths(): string[] {
    return [this.#part, this.#side].flatMap((file) => (file === null ? [] : [file.path]));
  }

  /** The part file; it is made when it is asked for first. */
  async part(): Promise<PartFile> {
    if (this.#part === null) {
      this.#making ??= this.#makePart().finally(() => {
        this.#making = null;
      });
      await this.#making;
    }
    return this.#part!;
  }

  async #makePart(): Promise<void> {
    // What a run has left that is over.
    for (const suffix of PART_SUFFIXES) await rm(`${this.#finalPath}${suffix}`, { force: true });
    this.#part = await createFile(`${this.#finalPath}.partial`);
    failpoint("part:created");
  }

  /** A file for the row groups in order, beside the part file, which {@link replacePart} may put into its place. */
  async createSorted(): Promise<PartFile> {
    await this.part();
    return createFile(`${this.#finalPath}.sorted`);
  }

  /** @param by null when no row is left for the file */
  async replacePart(by: PartFile | null): Promise<void> {
    if (this.#old === null) this.#old = this.#part;
    else await this.#part?.discard();
    this.#part = by;
  }

  /** Puts a list of sources into the side file. */
  async storeSources(sources: Int32Array<ArrayBuffer>): Promise<{ offset: number; length: number }> {
    this.#side ??= await PartFile.create(`${this.#finalPath}.sources`);
    const bytes = new Uint8Array(sources.buffer, sources.byteOffset, sources.byteLength);
    const offset = await this.#side.append(bytes);
    failpoint("sources:appended");
    return { offset, length: bytes.length };
  }

  async readSources({
    offset,
    length,
  }: {
    offset: number;
    length: number;
  }): Promise<Int32Array<ArrayBuffer>> {
    const bytes = await this.#side!.read(offset, length);
    return new Int32Array(bytes.buffer);
  }

  /** Opens what an earlier run has left, each file cut to what counts of it. */
  async reopen(saved: SavedParts): Promise<void> {
    const { partBytes, sideBytes, ready } = saved;
    this.#saved = saved;
    try {
      if (partBytes !== null) this.#part = await PartFile.reopen(`${this.#finalPath}.partial`, partBytes);
      if (sideBytes !== null) this.#side = await PartFile.reopen(`${this.#finalPath}.sources`, sideBytes);
      const file = ready?.file ?? null;
      if (file === null) return;
      if (await isWholeFile(file)) this.#part = await PartFile.reopen(file.path, file.bytes);
      else if (!(await isWholeFile({ ...file, path: this.#finalPath })))
        throw new Error(`${this.#finalPath} is not what was written`);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Makes durable what was written; returns the sizes in bytes. */
  async flush(): Promise<Pick<SavedParts, "partBytes" | "sideBytes">> {
    await this.#part?.flush();
    await this.#side?.flush();
    return { partBytes: this.#part?.size ?? null, sideBytes: this.#side?.size ?? null };
  }

  /** A checkpoint has been written that counts on these. */
  noteSaved(saved: SavedParts): void {
    this.#saved = saved;
  }

  /**
   * Gives the part file, if there is any, its name.
   *
   * @param keep called, and waited for, while a file that is there still has that name
   */
  async publish(keep: () => Promise<void>): Promise<void> {
    if (this.#part !== null) await keep();
    failpoint("year:before-rename");
    await this.#part?.publish(this.#finalPath);
    this.#part = null;
    failpoint("year:after-rename");
    await this.discard();
  }

  /** Leaves what the last checkpoint counts on as it was then, and removes all else. */
  async leave(): Promise<void> {
    const saved = this.#saved;
    if (saved === null) return this.discard();
    if (saved.ready === null && this.#old !== null) {
      await this.#part?.discard();
      this.#part = this.#old;
      this.#old = null;
    }
    const partBytes = saved.ready === null ? saved.partBytes : this.bytes;
    if (partBytes !== null) await this.#part?.leave(partBytes);
    else await this.#part?.discard();
    if (saved.sideBytes !== null) await this.#side?.leave(saved.sideBytes);
    else await this.#side?.discard();
    this.#part = null;
    this.#side = null;
    await this.discard();
  }

  async discard(): Promise<void> {
    for (const file of [this.#part, this.#old, this.#side]) await file?.discard();
    this.#part = null;
    this.#old = null;
    this.#side = null;
  }
}

/** A Parquet file without anything in it yet. */
async function createFile(path: string): Promise<PartFile> {
  const file = await PartFile.create(path);
  try {
    await file.append(MAGIC);
    return file;
  } catch (error) {
    await file.discard();
    throw error;
  }
}
