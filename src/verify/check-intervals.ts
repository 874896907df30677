import type { CodedChunk } from "../parquet/read-column.js";
import { isoDate, monthOfDay, yearOfDay } from "../time/calendar.js";
import type { MarketClock } from "../time/market-clock.js";
import { utcText } from "./check-keys.js";
import type { FindingList, Place } from "./checks.js";

/** The intervals of a row group or of several, in the order of the rows. */
export interface IntervalList {
  /** Epoch milliseconds. */
  start: number[];
  /** Days since 1970-01-01. */
  date: number[];
  rows: number[];
}

/** Intervals of one length. */
export interface IntervalLength {
  /** Milliseconds. */
  length: number;
  count: number;
  /** The first of them. */
  place: Place;
  start: number;
}

/** The columns that every table begins with. */
export interface IntervalChunks {
  start: CodedChunk;
  end: CodedChunk;
  date: CodedChunk;
  hour: CodedChunk;
}

/** Finds the intervals of row groups and checks their times. */
export class IntervalChecker {
  readonly list: IntervalList = { start: [], date: [], rows: [] };
  /** By length in milliseconds. */
  readonly lengths = new Map<number, IntervalLength>();
  readonly #clock: MarketClock;
  readonly #year: number;
  readonly #findings: FindingList;

  constructor(clock: MarketClock, year: number, findings: FindingList) {
    this.#clock = clock;
    this.#year = year;
    this.#findings = findings;
  }

  /**
   * Checks a row group.
   *
   * @returns row after the last one of each interval
   */
  check(chunks: IntervalChunks, rowGroup: number): number[] {
    const runEnds = intervalRuns(chunks, (row) => {
      this.#findings.add(
        "interval-length",
        `row ${row} has another interval_end_utc, operating_date or hour_ending than the row before, of one interval`,
        { rowGroup, day: isoDate(numberAt(chunks.date, row)) },
      );
    });
    let month = Number.NaN;
    for (let run = 0, row = 0; run < runEnds.length; row = runEnds[run++]!) {
      const date = numberAt(chunks.date, row);
      const start = numberAt(chunks.start, row) / 1000;
      this.#checkTimes(start, date, chunks, row, { rowGroup, day: isoDate(date) });
      if (run > 0 && monthOfDay(date) !== month)
        this.#findings.add("row-group-cut", "it holds rows of two months", { rowGroup, day: isoDate(date) });
      month = monthOfDay(date);
      this.list.start.push(start);
      this.list.date.push(date);
      this.list.rows.push(runEnds[run]! - row);
    }
    return runEnds;
  }

  #checkTimes(start: number, date: number, { end, hour }: IntervalChunks, row: number, place: Place): void {
    const { list } = this;
    const before = list.start.at(-1);
    const isFirst = row === 0;
    if (before !== undefined && start === before && isFirst)
      this.#findings.add(
        "row-group-cut",
        `the interval ${utcText(start)} goes on from the row group before`,
        place,
      );
    else if (before !== undefined && start <= before)
      this.#findings.add("sort-order", `${utcText(start)} comes after ${utcText(before)}`, place);
    const wanted = this.#clock.operatingDate(start);
    if (yearOfDay(date) !== this.#year)
      this.#findings.add("operating-year", `the day is not of ${this.#year}`, place);
    if (date !== wanted)
      this.#findings.add(
        "operating-date",
        `${utcText(start)} is ${isoDate(wanted)} by the market's clock (${this.#clock.timeZone})`,
        place,
      );
    const found = numberAt(hour, row);
    const ending = this.#clock.hourEnding(start);
    if (found !== ending)
      this.#findings.add(
        "hour-ending",
        `${utcText(start)} is hour ${ending} of its day, not ${found}`,
        place,
      );
    const length = numberAt(end, row) / 1000 - start;
    const known = this.lengths.get(length);
    if (known === undefined) this.lengths.set(length, { length, count: 1, place, start });
    else known.count++;
  }
}

export function numberAt({ codes, values }: CodedChunk, row: number): number {
  return values[codes[row]!] as number;
}

/** @param onOdd is told of a row that differs from the one before and has the same start */
function intervalRuns({ start, end, date, hour }: IntervalChunks, onOdd: (row: number) => void): number[] {
  const runEnds: number[] = [];
  const rows = start.codes.length;
  const [s, e, d, h] = [start.codes, end.codes, date.codes, hour.codes];
  for (let row = 1; row < rows; row++) {
    const before = row - 1;
    if (s[row] === s[before] && e[row] === e[before] && d[row] === d[before] && h[row] === h[before])
      continue;
    if (numberAt(start, row) !== numberAt(start, before)) runEnds.push(row);
    else if ([end, date, hour].some((chunk) => numberAt(chunk, row) !== numberAt(chunk, before))) onOdd(row);
  }
  if (rows > 0) runEnds.push(rows);
  return runEnds;
}
