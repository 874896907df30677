const DAY_MS = 86_400_000;

/** A market's calendar, read from Intl anew for every question: slow, and too simple to be wrong. */
export class WallClock {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  }

  /** The calendar day (days since 1970-01-01) on the wall at an instant. */
  date(instant: number): number {
    return Date.parse(`${this.#format.format(instant).slice(0, 10)}T00:00:00Z`) / DAY_MS;
  }

  /** Hours of the operating day that have begun: counted back, hour by hour, until the date changes. */
  hourEnding(instant: number): number {
    const date = this.date(instant);
    let hours = 1;
    const wholeHour = instant - (instant % 3_600_000);
    while (this.date(wholeHour - hours * 3_600_000) === date) hours++;
    return hours;
  }
}
