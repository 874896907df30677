import type { EntityTable, IntervalRuns, MeasureValues, RowBatch } from "./row-batch.js";
import { StartPlaces } from "./start-places.js";
import type { TableDefinition } from "./tables.js";
import { setValid, validityBit } from "./validity.js";

/**
 * Columns that a decoder fills row by row, then hands over as a {@link RowBatch}.
 *
 * The kernel writes straight into the typed arrays (`entityCodes[row]`, `values[measure][row]`) and calls
 * {@link commit} once the whole record has been read, so that a record that turns out bad leaves nothing behind.
 */
export class BatchBuilder {
  readonly capacity: number;
  rows = 0;
  readonly entityCodes: Int32Array<ArrayBuffer>;
  /** By measure; null for the measures that the feed does not have. */
  readonly values: (Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | null)[];
  #validity: (Uint8Array<ArrayBuffer> | null)[];
  #starts: Float64Array<ArrayBuffer> = new Float64Array(256);
  #ends: Float64Array<ArrayBuffer> = new Float64Array(256);
  #dates: Int32Array<ArrayBuffer> = new Int32Array(256);
  #hours: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  #runEnds: Int32Array<ArrayBuffer> = new Int32Array(256);
  #runs = 0;
  /** Whether every interval began no earlier than the one before it. */
  #inOrder = true;
  #sources: number[] = [];

  /**
   * @param capacity most rows that the batch can hold
   * @param used which of the table's measures the feed has
   * @param spare buffers to make columns of, those of a size that is needed
   */
  constructor(
    table: TableDefinition,
    used: readonly boolean[],
    capacity: number,
    spare: readonly ArrayBuffer[] = [],
  ) {
    const left = [...spare];
    const buffer = (bytes: number): ArrayBuffer => {
      const index = left.findIndex(({ byteLength }) => byteLength === bytes);
      return index < 0 ? new ArrayBuffer(bytes) : left.splice(index, 1)[0]!;
    };
    this.capacity = capacity;
    this.entityCodes = new Int32Array(buffer(capacity * 4));
    this.values = table.measures.map(({ type }, index) => {
      if (!used[index]) return null;
      return type === "int32" ? new Int32Array(buffer(capacity * 4)) : new Float64Array(buffer(capacity * 8));
    });
    this.#validity = table.measures.map(() => null);
  }

  get isFull(): boolean {
    return this.rows >= this.capacity;
  }

  /** Marks a measure as missing: of the row being filled, last before {@link commit}, or of an earlier one. */
  setNull(measure: number, row = this.rows): void {
    let bits = this.#validity[measure];
    if (bits === null || bits === undefined) {
      bits = new Uint8Array((this.capacity + 7) >> 3).fill(255);
      this.#validity[measure] = bits;
    }
    bits[row >> 3]! &= ~(1 << (row & 7));
  }

