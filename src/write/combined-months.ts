import type { EncodeResult } from "../run/protocol.js";
import type { Semaphore } from "./credits.js";
import type { Piece } from "./pieces.js";

/** A month, or a stretch of one. */
type Pieces = readonly Piece[];

/** A row group that is being made, or waits for its turn to be. */
interface Combined {
  result: Promise<EncodeResult | null>;
  /** Whether it has a place among those that are made at once. */
  hasPlace: boolean;
}

/**
 * Row groups that the pool makes several at once, of months that follow each other, to be taken one after the other in
 * the order in which they were begun.
 */
export class CombinedMonths {
  readonly #places: Semaphore;
  readonly #months = new Map<Pieces, Combined>();
  #isClosed = false;

  /** @param places bounds those that are made or wait to be taken; the first that was begun has one first */
  constructor(places: Semaphore) {
    this.#places = places;
  }

  /** Whether a month has been begun and not been taken. */
  has(month: Pieces): boolean {
    return this.#months.has(month);
  }

  /** Has the row group of a month made, when there is a place for it. */
  begin(month: Pieces, combine: () => Promise<EncodeResult>): void {
    const combined: Combined = { result: Promise.resolve(null), hasPlace: false };
    combined.result = this.#make(combined, combine);
    // What fails is heard of when it is taken.
    combined.result.catch(() => undefined);
    this.#months.set(month, combined);
  }

  async #make(combined: Combined, combine: () => Promise<EncodeResult>): Promise<EncodeResult | null> {
    await this.#places.acquire();
    combined.hasPlace = true;
    return this.#isClosed ? null : combine();
  }

  /**
   * Waits for the row group of a month that was begun, and for what is done with it; its place is free then.
   *
   * @throws what either failed with
   */
  async take<T>(month: Pieces, use: (result: EncodeResult) => Promise<T>): Promise<T> {
    const combined = this.#months.get(month)!;
    try {
      return await use((await combined.result)!);
    } finally {
      this.#months.delete(month);
      this.#free(combined);
    }
  }

  /** Begins no more, and waits until nothing is at work: the files that it reads may be closed then. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const combined of this.#months.values()) {
      await combined.result.catch(() => undefined);
      this.#free(combined);
    }
    this.#months.clear();
  }

  #free(combined: Combined): void {
    if (combined.hasPlace) this.#places.release();
    combined.hasPlace = false;
  }
}
