import { fillSources, packSources } from "../arrow/batch-builder.js";
import { type Remainder, remainderValues } from "../arrow/remainders.js";
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
import type { Scratch } from "../wasm/scratch.js";
import { entityUnion } from "./entity-union.js";
import { IntervalSorter, type Rows, type Slice } from "./interval-sorter.js";
import { areFragments, type IntervalRun, orderFragments } from "./order-fragments.js";
import { add, fileOf, pairs, RowJoiner } from "./row-joiner.js";
import { SortMemory } from "./sort-memory.js";

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
  /** Rows of {@link EXISTING_FILE} among them: pairs of the file that took their place and how many. */
  replaced: number[];
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
  /** Measures that are what is left of the total: worked out when the components are together. */
  remainders: readonly Remainder[];
}

/**
 * Sorts rows by interval and entity key and drops duplicates: of two rows with one key the one with the higher
 * version stays, else the one that comes later in the segments.
 *
 * @param segments in plan order, each in order of time
 * @param joining for feeds of which each record holds one component: rows with one key become one row
 * @param scratch memory for the result, which is good as long as the task; without it arrays of their own are made
 */
export function sortRows(
  table: TableDefinition,
  segments: readonly Segment[],
  joining: Joining | null = null,
  scratch: Scratch | null = null,
): SortedRows {
  const memory = new SortMemory(scratch);
  const tables = entityTables(segments);
  const union = entityUnion(table, tables);
  const ranks = new Map(tables.map(({ id }, index) => [id, union.ranks[index]!]));
  const rows = gatherRows(table, segments, ({ batch }) => ranks.get(batch.entities.id)!, memory);
  const joiner = joining === null ? null : new RowJoiner(table, rows, joining.final);
  const { order, count, intervals, lost, won } = orderRows(
    table,
    segments,
    rows,
    union.keyRanks,
    joiner,
    memory,
  );
  const inPlace = isIdentity(order, count) && count === rows.count;
  const from = order.subarray(0, count);
  const rowRanks = inPlace ? rows.ranks : memory.gatherInt32(rows.ranks, from);
  const { files } = rows;
  const measures = rows.measures.map((measure) =>
    inPlace || measure === null ? measure : memory.gatherMeasure(measure, from),
  );
  for (const remainder of joining?.remainders ?? [])
    measures[remainder.target] = remainderValues(remainder, measures, count);
  return {
    rows: count,
    intervals,
    ...usedEntities(union.columns, rowRanks, memory),
    measures,
    sources:
      typeof files === "number" ? Int32Array.of(files, count) : packSources(memory.gatherInt32(files, from)),
    dropped: joiner?.dropped() ?? countByFile(lost, rows),
    replaced: joiner?.replaced() ?? countByFile(won, rows),
    orphans:
      joiner?.orphans.map(({ row, start }) => ({
        file: fileOf(rows, row),
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
  memory: SortMemory,
): Rows {
  const count = segments.reduce((sum, { from, to }) => sum + to - from, 0);
  const ranks = memory.int32(count);
  const files = onlyFile(segments) ?? new Int32Array(count);
  let base = 0;
  for (const segment of segments) {
    const { batch, from, to } = segment;
    const table = ranksOf(segment);
    const { entityCodes } = batch;
    memory.gatherInt32(table, entityCodes.subarray(from, to), ranks.subarray(base, base + to - from));
    if (typeof files !== "number") fillSources(batch.sources, from, to, files, base);
    base += to - from;
  }
  return {
    count,
    ranks,
    files,
    measures: table.measures.map((_, index) => joinMeasure(segments, index, count, memory)),
  };
}

/** The file of all rows of the batches; null where there are several. */
function onlyFile(segments: readonly Segment[]): number | null {
  const first = segments[0]?.batch.sources[0] ?? 0;
  for (const { batch } of segments) {
    const { sources } = batch;
    for (let pair = 0; pair < sources.length; pair += 2) if (sources[pair] !== first) return null;
  }
  return first;
}

function joinMeasure(
  segments: readonly Segment[],
  index: number,
  count: number,
  memory: SortMemory,
): MeasureValues | null {
  const present = segments.map(({ batch }) => batch.measures[index] ?? null);
  const sample = present.find((measure) => measure !== null);
  if (sample === undefined || sample === null) return null;
  const values = sample.values instanceof Int32Array ? memory.int32(count) : memory.float64(count);
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
    } else values.fill(0, base, base + to - from);
    base += to - from;
  }
  return { values, validity };
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
  /** Places of the rows that were dropped, and of those that took the place of rows of {@link EXISTING_FILE}. */
  lost: number[];
  won: number[];
}

function orderRows(
  table: TableDefinition,
  segments: readonly Segment[],
  rows: Rows,
  keyRanks: Int32Array,
  joiner: RowJoiner | null,
  memory: SortMemory,
): Ordered {
  const sorter = new IntervalSorter(keyRanks, rows, versionsOf(table, rows), joiner, memory);
  const kept: IntervalRun[] = [];
  const runEnds: number[] = [];
  const keep = (interval: IntervalRun): void => {
    if (sorter.count === (runEnds.at(-1) ?? 0)) return;
    kept.push(interval);
    runEnds.push(sorter.count);
  };
  if (areFragments(segments)) {
    const { sorted, runs, ends } = orderFragments(segments, keyRanks, rows.ranks, memory);
    for (let place = 0; place < runs.length; place++) {
      const interval = runs[place]!;
      const from = place === 0 ? 0 : ends[place - 1]!;
      sorter.addSorted(sorted, from, ends[place]!, interval.segment.batch.intervals.start[interval.run]!);
      keep(interval);
    }
  } else {
    const slices = slicesInOrder(segments);
    for (let first = 0; first < slices.length; ) {
      let last = first + 1;
      while (last < slices.length && slices[last]!.start === slices[first]!.start) last++;
      sorter.add(slices.slice(first, last));
      keep(slices[first]!);
      first = last;
    }
  }
  const intervals = intervalsOf(kept, runEnds);
  const { order, count, lost, won } = sorter;
  return { order, count, intervals, lost, won };
}

function intervalsOf(runs: readonly IntervalRun[], runEnds: readonly number[]): IntervalRuns {
  const intervals: IntervalRuns = {
    start: new Float64Array(runs.length),
    end: new Float64Array(runs.length),
    operatingDate: new Int32Array(runs.length),
    hourEnding: new Uint8Array(runs.length),
    runEnds: Int32Array.from(runEnds),
  };
  for (let place = 0; place < runs.length; place++) {
    const { segment, run } = runs[place]!;
    const { start, end, operatingDate, hourEnding } = segment.batch.intervals;
    intervals.start[place] = start[run]!;
    intervals.end[place] = end[run]!;
    intervals.operatingDate[place] = operatingDate[run]!;
    intervals.hourEnding[place] = hourEnding[run]!;
  }
  return intervals;
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
  ranks: Int32Array<ArrayBuffer>,
  memory: SortMemory,
): { entities: EntityColumns; entityCodes: Int32Array<ArrayBuffer> } {
  const codes = memory.int32(columns[0]?.length ?? 0).fill(-1);
  memory.markRanks(ranks, codes);
  // The same columns as for other rows: what is worked out of them can be kept.
  if (!codes.includes(-1)) return { entities: columns, entityCodes: ranks };
  const used: number[] = [];
  for (let rank = 0; rank < codes.length; rank++) if (codes[rank] === 0) codes[rank] = used.push(rank) - 1;
  return {
    entities: columns.map((column) => used.map((rank) => column[rank]!)),
    entityCodes: memory.gatherInt32(codes, ranks),
  };
}

function countByFile(places: readonly number[], rows: Rows): number[] {
  const counts = new Map<number, number>();
  for (const row of places) add(counts, fileOf(rows, row));
  return pairs(counts);
}
