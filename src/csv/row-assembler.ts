import type { BatchBuilder } from "../arrow/batch-builder.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import { FIRST_YEAR, LAST_YEAR, yearOfDay } from "../time/calendar.js";
import { MarketClock } from "../time/market-clock.js";
import { IntervalParts } from "./interval-parts.js";

/** Where an interval lies in the market's calendar. */
export interface Interval {
  start: number;
  date: number;
  hour: number;
  /** Whether its year is. */
  wanted: boolean;
  /** For {@link ComponentRows}: number of the row that it had last; -1 before the first. */
  latestRow: number;
}

const HOUR_MS = 3_600_000;
/** Intervals that are remembered at a time. */
const MAX_KNOWN = 16_384;

/** Places intervals in the market's calendar and counts rows into the batch; both record readers end here. */
export class RowAssembler {
  /** Rows that were read and left out because of their year. */
  filtered = 0;
  /** What the record in hand says of its interval. */
  readonly parts: IntervalParts;
  #builder: BatchBuilder;
  #rowsBefore = 0;
  readonly #clock: MarketClock;
  readonly #intervalMs: number;
  readonly #onGrid: boolean;
  readonly #years: ReadonlySet<number> | null;
  /** The one that was set last. */
  #interval: Interval | null = null;
  /** The operating day of the one that was worked out last: when it begins and ends, and whether its year is wanted. */
  #dayFrom = 0;
  #dayTo = 0;
  #date = 0;
  #wanted = true;
  /** Intervals by their start, where components find their row by the interval; else null. */
  readonly #known: Map<number, Interval> | null;
  /** See {@link day}. */
  #day = 0;
  #hoursInDay = 24;

  constructor(feed: FeedDefinition, years: readonly number[] | null, builder: BatchBuilder) {
    this.#builder = builder;
    this.#clock = new MarketClock(feed.timeZone);
    this.parts = new IntervalParts(feed, this.#clock);
    this.#intervalMs = feed.intervalMinutes * 60_000;
    this.#onGrid = feed.onGrid;
    this.#years = years === null ? null : new Set(years);
    this.#known = feed.components === null ? null : new Map();
  }

  /** The batch being filled; whoever runs the decoder replaces it when it is full. */
  get builder(): BatchBuilder {
    return this.#builder;
  }

  set builder(builder: BatchBuilder) {
    this.#rowsBefore += this.#builder.rows;
    this.#builder = builder;
  }

  /** Number of the batch's first row, when rows are counted through all batches. */
  get firstRow(): number {
    return this.#rowsBefore;
  }

  /**
   * Works out the interval of the record in hand from its {@link parts}.
   *
   * @param entity code of the record's entity
   * @returns null, or why there can be no such interval
   */
  resolveInterval(entity: number): string | null {
    if (this.parts.isDay) {
      const reason = this.#setDay(this.parts.resolveDay());
      // Nothing in the next record may say it again.
      if (reason !== null) this.parts.changed = true;
      return reason;
    }
    const start = this.parts.resolve(entity);
    return Number.isNaN(start) ? "is a time that the market's clock does not show" : this.setInterval(start);
  }

  /** Whether rows are kept whatever their year. */
  get keepsAllYears(): boolean {
    return this.#years === null;
  }

  /** The interval that was set last; null before the first. */
  get interval(): Interval | null {
    return this.#interval;
  }

  /** Sets the interval of the rows to come to one that was set before. */
  setKnownInterval(interval: Interval): void {
    this.#interval = interval;
  }

  /** Operating day of the record in hand, in days since 1970-01-01, where its hours have a column each. */
  get day(): number {
    return this.#day;
  }

  /** Hours that the {@link day} has: 23, 24 or 25. */
  get hoursInDay(): number {
    return this.#hoursInDay;
  }

  /** Epoch milliseconds at which an operating day begins. */
  dayStart(day: number): number {
    return this.#clock.dayStart(day);
  }

  #setDay(day: number): string | null {
    this.#day = day;
    this.#hoursInDay = this.#clock.hoursInDay(day);
    // What is wrong with the first hour is wrong with all.
    return this.setInterval(this.#clock.dayStart(day));
  }

  /**
   * Sets the interval of the rows to come.
   *
   * @param start epoch milliseconds
   * @returns null, or why there can be no such interval
   */
  setInterval(start: number): string | null {
    if (start === this.#interval?.start) return null;
    const known = this.#known?.get(start);
    if (known !== undefined) {
      this.#interval = known;
      return null;
    }
    if (this.#onGrid && start % this.#intervalMs !== 0)
      return `is not at a whole ${this.#intervalMs / 60_000} minutes, as this feed's intervals are`;
    if (!(start >= this.#dayFrom && start < this.#dayTo)) {
      const date = this.#clock.operatingDate(start);
      const year = yearOfDay(date);
      if (year < FIRST_YEAR || year > LAST_YEAR) return `is not in a year from ${FIRST_YEAR} to ${LAST_YEAR}`;
      this.#date = date;
      this.#dayFrom = this.#clock.dayStart(date);
      this.#dayTo = this.#clock.dayStart(date + 1);
      this.#wanted = this.#years === null || this.#years.has(year);
    }
    const hour = Math.floor((start - this.#dayFrom) / HOUR_MS) + 1;
    const interval = { start, date: this.#date, hour, wanted: this.#wanted, latestRow: -1 };
    this.#interval = interval;
    if (this.#known === null) return null;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(start, interval);
    return null;
  }

  /**
   * Counts the row in whose values have been set; bit n of `nulls` says that measure n is missing.
   *
   * @param counted whether it stands for a row of the output
   */
  commit(nulls: number, counted = true): void {
    this.commitRows(1, nulls, counted);
  }

  /** Counts rows in whose values have been set, all of the interval set last; see {@link commit}. */
  commitRows(count: number, nulls: number, counted = true): void {
    const { start, date, hour, wanted } = this.#interval!;
    if (!wanted) {
      if (counted) this.filtered += count;
      return;
    }
    if (nulls !== 0) {
      const { rows } = this.builder;
      for (let row = rows; row < rows + count; row++) this.#markNulls(nulls, row);
    }
    this.builder.commit(start, start + this.#intervalMs, date, hour, count);
  }

  #markNulls(nulls: number, row: number): void {
    for (let measure = 0; nulls !== 0; measure++, nulls >>>= 1) {
      if (nulls & 1) this.builder.setNull(measure, row);
    }
  }
}
