import { CENTS } from "../../kernels/layout.js";
import { type Kernels, makeKernels } from "./kernels.js";
import { addMemory, PAGE } from "./memory-pages.js";

/** Numbers of four bytes for each entity of a feed, of which there are at most about 600,000 (entity-union.ts). */
const ENTITY_BYTES = 3 * 4 * 600_000;
/** Room beside the rows: tables of distinct values, and what does not depend on the rows. */
const FIXED_BYTES = (4 << 20) + CENTS * 4 + ENTITY_BYTES;
/** Bytes for a row in all that a task keeps of it at once: its columns before and after sorting, codes, pages. */
const BYTES_PER_ROW = 192;

/**
 * Memory that a pool task works in, with the kernels that work on it. It is used again by the next task, so that
 * neither the system nor the garbage collector has to find new pages for every row group.
 *
 * What is taken stays until {@link release} of a mark set before, or until the task ends.
 */
export class Scratch {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  #used: number;

  private constructor(bytes: number) {
    const { kernels, memory } = makeKernels(bytes);
    this.kernels = kernels;
    this.#memory = memory;
    this.#used = FIRST_ADDRESS;
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  static readonly #idle: Scratch[] = [];

  /**
   * A scratch memory for a task over so many rows; to be given back by {@link giveBack}.
   *
   * One that is too small grows where it is. A new one in its place would be a second: the garbage collector sees no
   * hurry in freeing the old.
   */
  static take(rows: number): Scratch {
    const bytes = FIXED_BYTES + rows * BYTES_PER_ROW;
    const idle = Scratch.#idle.pop();
    if (idle === undefined) return new Scratch(bytes);
    const missing = bytes - idle.bytes;
    // Arrays over the memory lose it by this; but no task is at work on an idle one.
    if (missing > 0) {
      const pages = Math.ceil(missing / PAGE);
      idle.#memory.grow(pages);
      addMemory(pages * PAGE);
    }
    return idle;
  }

  giveBack(): void {
    this.#used = FIRST_ADDRESS;
    Scratch.#idle.push(this);
  }

  /** Address of the table of cents that the kernels that look for distinct prices use, and leave empty. */
  readonly cents = CENTS_ADDRESS;

  /** Where {@link release} goes back to. */
  mark(): number {
    return this.#used;
  }

  release(mark: number): void {
    this.#used = mark;
  }

  #take(bytes: number): number {
    const at = this.#used;
    this.#used = (at + bytes + 15) & ~15;
    if (this.#used > this.#memory.buffer.byteLength) {
      throw new RangeError(`a task needs more than the ${this.bytes} bytes that were set aside for it`);
    }
    return at;
  }

  /** Not cleared, as all that is taken here. */
  int32(length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#memory.buffer, this.#take(length * 4), length);
  }

  float64(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#memory.buffer, this.#take(length * 8), length);
  }

  uint8(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, this.#take(length), length);
  }

  /** Address of an array's values; what lies elsewhere is copied in. */
  addressOf(values: Int32Array | Float64Array | Uint8Array): number {
    if (values.buffer === this.#memory.buffer) return values.byteOffset;
    const at = this.#take(values.byteLength);
    new Uint8Array(this.#memory.buffer, at, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return at;
  }
}

/** Where {@link Scratch.cents} lies: past the tables that kernels have in their memory. */
const CENTS_ADDRESS = 1024;
const FIRST_ADDRESS = CENTS_ADDRESS + CENTS * 4;
