/** The large buffers of a batch that nothing looks at any more, and the rows that they have room for. */
export interface SpareBuffers {
  capacity: number;
  buffers: ArrayBuffer[];
}

/**
 * Buffers of batches that have been encoded, for those that are decoded next: the system would have to find and clear
 * new pages for each, and each thread's garbage collector to notice, in its own time, that the old ones are free.
 *
 * They come back to the writer, whichever thread has encoded them, and go out with its leave to build a batch: so what
 * there is of them is bounded by the bytes that may be on their way at once.
 */
export class SpareShelf {
  readonly #limit: number;
  #bytes = 0;
  /** By the room that batches were asked for with; what was not asked for the longest comes first. */
  readonly #spare = new Map<number, ArrayBuffer[][]>();

  /** @param limit most bytes that lie here */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Buffers for a batch with room for so many rows, as far as there are any. What was in them may still be there. */
  take(capacity: number): ArrayBuffer[] {
    const alike = this.#spare.get(capacity) ?? [];
    this.#spare.delete(capacity);
    this.#spare.set(capacity, alike);
    return this.#takeOne(alike);
  }

  /** Takes buffers back. Those of a room that no batch has been asked for with are let go. */
  give({ capacity, buffers }: SpareBuffers): void {
    const own = this.#spare.get(capacity);
    if (own === undefined) return;
    own.push(buffers);
    this.#bytes += bytesOf(buffers);
    for (const alike of this.#spare.values())
      while (this.#bytes > this.#limit && alike.length > 0) this.#takeOne(alike);
  }

  #takeOne(alike: ArrayBuffer[][]): ArrayBuffer[] {
    const buffers = alike.pop() ?? [];
    this.#bytes -= bytesOf(buffers);
    return buffers;
  }
}

function bytesOf(buffers: readonly ArrayBuffer[]): number {
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
