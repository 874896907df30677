import { TIGHTEN_ABOVE } from "./memory-plan.js";

const RELAX_BELOW = 0.7;
const BREAK_ABOVE = 0.9;
/** Time between two steps. */
const STEP_MS = 1000;
/** Time above {@link BREAK_ABOVE} after which the run is stopped. */
export const BREAK_MS = 5000;
/** Parts of the credits by level; with none of them one file at a time goes on. */
const SHARES = [1, 1 / 2, 1 / 4, 1 / 8, 0] as const;

/** What a sample leads to. */
export type GuardAction = { type: "share"; share: number } | { type: "break" };

/**
 * Decides from samples of the resident set size how much may be under way.
 *
 * Above 80 % of the limit the bytes in flight are halved, and again each second, down to one file at a time; below
 * 70 % they are doubled each second. Above 90 % for five seconds in a row the run must stop.
 */
export class MemoryGuard {
  readonly #limit: number;
  readonly #breakMs: number;
  #level = 0;
  #lastStep = Number.NEGATIVE_INFINITY;
  #lastSample: number | null = null;
  #aboveBreakMs = 0;
  #broken = false;

  constructor(limitBytes: number, breakMs = BREAK_MS) {
    this.#limit = limitBytes;
    this.#breakMs = breakMs;
  }

  /** Part of the credits that is given out now, 0 to 1. */
  get share(): number {
    return SHARES[this.#level]!;
  }

  /**
   * @param rssBytes resident set size
   * @param atMs time of the sample, on any clock that does not go back
   * @returns what changes by it, null for nothing
   */
  sample(rssBytes: number, atMs: number): GuardAction | null {
    if (this.#broken) return null;
    const part = rssBytes / this.#limit;
    // A process that was asleep has not been above the limit all that time.
    const elapsed = Math.min(STEP_MS, this.#lastSample === null ? 0 : atMs - this.#lastSample);
    this.#lastSample = atMs;
    this.#aboveBreakMs = part > BREAK_ABOVE ? this.#aboveBreakMs + elapsed : 0;
    if (this.#aboveBreakMs >= this.#breakMs) {
      this.#broken = true;
      return { type: "break" };
    }
    if (atMs - this.#lastStep < STEP_MS) return null;
    const step = part > TIGHTEN_ABOVE ? 1 : part < RELAX_BELOW ? -1 : 0;
    const level = Math.max(0, Math.min(SHARES.length - 1, this.#level + step));
    if (level === this.#level) return null;
    this.#level = level;
    this.#lastStep = atMs;
    return { type: "share", share: this.share };
  }
}
