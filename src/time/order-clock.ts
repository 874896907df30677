import type { MarketClock } from "./market-clock.js";

const DAY_MS = 86_400_000;
/** Step in which a day is searched for its repeated hour; clocks change on a quarter of an hour. */
const SEARCH_STEP_MS = 900_000;
/** What is kept of a location: its pass times this, plus its last reading within the repeated hour. */
const PASS_UNIT = 100_000_000;
const FIRST = 1;
const SECOND = 2;
/** The location has gone beyond the repeated hour. */
const PAST = 3;

export interface OrderClockOptions {
  /** Whether a stamp says when its interval starts (NYISO's hourly files) or ends (its five-minute files). */
  stamp: "start" | "end";
}

/**
 * A market's wall clock whose repeated hour is told by nothing but order (NYISO): the readings of a location rise
 * until the clock goes back, and from then on they are of the second pass.
 *
 * A stamp is the reading at an instant, be it the start or the end of an interval, so on the long day it is the
 * readings from 01:00:00 to before 02:00:00 that come twice. As ends they are: 01:00 first of the last interval
 * before the repeated hour and then of the last one of its first pass, 01:05 … 01:55 of the others, and 02:00 once,
 * of the last one of the second pass. Someone who names the end of the first pass 02:00 instead of 01:00
 * differs from one who left out the second pass only in rows that come later; that one stamp is therefore NaN.
 *
 * NaN too, since their pass cannot be told: readings of the repeated hour that come a third time, and those that
 * come after their location has gone beyond that hour (a file in falling order, say). A location that goes back to
 * before the repeated hour starts anew, as when a file holds the day twice. A location with only one of the
 * passes is taken to have the first.
 *
 * What has to be remembered is one small number per location seen on the long day itself. Only a whole
 * file, read from its start, has the order that is needed: a part of one must not be read with this clock.
 */
export class OrderClock {
  readonly #clock: MarketClock;
  readonly #endOfHourInDoubt: boolean;
  /** The readings of the calendar day that was asked for last. */
  #dayFrom = 0;
  #dayTo = 0;
  /** Its readings that come twice; both 0 when there are none. */
  #repeatedFrom = 0;
  #repeatedTo = 0;
  /** The long day whose passes are kept: its repeated hour's first reading. */
  #keptFor = 0;
  #passes = new Map<number, number>();

  constructor(clock: MarketClock, options: OrderClockOptions) {
    this.#clock = clock;
    this.#endOfHourInDoubt = options.stamp === "end";
  }

  /** To be called at the start of each file. */
  reset(): void {
    this.#passes.clear();
  }

  /**
   * Instant (epoch milliseconds) of a stamp; `wallMs` is its reading as if it were UTC, `location` a number of the
   * caller's that is the same for all rows of one series of prices and for no others. To be called
   * once per row, in the order of the file; where the day is no long one, once for rows of one stamp that follow each
   * other. NaN when there is no such time or its pass cannot be told.
   */
  toUtc(wallMs: number, location: number): number {
    if (!(wallMs >= this.#dayFrom && wallMs < this.#dayTo)) {
      this.#enterDay(Math.floor(wallMs / DAY_MS));
    }
    if (this.#repeatedTo === 0) return this.#clock.toUtc(wallMs, 1);
    return this.#onLongDay(wallMs, location);
  }

  /** Whether the day of the stamp asked for last is a long one: only there do location and order tell anything. */
  get isLongDay(): boolean {
    return this.#repeatedTo !== 0;
  }

  #onLongDay(wallMs: number, location: number): number {
    const kept = this.#passes.get(location);
    const pass = kept === undefined ? 0 : Math.floor(kept / PASS_UNIT);
    if (wallMs < this.#repeatedFrom) {
      if (pass !== 0) this.#passes.delete(location);
      return this.#clock.toUtc(wallMs, 1);
    }
    if (wallMs >= this.#repeatedTo) {
      if (wallMs === this.#repeatedTo && pass === FIRST && this.#endOfHourInDoubt) return Number.NaN;
      if (pass !== PAST) this.#passes.set(location, PAST * PASS_UNIT);
      return this.#clock.toUtc(wallMs, 1);
    }
    if (pass === PAST) return Number.NaN;
    const reading = wallMs - this.#repeatedFrom;
    const rises = pass === 0 || reading > kept! - pass * PASS_UNIT;
    if (pass === SECOND && !rises) return Number.NaN;
    const next = pass === SECOND || !rises ? SECOND : FIRST;
    this.#passes.set(location, next * PASS_UNIT + reading);
    return this.#clock.toUtc(wallMs, next);
  }

  #enterDay(date: number): void {
    this.#dayFrom = date * DAY_MS;
    this.#dayTo = this.#dayFrom + DAY_MS;
    this.#repeatedFrom = 0;
    this.#repeatedTo = 0;
    if (!(this.#clock.hoursInDay(date) > 24)) return;
    for (let wall = this.#dayFrom; wall < this.#dayTo; wall += SEARCH_STEP_MS) {
      if (!this.#clock.isRepeated(wall)) continue;
      if (this.#repeatedTo === 0) this.#repeatedFrom = wall;
      this.#repeatedTo = wall + SEARCH_STEP_MS;
    }
    if (this.#keptFor !== this.#repeatedFrom) this.#passes.clear();
    this.#keptFor = this.#repeatedFrom;
  }
}