  /** Counts rows of one interval in. Instants in epoch milliseconds, the date in days since 1970-01-01. */
  commit(start: number, end: number, operatingDate: number, hourEnding: number, count = 1): void {
    const runs = this.#runs;
    if (runs === 0 || this.#starts[runs - 1] !== start) this.#openRun(start, end, operatingDate, hourEnding);
    this.rows += count;
    this.#runEnds[this.#runs - 1] = this.rows;
  }

  #openRun(start: number, end: number, operatingDate: number, hourEnding: number): void {
    const run = this.#runs++;
    if (run === this.#starts.length) this.#growRuns();
    if (run > 0 && start < this.#starts[run - 1]!) this.#inOrder = false;
    this.#starts[run] = start;
    this.#ends[run] = end;
    this.#dates[run] = operatingDate;
    this.#hours[run] = hourEnding;
  }

  #growRuns(): void {
    const size = this.#starts.length * 4;
    const grow = <T extends { set(from: T): void }>(grown: T, from: T): T => {
      grown.set(from);
      return grown;
    };
    this.#starts = grow(new Float64Array(size), this.#starts);
    this.#ends = grow(new Float64Array(size), this.#ends);
    this.#dates = grow(new Int32Array(size), this.#dates);
    this.#hours = grow(new Uint8Array(size), this.#hours);
    this.#runEnds = grow(new Int32Array(size), this.#runEnds);
  }

  /** Notes that the rows since the last call came from the file with this index. */
  closeSource(fileIndex: number): void {
    const known = this.#sources.reduce((sum, value, index) => (index % 2 === 1 ? sum + value : sum), 0);
    if (this.rows > known) this.#sources.push(fileIndex, this.rows - known);
  }

  /**
   * The batch, in order of time; the builder must not be used afterwards.
   *
   * Every row must belong to a source by then. Rows of one interval keep their order.
   */
  finish(entities: EntityTable): RowBatch {
    const { rows } = this;
    const intervals: IntervalRuns = {
      start: this.#starts.slice(0, this.#runs),
      end: this.#ends.slice(0, this.#runs),
      operatingDate: this.#dates.slice(0, this.#runs),
      hourEnding: this.#hours.slice(0, this.#runs),
      runEnds: this.#runEnds.slice(0, this.#runs),
    };
    const measures = this.values.map((values, index): MeasureValues | null =>
      values === null ? null : { values: values.subarray(0, rows), validity: this.#validity[index] ?? null },
    );
    const batch: RowBatch = {
      rows,
      intervals,
      entities,
      entityCodes: this.entityCodes.subarray(0, rows),
      measures,
      sources: Int32Array.from(this.#sources),
    };
    return this.#inOrder ? batch : sortByTime(batch);
  }
}

/** The batch's rows in order of their interval; rows of one interval keep their order. */
function sortByTime(batch: RowBatch): RowBatch {
  const { rows, intervals } = batch;
  const { start, runEnds } = intervals;
  const { placeOf, firsts } = runsByTime(start);
  const ends = new Int32Array(firsts.length);
  for (let run = 0; run < start.length; run++)
    ends[placeOf[run]!]! += runEnds[run]! - (run === 0 ? 0 : runEnds[run - 1]!);
  const next = new Int32Array(firsts.length);
  for (let place = 1; place < firsts.length; place++) {
    next[place] = ends[place - 1]!;
    ends[place]! += ends[place - 1]!;
  }
  const from = new Int32Array(rows);
  for (let run = 0, source = 0; run < start.length; run++) {
    let at = next[placeOf[run]!]!;
    for (const end = runEnds[run]!; source < end; source++) from[at++] = source;
    next[placeOf[run]!] = at;
  }
  return {
    rows,
    intervals: { ...gatherIntervals(intervals, firsts), runEnds: ends },
    entities: batch.entities,
    entityCodes: gatherIntegers(batch.entityCodes, from, new Int32Array(rows)),
    measures: batch.measures.map((measure) => measure && gatherMeasure(measure, from)),
    sources: packSources(gatherIntegers(expandSources(batch.sources, rows), from, new Int32Array(rows))),
  };
}

/** The place in time of each run, and by place the first run that has it: few starts come back many times. */
function runsByTime(start: Float64Array): { placeOf: Int32Array; firsts: Int32Array } {
  const known = new StartPlaces();
  const placeOf = new Int32Array(start.length);
  for (let run = 0; run < start.length; run++) placeOf[run] = known.placeOf(start[run]!);
  const places = known.inOrder();
  const firsts = new Int32Array(places.length).fill(-1);
  for (let run = 0; run < start.length; run++) {
    const place = places[placeOf[run]!]!;
    placeOf[run] = place;
    if (firsts[place] === -1) firsts[place] = run;
  }
  return { placeOf, firsts };
}

/** What intervals say of the runs that `from` names. */
function gatherIntervals(intervals: IntervalRuns, from: Int32Array): Omit<IntervalRuns, "runEnds"> {
  const { start, end, operatingDate, hourEnding } = intervals;
  const hours = new Uint8Array(from.length);
  for (let run = 0; run < from.length; run++) hours[run] = hourEnding[from[run]!]!;
  return {
    start: gatherDoubles(start, from, new Float64Array(from.length)),
    end: gatherDoubles(end, from, new Float64Array(from.length)),
    operatingDate: gatherIntegers(operatingDate, from, new Int32Array(from.length)),
    hourEnding: hours,
  };
}

/** Values and validity of the rows that `from` names, in its order. */
export function gatherMeasure({ values, validity }: MeasureValues, from: Int32Array): MeasureValues {
  const gathered =
    values instanceof Int32Array
      ? gatherIntegers(values, from, new Int32Array(from.length))
      : gatherDoubles(values, from, new Float64Array(from.length));
  return { values: gathered, validity: validity === null ? null : gatherValidity(validity, from) };
}

/** Validity of the rows that `from` names, in its order. */
export function gatherValidity(validity: Uint8Array, from: Int32Array): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array((from.length + 7) >> 3);
  for (let row = 0; row < from.length; row++) if (validityBit(validity, from[row]!)) setValid(bits, row);
  return bits;
}

// Two functions that read alike: with one kind of array each, the compiler makes plain loads and stores of them.

/**
 * The values at the places that `from` names, put into `out`.
 *
 * @param first the place that the first of the values has
 */
export function gatherIntegers<T extends Int32Array>(
  values: Int32Array,
  from: Int32Array,
  out: T,
  first = 0,
): T {
  for (let row = 0; row < from.length; row++) out[row] = values[from[row]! - first]!;
  return out;
}

/** {@link gatherIntegers} of doubles. */
export function gatherDoubles<T extends Float64Array>(
  values: Float64Array,
  from: Int32Array,
  out: T,
  first = 0,
): T {
  for (let row = 0; row < from.length; row++) out[row] = values[from[row]! - first]!;
  return out;
}

/** File index of each row. */
export function expandSources(sources: Int32Array, rows: number): Int32Array<ArrayBuffer> {
  const files = new Int32Array(rows);
  fillSources(sources, 0, rows, files, 0);
  return files;
}

/** Puts the file index of each of the rows [from, to) into `out`, from `at` on. */
export function fillSources(
  sources: Int32Array,
  from: number,
  to: number,
  out: Int32Array,
  at: number,
): void {
  let row = 0;
  for (let pair = 0; pair < sources.length && row < to; pair += 2) {
    const end = row + sources[pair + 1]!;
    if (end > from) out.fill(sources[pair]!, at + Math.max(row, from) - from, at + Math.min(end, to) - from);
    row = end;
  }
}

/** Pairs of file index and row count for a file index of each row. */
export function packSources(files: Int32Array): Int32Array<ArrayBuffer> {
  let count = 0;
  for (let row = 0; row < files.length; row++) if (row === 0 || files[row] !== files[row - 1]) count++;
  const pairs = new Int32Array(count * 2);
  let pair = 0;
  for (let row = 0; row < files.length; pair += 2) {
    const file = files[row]!;
    let end = row + 1;
    while (end < files.length && files[end] === file) end++;
    pairs[pair] = file;
    pairs[pair + 1] = end - row;
    row = end;
  }
  return pairs;
}
