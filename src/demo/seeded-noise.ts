/**
 * Repeatable pseudo-random numbers. Only integer operations and + - * / are used, no Math.sin or Math.exp, whose
 * last digit an engine may choose: a seed gives the same numbers on every machine.
 */

/** A well-mixed unsigned 32-bit integer for a seed and two numbers (used by their low 32 bits). */
export function hash32(seed: number, a: number, b = 0): number {
  let h = mix(seed ^ 0x5bd1_7c3f);
  h = mix(h ^ Math.imul(a, 0x2f0b_4ac5));
  return mix(h ^ Math.imul(b, 0x63d8_3595)) >>> 0;
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 15), 0x1d8a_f467);
  h = Math.imul(h ^ (h >>> 13), 0x3c6e_e2a9);
  return h ^ (h >>> 16);
}

/** A number in [0, 1) for a seed and two numbers. */
export function uniform(seed: number, a: number, b = 0): number {
  return hash32(seed, a, b) / 4_294_967_296;
}

/**
 * Smooth noise in [-1, 1]: random values at the whole positions, a smooth step between them. Near positions have
 * near values, and any position can be asked for without those before it.
 */
export function smoothNoise(seed: number, series: number, position: number): number {
  const whole = Math.floor(position);
  const t = position - whole;
  const before = uniform(seed, series, whole);
  const after = uniform(seed, series, whole + 1);
  return 2 * (before + (after - before) * t * t * (3 - 2 * t)) - 1;
}

/** A sequence of pseudo-random numbers. */
export class SeededSequence {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The next number in [0, 1). */
  next(): number {
    return uniform(this.#seed, this.#count++);
  }

  /** The next whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** One of the items. @param items not empty */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }
}
