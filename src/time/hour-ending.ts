import type { MarketClock } from "./market-clock.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The hour's number that stands for the second pass of the repeated hour. CAISO prints it so (between 2 and 3);
 * ISO New England's `02X` is read as the same number.
 */
export const REPEATED_HOUR = 25;

/*
 * Everywhere below: `operatingDate` in days since 1970-01-01, hours as they are printed, that is by the wall clock
 * at which they end, and results as the instant (epoch milliseconds) at which the interval starts, or NaN.
 */

/**
 * Hour ending 1..24 and the pass of the repeated hour (ERCOT: `01:00`..`24:00` with a flag, Y for pass 2).
 *
 * NaN for an hour that the day does not have (03 in spring) and for pass 2 outside the repeated hour (02 in autumn).
 */
export function hourStart(
  clock: MarketClock,
  operatingDate: number,
  hourEnding: number,
  pass: number,
): number {
  if (!isOrdinal(hourEnding, 24)) return Number.NaN;
  return clock.toUtc(operatingDate * DAY_MS + (hourEnding - 1) * HOUR_MS, pass);
}

/**
 * Hour 1..24 by the wall clock, {@link REPEATED_HOUR} for the second pass of the repeated hour (CAISO's `OPR_HR`).
 * CAISO prints UTC as well, which is the truth; this is for checking it.
 */
export function numberedHourStart(clock: MarketClock, operatingDate: number, hour: number): number {
  if (hour !== REPEATED_HOUR) return hourStart(clock, operatingDate, hour, 1);
  for (let repeated = 1; repeated <= 24; repeated++) {
    const start = hourStart(clock, operatingDate, repeated, 2);
    if (!Number.isNaN(start)) return start;
  }
  return Number.NaN;
}

/**
 * Hours ending `01`..`24` and `02X` (as {@link REPEATED_HOUR}) for the second pass: ISO New England.
 *
 * On the short day the hour from 1:00 to the change is named for either of its ends: 02 by the clock that it began
 * with (ISO New England leaves out 03), 03 by the one that it ended with (some copies leave out 02). Whichever name
 * a file uses, it is the second hour of the day and all other hours keep their names, so that one name alone is
 * enough. A file that has both for one day names an hour that was not there: the name that comes first stands, and
 * the other is NaN.
 */
export class LetteredHours {
  readonly #clock: MarketClock;
  #date = Number.NaN;
  /** Hour ending that {@link #date} does not have by the wall clock; 0 when it has all. */
  #skipped = 0;
  /** By short day, the name that this file has for the hour before the change. */
  #names = new Map<number, number>();

  constructor(clock: MarketClock) {
    this.#clock = clock;
  }

  /** To be called at the start of each file. */
  reset(): void {
    this.#names.clear();
  }

  start(operatingDate: number, hour: number): number {
    if (hour === REPEATED_HOUR) return numberedHourStart(this.#clock, operatingDate, hour);
    if (operatingDate !== this.#date) this.#enter(operatingDate);
    const skipped = this.#skipped;
    if (skipped === 0 || (hour !== skipped && hour !== skipped - 1))
      return hourStart(this.#clock, operatingDate, hour, 1);
    const name = this.#names.get(operatingDate);
    if (name === undefined) this.#names.set(operatingDate, hour);
    else if (name !== hour) return Number.NaN;
    return hourStart(this.#clock, operatingDate, skipped - 1, 1);
  }

  #enter(operatingDate: number): void {
    this.#date = operatingDate;
    this.#skipped = 0;
    if (!(this.#clock.hoursInDay(operatingDate) < 24)) return;
    for (let hour = 1; hour <= 24; hour++) {
      if (Number.isNaN(hourStart(this.#clock, operatingDate, hour, 1))) this.#skipped = hour;
    }
  }
}

function isOrdinal(value: number, last: number): boolean {
  return value >= 1 && value <= last && Math.floor(value) === value;
}
