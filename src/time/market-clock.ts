const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Readings further from 1970 than this are of no calendar; the platform's own ends are a little beyond. */
const FURTHEST_MS = 8e15;
/** Zones are searched for a change of offset in steps of this length: no market's zone changes twice within it. */
const SEARCH_STEP_MS = 14 * DAY_MS;

/** A stretch of time with one UTC offset: `from` <= t < `to`, all in milliseconds. */
interface OffsetSpan {
  from: number;
  to: number;
  offset: number;
}

/**
 * The wall clock of a market: UTC offsets, operating days and their hours.
 *
 * The rules come from the platform's own time zone data, read with Intl and kept, so that a lookup in the same
 * half-year costs two comparisons.
 */
export class MarketClock {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  #spans: OffsetSpan[] = [];
  #last: OffsetSpan = { from: 0, to: 0, offset: 0 };
  #dayStarts = new Map<number, number>();
  /** The stretch of wall-clock readings that was asked for last in which each reading comes once. */
  #plainFrom = 0;
  #plainTo = 0;
  #plainOffset = 0;
  /** The clock change that was asked for last: the readings that it repeats or skips, the offsets around it. */
  #changeFrom = 0;
  #changeTo = 0;
  #offsetBefore = 0;
  #offsetAfter = 0;

  /** @param timeZone IANA name; RangeError when the platform does not know it */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** Wall clock minus UTC, in milliseconds, at the instant `utcMs` (epoch milliseconds). */
  offsetAt(utcMs: number): number {
    const last = this.#last;
    if (utcMs >= last.from && utcMs < last.to) return last.offset;
    let span = this.#spans.find((known) => utcMs >= known.from && utcMs < known.to);
    if (span === undefined) {
      span = this.#findSpan(utcMs);
      this.#spans.push(span);
    }
    this.#last = span;
    return span.offset;
  }

  /** Operating day of an instant, in days since 1970-01-01: the calendar day on the market's wall clock. */
  operatingDate(utcMs: number): number {
    return Math.floor((utcMs + this.offsetAt(utcMs)) / DAY_MS);
  }

