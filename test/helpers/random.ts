/** A small seeded generator (mulberry32): the same seed gives the same test data everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whole number from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(0, values.length - 1)]!;
  }

  shuffle<T>(values: readonly T[]): T[] {
    const shuffled = [...values];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }

  /** `count` digits as text. */
  digits(count: number): string {
    return Array.from({ length: count }, () => this.int(0, 9)).join("");
  }
}

/** Runs a property for the seeds 1..count; a failure names the seed. */
export function forSeeds(count: number, property: (random: Random, seed: number) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      property(new Random(seed), seed);
    } catch (error) {
      (error as Error).message = `seed ${seed}: ${(error as Error).message}`;
      throw error;
    }
  }
}

/** {@link forSeeds} for a property that waits. */
export async function forSeedsAsync(
  count: number,
  property: (random: Random, seed: number) => Promise<void>,
): Promise<void> {
  for (let seed = 1; seed <= count; seed++) {
    try {
      await property(new Random(seed), seed);
    } catch (error) {
      (error as Error).message = `seed ${seed}: ${(error as Error).message}`;
      throw error;
    }
  }
}
