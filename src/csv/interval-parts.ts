import type { FeedDefinition, IntervalReading } from "../feeds/feed-definition.js";
import { hourStart, LetteredHours, REPEATED_HOUR } from "../time/hour-ending.js";
import type { MarketClock } from "../time/market-clock.js";
import { OrderClock } from "../time/order-clock.js";
import { dateReader, timestampReader } from "./parse-timestamp.js";

const HOUR_MS = 3_600_000;
const COLON = 58;
const ZERO = 48;
const UPPER_X = 88;

/** How a field is read as a part of the interval. What it says is a number, which can be kept and taken again. */
export interface PartReader {
  /** What bytes [start, end) say; NaN when they are not this part. */
  read(bytes: Uint8Array, start: number, end: number): number;
  /** Takes what was read as the part of the record in hand. */
  take(value: number): void;
}

/**
 * The parts of a record that tell its interval (a stamp, or a day with its hour and what marks a repeated one), and
 * the rule that makes an instant of them.
 */
export class IntervalParts {
  /** Whether a part has been read since the last {@link resolve}. */
  changed = false;
  /** Whether there are days on which the order of a location's records tells the pass of the repeated hour. */
  readonly byOrder: boolean;
  /** Whether the parts that a record has say all: nothing above it, and no record before it. */
  readonly areAll: boolean;
  /** Whether one part alone is the instant. */
  readonly isInstant: boolean;
  /** Whether the parts tell only the day, since its hours have a column each. */
  readonly isDay: boolean;
  readonly #clock: MarketClock;
  readonly #order: OrderClock | null;
  readonly #intervalMs: number;
  readonly #lettered: LetteredHours | null;
  readonly #way: "utc" | "local" | "hour";
  readonly #edgeMs: number;
  #stamp = Number.NaN;
  #date = 0;
  #hour = 1;
  #intervalOfHour = 1;
  #secondByLabel = false;
  #secondByFlag = false;
  /** What {@link resolve} said last, and whether it says it again. */
  #instant = Number.NaN;
  #again = false;

  constructor(feed: FeedDefinition, clock: MarketClock) {
    const stamp = feed.columns.find(({ reading }) => reading.kind === "timestamp")?.reading;
    this.#clock = clock;
    this.#intervalMs = feed.intervalMinutes * 60_000;
    this.#lettered = feed.shortDayByEnd ? new LetteredHours(clock) : null;
    this.#way = stamp?.kind === "timestamp" ? stamp.clock : "hour";
    this.isInstant = this.#way === "utc";
    this.isDay = feed.hours !== null;
    const edge = stamp?.kind === "timestamp" ? stamp.edge : "start";
    this.#edgeMs = edge === "end" ? this.#intervalMs : 0;
    this.byOrder = this.#way === "local" && feed.repeatedHour === "by_order";
    this.areAll = !this.byOrder && !this.isDay && feed.dateAbove.length === 0 && this.#lettered === null;
    this.#order = this.byOrder ? new OrderClock(clock, { stamp: edge }) : null;
  }

  /**
   * To be called at the beginning of a file: its order begins anew.
   *
   * @param day operating day that stands above the records, where it does
   */
  beginFile(day: number | null): void {
    if (day !== null) this.#date = day;
    this.#order?.reset();
    this.#lettered?.reset();
    this.#again = false;
    this.changed = true;
  }

  /** To be called when the record in hand is read once more: its place in the order is that which it has. */
  readAgain(): void {
    this.#again = true;
  }

  /** How a field is read into its part. */
  reader(reading: IntervalReading): PartReader {
    const part = (read: PartReader["read"], put: PartReader["take"]): PartReader => {
      const take = (value: number): void => {
        this.changed = true;
        put(value);
      };
      return { read, take };
    };
    switch (reading.kind) {
      case "timestamp":
        return part(timestampReader(reading.forms), (stamp) => {
          this.#stamp = stamp;
        });
      case "date":
        return part(dateReader(reading.forms), (date) => {
          this.#date = date;
        });
      case "hour_ending":
        return part(readHour, (label) => {
          this.#hour = label >> 1;
          this.#secondByLabel = (label & 1) === 1;
        });
      case "interval_of_hour":
        return part(
          (bytes, start, end) => {
            const interval = end - start === 1 ? bytes[start]! - ZERO : Number.NaN;
            return interval >= 1 && interval * this.#intervalMs <= HOUR_MS ? interval : Number.NaN;
          },
          (interval) => {
            this.#intervalOfHour = interval;
          },
        );
      case "repeated_hour": {
        const yes = Buffer.from(reading.yes);
        return part(
          (bytes, start, end) => (yes.equals(bytes.subarray(start, end)) ? 1 : 0),
          (flag) => {
            this.#secondByFlag = flag === 1;
          },
        );
      }
    }
  }

  /**
   * Start of the interval in epoch milliseconds; NaN when the wall clock never shows such a time, or shows it once
   * and it is marked as the second.
   *
   * @param entity code of the location, for clocks whose repeated hour only its order of stamps tells
   */
  resolve(entity: number): number {
    this.changed = false;
    if (!this.#again) this.#instant = this.#instantOf(entity);
    this.#again = false;
    return this.#instant;
  }

  /** Whether the parts that were resolved last can mean another interval in the next record. */
  get inDoubt(): boolean {
    return this.#order?.isLongDay ?? false;
  }

  /** The operating day, in days since 1970-01-01, where {@link isDay}. */
  resolveDay(): number {
    this.changed = false;
    return this.#date;
  }

  /** Takes the day that a line between the records tells. */
  setDay(day: number): void {
    this.#date = day;
    this.changed = true;
  }

  #instantOf(entity: number): number {
    if (this.#way === "utc") return this.#stamp - this.#edgeMs;
    const pass = this.#secondByLabel || this.#secondByFlag ? 2 : 1;
    if (this.#way === "hour") return this.#startOfHour(pass) + (this.#intervalOfHour - 1) * this.#intervalMs;
    const instant = this.#order?.toUtc(this.#stamp, entity) ?? this.#clock.toUtc(this.#stamp, pass);
    return instant - this.#edgeMs;
  }

  #startOfHour(pass: 1 | 2): number {
    if (this.#lettered === null) return hourStart(this.#clock, this.#date, this.#hour, pass);
    const isRepeated = this.#secondByLabel && this.#hour === 2;
    if (this.#secondByLabel && !isRepeated) return Number.NaN;
    return this.#lettered.start(this.#date, isRepeated ? REPEATED_HOUR : this.#hour);
  }
}

/** `1`, `01`, `01:00`, `02X`: twice the hour, and one more where it is marked as the second of its name. */
function readHour(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let hour = 0;
  for (; at < end && at - start < 2; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    hour = hour * 10 + digit;
  }
  const isSecond = at + 1 === end && bytes[at] === UPPER_X;
  const isFull = at + 3 === end && bytes[at] === COLON && bytes[at + 1] === ZERO && bytes[at + 2] === ZERO;
  const isHour = at > start && hour >= 1 && hour <= 24 && (at === end || isSecond || isFull);
  return isHour ? hour * 2 + (isSecond ? 1 : 0) : Number.NaN;
}
