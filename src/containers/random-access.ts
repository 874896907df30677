import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Bytes that can be read at any position: a file, a part of one, or an archive held in memory. */
export interface RandomAccess {
  readonly size: number;
  /** Copies up to `length` bytes from `position` into `buffer` at `offset`; fewer only where the bytes end. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): number;
}

/** Up to this size a file is read in one go: its reads would cost more than its bytes. */
const HELD_BYTES = 65_536;

/** A file that is open. Reads are synchronous, for the reason given in csv/byte-source.ts. */
export class OpenFile implements RandomAccess {
  readonly size: number;
  #descriptor: number;
  /** All of a small file, once it has been read from. */
  #held: RandomAccess | null = null;

  /** @throws what the system says when the file cannot be opened */
  constructor(path: string) {
    this.#descriptor = openSync(path, "r");
    this.size = fstatSync(this.#descriptor).size;
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number): number {
    // A stream that is being torn down may ask once more: the descriptor may be another file's by then.
    if (this.#descriptor < 0) return 0;
    if (this.size > HELD_BYTES) return this.#readInto(buffer, offset, length, position);
    if (this.#held === null) {
      const all = Buffer.allocUnsafe(this.size);
      this.#held = inMemory(all.subarray(0, this.#readInto(all, 0, all.length, 0)));
    }
    return this.#held.read(buffer, offset, length, position);
  }

  #readInto(buffer: Uint8Array, offset: number, length: number, position: number): number {
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.#descriptor, buffer, offset + filled, length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#held = null;
  }
}

export function inMemory(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.length,
    read(buffer, offset, length, position) {
      const part = bytes.subarray(position, position + length);
      buffer.set(part, offset);
      return part.length;
    },
  };
}

/** The bytes of `whole` from `start` on, `size` of them. */
export function partOf(whole: RandomAccess, start: number, size: number): RandomAccess {
  return {
    size,
    read(buffer, offset, length, position) {
      return whole.read(buffer, offset, Math.max(0, Math.min(length, size - position)), start + position);
    },
  };
}

/** Up to `length` bytes from `position`. */
export function readAt(source: RandomAccess, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, source.size - position)));
  return buffer.subarray(0, source.read(buffer, 0, buffer.length, position));
}
