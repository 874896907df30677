import { lowerBound } from "../lower-bound.js";
import { setValid, validityBit } from "./validity.js";

/**
 * Rows on their way between threads: columns in Arrow's memory layout, cut so that no value is stored twice.
 *
 * - The four interval columns are run-end encoded: one run for each stretch of rows of the same interval.
 * - The entity columns (location, type, zone …) are one dictionary of structs: a code per row.
 * - The measures are plain values with a validity bitmap (bit set: there is a value) where any is missing.
 *
 * `toRecordBatch` (record-batch.ts) expands it into an Arrow RecordBatch with the output's columns.
 */
export interface RowBatch {
  rows: number;
  intervals: IntervalRuns;
  entities: EntityTable;
  /** Code of each row in `entities`. */
  entityCodes: Int32Array<ArrayBuffer>;
  /** In the order of the table's measures; null when no row has a value. */
  measures: (MeasureValues | null)[];
  /** Which input files the rows came from: pairs of file index and number of rows. */
  sources: Int32Array<ArrayBuffer>;
}

/** Runs of rows that share an interval. Instants in epoch milliseconds, days since 1970-01-01. */
export interface IntervalRuns {
  start: Float64Array<ArrayBuffer>;
  end: Float64Array<ArrayBuffer>;
  operatingDate: Int32Array<ArrayBuffer>;
  hourEnding: Uint8Array<ArrayBuffer>;
  /** Row after the last one of each run. */
  runEnds: Int32Array<ArrayBuffer>;
}

export interface MeasureValues {
  values: Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
  /** Arrow validity bitmap; null when every row has a value. */
  validity: Uint8Array<ArrayBuffer> | null;
}

/** The measures of rows, in the order of the table's: an array of them, or what makes each when it is asked for. */
export interface MeasureSource {
  readonly length: number;
  /** Null when no row has a value. */
  at(index: number): MeasureValues | null | undefined;
}

export function allMeasures(source: MeasureSource): (MeasureValues | null)[] {
  return Array.from({ length: source.length }, (_, index) => source.at(index) ?? null);
}

/**
 * What the codes stand for. The JSON text of an {@link EntityColumns} lies in shared memory, so that it goes from
 * thread to thread without a copy; `id` and `count` name its content for caches.
 */
export interface EntityTable {
  /** Tables with one id only grow: of two, the one with the higher count holds the other. */
  id: string;
  /** Tables of one family are of the same feed: what one says others will, too. Null for a table by itself. */
  family: string | null;
  count: number;
  json: Uint8Array<SharedArrayBuffer>;
  /** JSON text of the {@link UnknownWord}s; null when there are none, as nearly always. */
  words: Uint8Array<SharedArrayBuffer> | null;
}

/** A word of the ISO that the feed's vocabulary does not have: the entity with this code says OTHER for it. */
export interface UnknownWord {
  code: number;
  /** Place of the entity column. */
  column: number;
  word: string;
}

/** Value of an entity column. */
export type EntityValue = string | number | null;

/** Values of the entity columns, by column in the table's order, then by code. */
export type EntityColumns = EntityValue[][];

