import type { SpareBuffers } from "../arrow/row-batch.js";

/** Buffers with so much more room than was asked for are taken, too. */
const MOST_ROOM = 1.25;
/** Buffers of a room that was of no use so many times in a row are let go. */
const FORGOTTEN_AFTER = 32;

interface Alike {
  sets: ArrayBuffer[][];
  /** Which of all requests was the last one that this room was asked for by, or was of use to. */
  used: number;
}

/**
 * Buffers of batches that have been encoded, for those that are decoded next, and of row groups that have been written,
 * for those that are encoded next: the system would have to find and clear new pages for each, and each thread's garbage
 * collector to notice, in its own time, that the old ones are free.
 *
 * They come back to the writer, whichever thread has encoded them, and go out with its leave to build a batch: so what
 * there is of them is bounded by the bytes that may be on their way at once.
 */
export class SpareShelf {
  readonly #limit: number;
  #bytes = 0;
  /** By room; what was of no use for the longest comes first. */
  readonly #spare = new Map<number, Alike>();
  #requests = 0;
  /** As many as were in use at once. */
  readonly #rooms: ArrayBuffer[] = [];

  /** @param limit most bytes of batches that lie here */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Buffers for a batch with room for so many rows, or a little more, as far as there are any. What was in them may
   * still be there.
   */
  take(capacity: number): SpareBuffers {
    this.#requests++;
    this.#noteUse(capacity);
    let best: number | null = null;
    for (const [room, { sets }] of this.#spare) {
      if (sets.length === 0 || room < capacity || room > capacity * MOST_ROOM) continue;
      if (best === null || room < best) best = room;
    }
    if (best !== null) this.#noteUse(best);
    this.#forget();
    return best === null ? { capacity, buffers: [] } : { capacity: best, buffers: this.#takeOne(best) };
  }

  /** Takes buffers back. Those of a room that batches are not asked for with are let go. */
  give({ capacity, buffers }: SpareBuffers): void {
    const alike = this.#spare.get(capacity);
    if (alike === undefined) return;
    alike.sets.push(buffers);
    this.#bytes += bytesOf(buffers);
    for (const [room, { sets }] of this.#spare)
      while (this.#bytes > this.#limit && sets.length > 0) this.#takeOne(room);
  }

  /** A buffer for the bytes of a row group, if there is one. */
  takeRoom(): ArrayBuffer | null {
    return this.#rooms.pop() ?? null;
  }

  giveRoom(room: ArrayBuffer): void {
    this.#rooms.push(room);
  }

  #noteUse(capacity: number): void {
    const sets = this.#spare.get(capacity)?.sets ?? [];
    this.#spare.delete(capacity);
    this.#spare.set(capacity, { sets, used: this.#requests });
  }

  #forget(): void {
    for (const [room, { sets, used }] of this.#spare) {
      if (this.#requests - used < FORGOTTEN_AFTER) return;
      while (sets.length > 0) this.#takeOne(room);
      this.#spare.delete(room);
    }
  }

  #takeOne(room: number): ArrayBuffer[] {
    const buffers = this.#spare.get(room)!.sets.pop()!;
    this.#bytes -= bytesOf(buffers);
    return buffers;
  }
}

function bytesOf(buffers: readonly ArrayBuffer[]): number {
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