  /** Instant (epoch milliseconds) at which an operating day, given in days since 1970-01-01, begins. */
  dayStart(operatingDate: number): number {
    let start = this.#dayStarts.get(operatingDate);
    if (start === undefined) {
      const midnight = operatingDate * DAY_MS;
      start = midnight - this.offsetAt(midnight);
      start = midnight - this.offsetAt(start);
      if (this.#dayStarts.size > 4096) this.#dayStarts.clear();
      this.#dayStarts.set(operatingDate, start);
    }
    return start;
  }

  /**
   * Ordinal of the hour that contains the instant within its operating day, from 1; the day on which clocks go
   * forward ends at 23, the one on which they go back at 25.
   */
  hourEnding(utcMs: number): number {
    return Math.floor((utcMs - this.dayStart(this.operatingDate(utcMs))) / HOUR_MS) + 1;
  }

  /** Length of an operating day in hours: 23 when clocks go forward, 25 when they go back, else 24; NaN for NaN. */
  hoursInDay(operatingDate: number): number {
    if (!(Math.abs(operatingDate) < FURTHEST_MS / DAY_MS)) return Number.NaN;
    return (this.dayStart(operatingDate + 1) - this.dayStart(operatingDate)) / HOUR_MS;
  }

  /**
   * Instant (epoch milliseconds) at which the wall clock shows a reading.
   *
   * `wallMs` is the reading, its digits taken as if they were UTC; `pass` is 1, or 2 for the second time that the
   * clock shows a reading of the repeated hour.
   *
   * NaN when the clock never shows the reading (the hour that is skipped in spring), and when `pass` is 2 for a
   * reading that comes only once: a file that marks such a row as repeated is wrong somewhere, in the mark or in
   * the time, and nothing says where.
   */
  toUtc(wallMs: number, pass: number): number {
    if (wallMs >= this.#plainFrom && wallMs < this.#plainTo)
      return pass === 1 ? wallMs - this.#plainOffset : Number.NaN;
    if (!(Math.abs(wallMs) < FURTHEST_MS)) return Number.NaN;
    if (!this.#seekWall(wallMs)) return pass === 1 ? wallMs - this.#plainOffset : Number.NaN;
    if (this.#offsetBefore < this.#offsetAfter) return Number.NaN;
    if (pass === 1) return wallMs - this.#offsetBefore;
    return pass === 2 ? wallMs - this.#offsetAfter : Number.NaN;
  }

  /** Whether the wall clock shows a reading (see {@link toUtc}) twice. */
  isRepeated(wallMs: number): boolean {
    if (wallMs >= this.#plainFrom && wallMs < this.#plainTo) return false;
    return Math.abs(wallMs) < FURTHEST_MS && this.#seekWall(wallMs) && this.#offsetBefore > this.#offsetAfter;
  }

  /** Makes the clock change that repeats or skips a reading the current one; false: it comes once, see #plain. */
  #seekWall(wallMs: number): boolean {
    if (wallMs >= this.#changeFrom && wallMs < this.#changeTo) return true;
    // A day is more than any offset: one change at most lies between these two instants.
    const before = this.offsetAt(wallMs - DAY_MS);
    let change = this.#last.to;
    const after = this.offsetAt(wallMs + DAY_MS);
    if (before === after) {
      this.#setPlain(wallMs - before);
      return false;
    }
    while (this.offsetAt(change) === before) change = this.#last.to;
    const from = change + Math.min(before, after);
    const to = change + Math.max(before, after);
    if (wallMs < from || wallMs >= to) {
      this.#setPlain(wallMs - (wallMs < from ? before : after));
      return false;
    }
    this.#changeFrom = from;
    this.#changeTo = to;
    this.#offsetBefore = before;
    this.#offsetAfter = after;
    return true;
  }

  /** The plain stretch around an instant: its span of one offset, less what the changes at its ends touch. */
  #setPlain(utcMs: number): void {
    const offset = this.offsetAt(utcMs);
    const { from, to } = this.#last;
    this.#plainFrom = from + Math.max(offset, this.offsetAt(from - 1));
    this.#plainTo = to + Math.min(offset, this.offsetAt(to));
    this.#plainOffset = offset;
  }

  #findSpan(utcMs: number): OffsetSpan {
    const offset = this.#askPlatform(utcMs);
    return { from: this.#edge(utcMs, offset, -1), to: this.#edge(utcMs, offset, 1), offset };
  }

  /** The change of offset that bounds the span around `utcMs`, or a point a year away when there is none. */
  #edge(utcMs: number, offset: number, direction: 1 | -1): number {
    let inside = utcMs;
    for (let step = 1; step <= 27; step++) {
      let outside = utcMs + direction * step * SEARCH_STEP_MS;
      if (this.#askPlatform(outside) === offset) {
        inside = outside;
        continue;
      }
      while (Math.abs(outside - inside) > 1000) {
        const middle = Math.floor((inside + outside) / 2000) * 1000;
        if (this.#askPlatform(middle) === offset) inside = middle;
        else outside = middle;
      }
      // Half-open spans: going forward the first second outside bounds it, going back the last one inside.
      return direction === 1 ? Math.ceil(outside / 1000) * 1000 : Math.ceil(inside / 1000) * 1000;
    }
    return inside;
  }

  #askPlatform(utcMs: number): number {
    const seconds = Math.floor(utcMs / 1000) * 1000;
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(seconds)) part[type] = Number(value);
    const wall = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second);
    return wall - seconds;
  }
}

/**
 * Has the platform load what clocks are made of. It does so once in a process, which takes 13 ms (Node 20), while any
 * other thread that makes its first clock waits.
 */
export function loadClocks(): void {
  new MarketClock("UTC");
}

/** Whether the platform knows a zone of this IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return name !== "";
  } catch {
    return false;
  }
}