/** Rows [from, to) of a batch. */
export interface Segment {
  batch: RowBatch;
  from: number;
  to: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function entityTable(
  id: string,
  columns: EntityColumns,
  words: readonly UnknownWord[] = [],
  family: string | null = null,
): EntityTable {
  return {
    id,
    family,
    count: columns[0]?.length ?? 0,
    json: shareJson(columns),
    words: words.length === 0 ? null : shareJson(words),
  };
}

export function entityColumns(table: EntityTable): EntityColumns {
  return parseShared(table.json) as EntityColumns;
}

/**
 * Whether the codes of two tables stand for the same descriptions: decoders of one feed often learn them in one order.
 * Words that are in no vocabulary may differ.
 */
export function saySame(a: EntityTable, b: EntityTable): boolean {
  return a.count === b.count && a.json.length === b.json.length && Buffer.compare(a.json, b.json) === 0;
}

export function unknownWords({ words }: EntityTable): UnknownWord[] {
  return words === null ? [] : (parseShared(words) as UnknownWord[]);
}

function shareJson(value: unknown): Uint8Array<SharedArrayBuffer> {
  const bytes = encoder.encode(JSON.stringify(value));
  const json = new Uint8Array(new SharedArrayBuffer(bytes.length));
  json.set(bytes);
  return json;
}

function parseShared(json: Uint8Array<SharedArrayBuffer>): unknown {
  // TextDecoder refuses views of shared memory.
  return JSON.parse(decoder.decode(new Uint8Array(json)));
}

/** The buffers to hand over when a batch is posted to another thread; the sender's views are empty afterwards. */
export function transferList(batch: RowBatch): ArrayBuffer[] {
  const { start, end, operatingDate, hourEnding, runEnds } = batch.intervals;
  const buffers = [start, end, operatingDate, hourEnding, runEnds, batch.entityCodes, batch.sources].map(
    (view) => view.buffer,
  );
  for (const measure of batch.measures) {
    if (measure === null) continue;
    buffers.push(measure.values.buffer);
    if (measure.validity !== null) buffers.push(measure.validity.buffer);
  }
  return [...new Set(buffers)];
}

/** The large buffers of a batch that nothing looks at any more, and the rows that they have room for. */
export interface SpareBuffers {
  capacity: number;
  buffers: ArrayBuffer[];
}

/** What of a batch can be used for another one. */
export function spareBuffers({ entityCodes, measures }: RowBatch): SpareBuffers {
  const { buffer, BYTES_PER_ELEMENT } = entityCodes;
  return {
    capacity: buffer.byteLength / BYTES_PER_ELEMENT,
    buffers: [buffer, ...measures.flatMap((measure) => (measure === null ? [] : [measure.values.buffer]))],
  };
}

/** Bytes of memory that a batch keeps, less its entity table, which is shared. */
export function batchBytes(batch: RowBatch): number {
  return transferList(batch).reduce((sum, buffer) => sum + buffer.byteLength, 0);
}

/** Rows of one interval within a segment, in the order of the rows. */
export interface IntervalSlice {
  run: number;
  from: number;
  to: number;
}

/** The interval runs of a segment, cut to its rows. */
export function* intervalSlices({ batch, from, to }: Segment): Generator<IntervalSlice> {
  if (from >= to) return;
  const { runEnds } = batch.intervals;
  for (let run = runAt(runEnds, from); run < runEnds.length; run++) {
    const begin = run === 0 ? 0 : runEnds[run - 1]!;
    if (begin >= to) return;
    yield { run, from: Math.max(from, begin), to: Math.min(to, runEnds[run]!) };
  }
}

/** Index of the run that holds `row`. */
export function runAt(runEnds: Int32Array, row: number): number {
  return lowerBound(runEnds, row + 1);
}

/** Room for so many runs. */
export function newIntervals(count: number): IntervalRuns {
  return {
    start: new Float64Array(count),
    end: new Float64Array(count),
    operatingDate: new Int32Array(count),
    hourEnding: new Uint8Array(count),
    runEnds: new Int32Array(count),
  };
}

/** Copies the interval of a run, but not where it ends. */
export function copyInterval(from: IntervalRuns, run: number, to: IntervalRuns, place: number): void {
  to.start[place] = from.start[run]!;
  to.end[place] = from.end[run]!;
  to.operatingDate[place] = from.operatingDate[run]!;
  to.hourEnding[place] = from.hourEnding[run]!;
}

/** Runs that the rows of a segment have. */
export function runCount({ batch, from, to }: Segment): number {
  const { runEnds } = batch.intervals;
  return from < to ? runAt(runEnds, to - 1) + 1 - runAt(runEnds, from) : 0;
}

/** A batch of its own with rows [from, to) copied. */
export function copyRows(segment: Segment): RowBatch {
  const { batch, from, to } = segment;
  return {
    rows: to - from,
    intervals: cutIntervals(batch.intervals, from, to),
    entities: batch.entities,
    entityCodes: batch.entityCodes.slice(from, to),
    measures: batch.measures.map((measure) => measure && copyMeasure(measure, from, to)),
    sources: cutSources(batch.sources, from, to),
  };
}

/** The runs of rows [from, to). */
export function cutIntervals(intervals: IntervalRuns, from: number, to: number): IntervalRuns {
  const first = from < to ? runAt(intervals.runEnds, from) : 0;
  const last = from < to ? runAt(intervals.runEnds, to - 1) + 1 : 0;
  return {
    start: intervals.start.slice(first, last),
    end: intervals.end.slice(first, last),
    operatingDate: intervals.operatingDate.slice(first, last),
    hourEnding: intervals.hourEnding.slice(first, last),
    runEnds: intervals.runEnds.slice(first, last).map((end) => Math.min(end, to) - from),
  };
}

function copyMeasure({ values, validity }: MeasureValues, from: number, to: number): MeasureValues {
  return { values: values.slice(from, to), validity: validity && cutValidity(validity, from, to) };
}

/** The validity bits of rows [from, to). */
export function cutValidity(validity: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array((to - from + 7) >> 3);
  for (let row = from; row < to; row++) if (validityBit(validity, row)) setValid(bits, row - from);
  return bits;
}

/** The pairs of file index and row count for rows [from, to). */
export function cutSources(sources: Int32Array, from: number, to: number): Int32Array<ArrayBuffer> {
  let pair = 0;
  let row = 0;
  while (pair < sources.length && row + sources[pair + 1]! <= from) {
    row += sources[pair + 1]!;
    pair += 2;
  }
  const first = pair;
  const begin = row;
  while (pair < sources.length && row < to) {
    row += sources[pair + 1]!;
    pair += 2;
  }
  if (from >= to || pair === first) return new Int32Array(0);
  const cut = Int32Array.from(sources.subarray(first, pair));
  cut[1]! -= from - begin;
  if (row > to) cut[cut.length - 1]! -= row - to;
  return cut;
}

/** Pairs of file index and row count, one for each file, in the order of the files. */
export function sumSources(sources: Int32Array): Int32Array<ArrayBuffer> {
  let most = EXISTING_FILE;
  for (let pair = 0; pair < sources.length; pair += 2) if (sources[pair]! > most) most = sources[pair]!;
  const counts = new Int32Array(most - EXISTING_FILE + 1);
  for (let pair = 0; pair < sources.length; pair += 2)
    counts[sources[pair]! - EXISTING_FILE]! += sources[pair + 1]!;
  const pairs: number[] = [];
  for (let file = EXISTING_FILE; file <= most; file++)
    if (counts[file - EXISTING_FILE]! > 0) pairs.push(file, counts[file - EXISTING_FILE]!);
  return Int32Array.from(pairs);
}

/** In place of a file index: the row was in the year file before the run. */
export const EXISTING_FILE = -1;
