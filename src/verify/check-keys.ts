import { compareValues } from "../order/compare-values.js";
import type { CodedChunk, ColumnValues } from "../parquet/read-column.js";
import type { FindingList, Place } from "./checks.js";

/** Interval in which a key was last that has not been met: none that comes before the first interval. */
const NEVER = -2;

type KeyValue = string | number | null;

/**
 * A location that comes back after no longer than this lacked the intervals in between: it was there on the day before
 * and on the day after. One that comes back later was away.
 */
export const LONGEST_GAP_MS = 48 * 3_600_000;

/** Locations or products of a stretch of rows, and their first and last intervals by number. */
export interface SeenKeys {
  /** Key columns as text, see {@link keyText}. */
  keys: string[];
  first: Int32Array;
  last: Int32Array;
}

/**
 * Checks the order of the keys within each interval, that none comes twice, and finds intervals that a location lacks.
 *
 * In row after row the same locations follow each other as an interval ago: for each the one that came next last time
 * is tried first, so that nearly always the codes of the dictionaries are all that is compared.
 */
export class KeyChecker {
  readonly #findings: FindingList;
  readonly #known = new Map<string, number>();
  readonly #values: KeyValue[][] = [];
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  /** By number of a key plus one: the key that came after it last time; at 0 the one that came first. */
  readonly #successors: number[] = [-1];
  /** By key column and key: its code in the row group in hand. */
  #codes: number[][] = [];
  #dictionaries: ColumnValues[] = [];

  constructor(findings: FindingList) {
    this.#findings = findings;
  }

  /**
   * Checks a row group.
   *
   * @param columns the key's columns in sort order
   * @param runEnds row after the last one of each interval
   * @param firstInterval number of the first interval; those of a file are counted through
   * @param startOf start of an interval by number, in epoch milliseconds
   * @param placeOf where a row is
   */
  check(
    columns: readonly CodedChunk[],
    runEnds: readonly number[],
    firstInterval: number,
    startOf: (interval: number) => number,
    placeOf: (row: number) => Place,
  ): void {
    this.#enter(columns.map(({ values }) => values));
    // Two columns or three: the third is the first once more where there are only two.
    const [a, b] = [columns[0]!.codes, columns[1]!.codes];
    const c = columns[2]?.codes ?? a;
    const [codesA, codesB] = [this.#codes[0]!, this.#codes[1]!];
    const codesC = this.#codes[2] ?? codesA;
    const [successors, last] = [this.#successors, this.#last];
    let row = 0;
    for (const [run, end] of runEnds.entries()) {
      const interval = firstInterval + run;
      for (let previous = -1; row < end; row++) {
        let key = successors[previous + 1]!;
        if (key < 0 || codesA[key] !== a[row] || codesB[key] !== b[row] || codesC[key] !== c[row])
          key = this.#find(columns, row, previous, placeOf);
        const seen = last[key]!;
        if (seen !== interval - 1) this.#meet(key, seen, interval, startOf, row, placeOf);
        last[key] = interval;
        previous = key;
      }
    }
  }

  /** What was seen, for the parts of the file before and after. */
  seen(): SeenKeys {
    return {
      keys: [...this.#known.keys()],
      first: Int32Array.from(this.#first),
      last: Int32Array.from(this.#last),
    };
  }

  /** Codes are those of one row group's dictionaries: with others they must be learnt again. */
  #enter(dictionaries: ColumnValues[]): void {
    const same = dictionaries.every((values, i) => values === this.#dictionaries[i]);
    if (same && this.#codes.length > 0) return;
    this.#dictionaries = dictionaries;
    this.#codes = dictionaries.map(() => new Array<number>(this.#values.length).fill(-2));
  }

  /** The key of a row that is not what was expected. */
  #find(
    columns: readonly CodedChunk[],
    row: number,
    previous: number,
    placeOf: (row: number) => Place,
  ): number {
    const values = columns.map(({ codes, values }) => (codes[row]! < 0 ? null : values[codes[row]!]!));
    const text = keyText(values);
    let key = this.#known.get(text);
    if (key === undefined) {
      key = this.#known.size;
      this.#known.set(text, key);
      this.#values.push(values);
      this.#first.push(-1);
      this.#last.push(NEVER);
      this.#successors.push(-1);
      for (const codes of this.#codes) codes.push(-2);
    }
    for (const [i, codes] of this.#codes.entries()) codes[key] = columns[i]!.codes[row]!;
    if (previous < 0 || compareKeys(this.#values[previous]!, values) < 0)
      this.#successors[previous + 1] = key;
    else if (previous !== key)
      this.#findings.add("sort-order", `it comes after ${nameOf(this.#values[previous]!)}`, placeOf(row));
    return key;
  }

  /** A key that was not in the interval before. */
  #meet(
    key: number,
    seen: number,
    interval: number,
    startOf: (interval: number) => number,
    row: number,
    placeOf: (row: number) => Place,
  ): void {
    if (seen === NEVER) this.#first[key] = interval;
    else if (seen === interval)
      this.#findings.add("duplicate-key", "its key comes twice in the interval", placeOf(row));
    else reportGap(this.#findings, startOf(seen), startOf(interval), interval - seen - 1, placeOf(row));
  }
}

/**
 * Says that a location lacks intervals, unless it was away for longer.
 *
 * @param from the last interval before, in epoch milliseconds
 * @param to the first one after
 */
export function reportGap(
  findings: FindingList,
  from: number,
  to: number,
  intervals: number,
  place: Place,
): void {
  if (intervals < 1 || to - from > LONGEST_GAP_MS) return;
  const what = intervals === 1 ? "1 interval is" : `${intervals} intervals are`;
  findings.add("location-gap", `${what} missing between ${utcText(from)} and ${utcText(to)}`, place);
}

/** `2024-03-10 07:00 UTC`. */
export function utcText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const NULL = "\u0000";

/** A key as text; names have no control characters. */
export function keyText(values: readonly KeyValue[]): string {
  return values.map((value) => value ?? NULL).join("\n");
}

/** The first part of a key as text: the name. */
export function nameOfKey(text: string): string {
  return text.split("\n", 1)[0]!;
}

function nameOf(values: readonly KeyValue[]): string {
  return values.filter((value) => value !== null).join(", ");
}

export function compareKeys(a: readonly KeyValue[], b: readonly KeyValue[]): number {
  for (const [i, value] of a.entries()) {
    const order = compareValues(value, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}
