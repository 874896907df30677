import { expandSources, gatherIntegers, gatherMeasure, packSources } from "../arrow/batch-builder.js";
import {
  type EntityColumns,
  type EntityTable,
  type IntervalRuns,
  intervalSlices,
  type MeasureValues,
  type Segment,
} from "../arrow/row-batch.js";
import { type TableDefinition, VERSION_COLUMN } from "../arrow/tables.js";
import { setValid, validityBit } from "../arrow/validity.js";
import { entityUnion } from "./entity-union.js";

/** Rows in the output's order, each key once. */
export interface SortedRows {
  rows: number;
  intervals: IntervalRuns;
  /** Entities that occur, in key order: values by column, then by code. */
  entities: EntityColumns;
  entityCodes: Int32Array<ArrayBuffer>;
  measures: (MeasureValues | null)[];
  sources: Int32Array<ArrayBuffer>;
  /** Duplicates that were dropped: pairs of the file that lost a row and how many. */
  dropped: number[];
  /** Joined rows of which the required measure is missing. */
  orphans: Orphan[];
}

/** A row of components without their total. */
export interface Orphan {
  file: number;
  /** Start of its interval, in epoch milliseconds. */
  start: number;
  /** The first of its entity's columns: its location. */
  entity: string;
}

/** How rows are joined that hold one component each. */
export interface Joining {
  /** Whether no more components can come: rows without their total are left out, and said. */
  final: boolean;
}

/** All rows of some segments side by side; a row is named by its place in it. */
interface Rows {
  count: number;
  ranks: Int32Array<ArrayBuffer>;
  measures: (MeasureValues | null)[];
  /** File index of each row, or of all of them. */
  files: Int32Array<ArrayBuffer> | number;
}

/**
 * Sorts rows by interval and entity key and drops duplicates: of two rows with one key the one with the higher
 * version stays, else the one that comes later in the segments.
 *
 * @param segments in plan order, each in order of time
 * @param joining for feeds of which each record holds one component: rows with one key become one row
 */
export function sortRows(
  table: TableDefinition,
  segments: readonly Segment[],
  joining: Joining | null = null,
): SortedRows {
  const tables = entityTables(segments);
  const union = entityUnion(table, tables);
  const ranks = new Map(tables.map(({ id }, index) => [id, union.ranks[index]!]));
  const rows = gatherRows(table, segments, ({ batch }) => ranks.get(batch.entities.id)!);
  const joiner = joining === null ? null : new RowJoiner(table, rows, joining.final);
  const { order, count, intervals, lost } = orderRows(table, segments, rows, union.keyRanks, joiner);
  const inPlace = isIdentity(order, count) && count === rows.count;
  const from = order.subarray(0, count);
  const rowRanks = inPlace ? rows.ranks : gatherIntegers(rows.ranks, from);
  const { files } = rows;
  return {
    rows: count,
    intervals,
    ...usedEntities(union.columns, rowRanks),
    measures: rows.measures.map((measure) =>
      inPlace || measure === null ? measure : gatherMeasure(measure, from),
    ),
    sources:
      typeof files === "number" ? Int32Array.of(files, count) : packSources(gatherIntegers(files, from)),
    dropped: joiner?.dropped() ?? countByFile(lost, files),
    orphans:
      joiner?.orphans.map(({ row, start }) => ({
        file: typeof files === "number" ? files : files[row]!,
        start,
        entity: String(union.columns[0]![rows.ranks[row]!]),
      })) ?? [],
  };
}

