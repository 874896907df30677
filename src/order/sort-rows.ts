import { fillSources, packSources } from "../arrow/batch-builder.js";
import { type Remainder, remainderValues } from "../arrow/remainders.js";
import {
  allMeasures,
  copyInterval,
  type EntityColumns,
  type EntityTable,
  type IntervalRuns,
  intervalSlices,
  type MeasureSource,
  newIntervals,
  type Segment,
} from "../arrow/row-batch.js";
import { requiredMeasure, type TableDefinition, VERSION_COLUMN } from "../arrow/tables.js";
import { validityBit } from "../arrow/validity.js";
import type { Scratch } from "../wasm/scratch.js";
import { entityUnion } from "./entity-union.js";
import { IntervalSorter, type Rows, type Slice } from "./interval-sorter.js";
import { JoinedMeasures, type RowOrder, type Stretch } from "./joined-measures.js";
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
  /** Each is put in order when it is asked for, in memory that is taken then. */
  measures: MeasureSource;
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
  const joined = new JoinedMeasures(table, segments, memory);
  const rows = gatherRows(segments, ({ batch }) => ranks.get(batch.entities.id)!, joined, memory);
  const joiner =
    joining === null
      ? null
      : new RowJoiner(table, rows, joined.isComplete(requiredMeasure(table)), joining.final);
  const { order, count, intervals, stretches, lost, won } = orderRows(
    segments,
    rows,
    union.keyRanks,
    versionsOf(table, joined),
    joiner,
    memory,
  );
  const inPlace = isIdentity(order, count) && count === rows.count;
  const from = order.subarray(0, count);
  const rowRanks = inPlace ? rows.ranks : memory.gatherInt32(rows.ranks, from);
  const { files } = rows;
  const rowOrder = inPlace ? null : { places: from, stretches };
  return {
    rows: count,
    intervals,
    ...usedEntities(union.columns, rowRanks, memory),
    measures: measuresOf(joined, rowOrder, count, joining?.remainders ?? []),
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

/** The measures in the order of the rows; all at once where some are worked out of others. */
function measuresOf(
  joined: JoinedMeasures,
  order: RowOrder | null,
  rows: number,
  remainders: readonly Remainder[],
): MeasureSource {
  const source = { length: joined.length, at: (index: number) => joined.inOrder(index, order) };
  if (remainders.length === 0) return source;
  const measures = allMeasures(source);
  for (const remainder of remainders) measures[remainder.target] = remainderValues(remainder, measures, rows);
  return measures;
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
  segments: readonly Segment[],
  ranksOf: (segment: Segment) => Int32Array,
  measures: JoinedMeasures,
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
    get measures() {
      return measures.all();
    },
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
  /** Stretches of the order, each of whole intervals; null where the rows of an interval come from afar. */
  stretches: Stretch[] | null;
  /** Places of the rows that were dropped, and of those that took the place of rows of {@link EXISTING_FILE}. */
  lost: number[];
  won: number[];
}

function orderRows(
  segments: readonly Segment[],
  rows: Rows,
  keyRanks: Int32Array,
  versions: ((row: number) => number) | null,
  joiner: RowJoiner | null,
  memory: SortMemory,
): Ordered {
  const sorter = new IntervalSorter(keyRanks, rows, versions, joiner, memory);
  const inOrder = sorter.takeInOrder(segments);
  if (inOrder !== null)
    return {
      order: sorter.order,
      count: sorter.count,
      intervals: inOrder,
      stretches: null,
      lost: [],
      won: [],
    };
  const kept: IntervalRun[] = [];
  const runEnds: number[] = [];
  const keep = (interval: IntervalRun): void => {
    if (sorter.count === (runEnds.at(-1) ?? 0)) return;
    kept.push(interval);
    runEnds.push(sorter.count);
  };
  let stretches: Stretch[] | null = null;
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
    stretches = [];
    for (let first = 0; first < slices.length; ) {
      let last = first + 1;
      while (last < slices.length && slices[last]!.start === slices[first]!.start) last++;
      const ofInterval = slices.slice(first, last);
      sorter.add(ofInterval);
      keep(slices[first]!);
      if (stretches !== null && !addStretch(stretches, ofInterval, sorter.count)) stretches = null;
      first = last;
    }
  }
  const intervals = intervalsOf(kept, runEnds);
  const { order, count, lost, won } = sorter;
  return { order, count, intervals, stretches, lost, won };
}

/** Stretches are put together up to about so many rows: those of an interval, or of some short ones. */
const LONG_STRETCH = 4096;

/** Adds the slices of one interval, whose rows in the output end at `end`; false when they do not lie side by side. */
function addStretch(stretches: Stretch[], slices: readonly Slice[], end: number): boolean {
  const { from } = slices[0]!;
  let to = from;
  for (const slice of slices) {
    if (slice.from !== to) return false;
    to = slice.to;
  }
  const last = stretches.at(-1);
  if (last !== undefined && last.to === from && to - last.from <= LONG_STRETCH) {
    last.to = to;
    last.end = end;
  } else stretches.push({ from, to, end });
  return true;
}

function intervalsOf(runs: readonly IntervalRun[], runEnds: readonly number[]): IntervalRuns {
  const intervals = newIntervals(runs.length);
  intervals.runEnds.set(runEnds);
  for (let place = 0; place < runs.length; place++) {
    const { segment, run } = runs[place]!;
    copyInterval(segment.batch.intervals, run, intervals, place);
  }
  return intervals;
}

/** Version of a row; -Infinity where it has none. Null when the table or all rows have none. */
function versionsOf(table: TableDefinition, measures: JoinedMeasures): ((row: number) => number) | null {
  const index = table.measures.findIndex(({ name }) => name === VERSION_COLUMN);
  const measure = index < 0 ? null : measures.at(index);
  if (measure === null) return null;
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