/** The entity tables of the segments, of each only the one that has grown most: it holds the others. */
function entityTables(segments: readonly Segment[]): EntityTable[] {
  const tables = new Map<string, EntityTable>();
  for (const { batch } of segments) {
    const known = tables.get(batch.entities.id);
    if (known === undefined || known.count < batch.entities.count)
      tables.set(batch.entities.id, batch.entities);
  }
  return [...tables.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function gatherRows(
  table: TableDefinition,
  segments: readonly Segment[],
  ranksOf: (segment: Segment) => Int32Array,
): Rows {
  const count = segments.reduce((sum, { from, to }) => sum + to - from, 0);
  const ranks = new Int32Array(count);
  const distinct = new Set(
    segments.flatMap(({ batch }) => [...batch.sources].filter((_, index) => index % 2 === 0)),
  );
  const files = distinct.size > 1 ? new Int32Array(count) : ([...distinct][0] ?? 0);
  let base = 0;
  for (const segment of segments) {
    const { batch, from, to } = segment;
    const table = ranksOf(segment);
    const { entityCodes } = batch;
    for (let row = from; row < to; row++) ranks[base + row - from] = table[entityCodes[row]!]!;
    if (typeof files !== "number")
      files.set(expandSources(batch.sources, batch.rows).subarray(from, to), base);
    base += to - from;
  }
  return {
    count,
    ranks,
    files,
    measures: table.measures.map((_, index) => joinMeasure(segments, index, count)),
  };
}

function joinMeasure(segments: readonly Segment[], index: number, count: number): MeasureValues | null {
  const present = segments.map(({ batch }) => batch.measures[index] ?? null);
  const sample = present.find((measure) => measure !== null);
  if (sample === undefined || sample === null) return null;
  const values = sample.values instanceof Int32Array ? new Int32Array(count) : new Float64Array(count);
  const complete = present.every((measure) => measure !== null && measure.validity === null);
  const validity = complete ? null : new Uint8Array((count + 7) >> 3);
  let base = 0;
  for (const [position, { from, to }] of segments.entries()) {
    const measure = present[position]!;
    if (measure !== null) {
      values.set(measure.values.subarray(from, to), base);
      if (validity !== null) {
        for (let row = from; row < to; row++) {
          if (measure.validity !== null && !validityBit(measure.validity, row)) continue;
          const target = base + row - from;
          setValid(validity, target);
        }
      }
    }
    base += to - from;
  }
  return { values, validity };
}

/** Rows [from, to) of one interval, as places in {@link Rows}. */
interface Slice {
  segment: Segment;
  run: number;
  start: number;
  from: number;
  to: number;
}

function slicesInOrder(segments: readonly Segment[]): Slice[] {
  const slices: Slice[] = [];
  let base = 0;
  let inOrder = true;
  for (const segment of segments) {
    for (const { run, from, to } of intervalSlices(segment)) {
      const start = segment.batch.intervals.start[run]!;
      if (slices.length > 0 && start < slices.at(-1)!.start) inOrder = false;
      slices.push({ segment, run, start, from: base + from - segment.from, to: base + to - segment.from });
    }
    base += segment.to - segment.from;
  }
  // Array sort is stable: slices of one interval stay in plan order.
  return inOrder ? slices : slices.sort((a, b) => a.start - b.start);
}

interface Ordered {
  /** Places of the rows that stay, in output order; the first `count` of it. */
  order: Int32Array;
  count: number;
  intervals: IntervalRuns;
  /** Places of the rows that were dropped. */
  lost: number[];
}

function orderRows(
  table: TableDefinition,
  segments: readonly Segment[],
  rows: Rows,
  keyRanks: Int32Array,
  joiner: RowJoiner | null,
): Ordered {
  const slices = slicesInOrder(segments);
  const sorter = new IntervalSorter(keyRanks, rows, versionsOf(table, rows), joiner);
  const kept: Slice[] = [];
  const runEnds: number[] = [];
  for (let first = 0; first < slices.length; ) {
    let last = first + 1;
    while (last < slices.length && slices[last]!.start === slices[first]!.start) last++;
    const before = sorter.count;
    sorter.add(slices.slice(first, last));
    if (sorter.count > before) {
      kept.push(slices[first]!);
      runEnds.push(sorter.count);
    }
    first = last;
  }
  const pick = (value: (intervals: IntervalRuns, run: number) => number) =>
    kept.map(({ segment, run }) => value(segment.batch.intervals, run));
  const intervals: IntervalRuns = {
    start: Float64Array.from(pick(({ start }, run) => start[run]!)),
    end: Float64Array.from(pick(({ end }, run) => end[run]!)),
    operatingDate: Int32Array.from(pick(({ operatingDate }, run) => operatingDate[run]!)),
    hourEnding: Uint8Array.from(pick(({ hourEnding }, run) => hourEnding[run]!)),
    runEnds: Int32Array.from(runEnds),
  };
  return { order: sorter.order, count: sorter.count, intervals, lost: sorter.lost };
}

/** Orders the rows of one interval after the other by the rank of their key. */
class IntervalSorter {
  readonly order: Int32Array;
  count = 0;
  readonly lost: number[] = [];
  readonly #keyRanks: Int32Array;
  readonly #ranks: Int32Array;
  readonly #versions: ((row: number) => number) | null;
  readonly #joiner: RowJoiner | null;
  /** By key rank: place of the row that has it in the current interval, or -1. */
  readonly #places: Int32Array;

  constructor(
    keyRanks: Int32Array,
    rows: Rows,
    versions: ((row: number) => number) | null,
    joiner: RowJoiner | null,
  ) {
    this.#joiner = joiner;
    this.#keyRanks = keyRanks;
    this.#ranks = rows.ranks;
    this.#versions = versions;
    this.order = new Int32Array(rows.count);
    this.#places = new Int32Array(keyRanks.length).fill(-1);
  }

  add(slices: readonly Slice[]): void {
    const size = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    if (this.#joiner === null && this.#copyInOrder(slices)) return;
    const few = size * 8 < this.#places.length;
    const low: number[] = [];
    for (const { from, to } of slices) {
      for (let row = from; row < to; row++) {
        const rank = this.#keyRanks[this.#ranks[row]!]!;
        const other = this.#places[rank]!;
        if (other < 0) {
          this.#places[rank] = row;
          if (few) low.push(rank);
        } else this.#places[rank] = this.#winner(other, row);
      }
    }
    this.#collect(few ? Int32Array.from(low).sort() : null, slices[0]!.start);
  }

  /** Takes the rows as they are when their keys ascend; otherwise takes none. */
  #copyInOrder(slices: readonly Slice[]): boolean {
    const before = this.count;
    let previous = -1;
    for (const { from, to } of slices) {
      for (let row = from; row < to; row++) {
        const rank = this.#keyRanks[this.#ranks[row]!]!;
        if (rank <= previous) {
          this.count = before;
          return false;
        }
        previous = rank;
        this.order[this.count++] = row;
      }
    }
    return true;
  }

  /** Empties the places in order of rank; `ranks` lists those in use when they are few. */
  #collect(ranks: Int32Array | null, start: number): void {
    const places = this.#places;
    const length = ranks?.length ?? places.length;
    for (let i = 0; i < length; i++) {
      const rank = ranks === null ? i : ranks[i]!;
      const row = places[rank]!;
      if (row < 0) continue;
      places[rank] = -1;
      if (this.#joiner?.isLeftOut(row, start)) continue;
      this.order[this.count++] = row;
    }
  }

  #winner(earlier: number, later: number): number {
    if (this.#joiner !== null) return this.#joiner.join(earlier, later);
    const versions = this.#versions;
    const laterWins = versions === null || versions(later) >= versions(earlier);
    this.lost.push(laterWins ? earlier : later);
    return laterWins ? later : earlier;
  }
}

/** Joins rows that hold a component each, in place: the row that came first takes what the later ones have. */
class RowJoiner {
  readonly orphans: { row: number; start: number }[] = [];
  readonly #rows: Rows;
  readonly #total: number;
  readonly #final: boolean;
  readonly #dropped = new Map<number, number>();

  constructor(table: TableDefinition, rows: Rows, final: boolean) {
    this.#rows = rows;
    this.#total = table.measures.findIndex(({ required }) => required);
    this.#final = final;
  }

  /** Of a component that both rows have, the later one's stays; two totals are a duplicate. */
  join(earlier: number, later: number): number {
    const { measures, files } = this.#rows;
    for (const [index, measure] of measures.entries()) {
      if (measure === null || !hasValue(measure, later)) continue;
      if (index === this.#total) {
        const loser = typeof files === "number" ? files : files[earlier]!;
        if (hasValue(measure, earlier)) this.#dropped.set(loser, (this.#dropped.get(loser) ?? 0) + 1);
        if (typeof files !== "number") files[earlier] = files[later]!;
      }
      measure.values[earlier] = measure.values[later]!;
      if (measure.validity !== null) setValid(measure.validity, earlier);
    }
    return earlier;
  }

  /** Notes a row without its total; whether it is to be left out. */
  isLeftOut(row: number, start: number): boolean {
    const total = this.#rows.measures[this.#total];
    if (total !== null && total !== undefined && hasValue(total, row)) return false;
    this.orphans.push({ row, start });
    return this.#final;
  }

  dropped(): number[] {
    return [...this.#dropped].sort((a, b) => a[0] - b[0]).flat();
  }
}

function hasValue({ validity }: MeasureValues, row: number): boolean {
  return validity === null || validityBit(validity, row) === 1;
}

/** Version of a row; -Infinity where it has none. Null when the table or all rows have none. */
function versionsOf(table: TableDefinition, rows: Rows): ((row: number) => number) | null {
  const measure = rows.measures[table.measures.findIndex(({ name }) => name === VERSION_COLUMN)];
  if (measure === undefined || measure === null) return null;
  const { values, validity } = measure;
  return (row) => {
    const missing = validity !== null && !validityBit(validity, row);
    return missing ? Number.NEGATIVE_INFINITY : values[row]!;
  };
}

function isIdentity(order: Int32Array, count: number): boolean {
  for (let row = 0; row < count; row++) if (order[row] !== row) return false;
  return true;
}

/** Entities that occur, numbered anew in the same order, and each row's code. */
function usedEntities(
  columns: EntityColumns,
  ranks: Int32Array,
): { entities: EntityColumns; entityCodes: Int32Array<ArrayBuffer> } {
  const codes = new Int32Array(columns[0]?.length ?? 0).fill(-1);
  for (let row = 0; row < ranks.length; row++) codes[ranks[row]!] = 0;
  const used: number[] = [];
  for (let rank = 0; rank < codes.length; rank++) if (codes[rank] === 0) codes[rank] = used.push(rank) - 1;
  return {
    entities: columns.map((column) => used.map((rank) => column[rank]!)),
    entityCodes: gatherIntegers(codes, ranks),
  };
}

function countByFile(lost: readonly number[], files: Int32Array | number): number[] {
  const counts = new Map<number, number>();
  for (const row of lost) {
    const file = typeof files === "number" ? files : files[row]!;
    counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => a[0] - b[0]).flat();
}
