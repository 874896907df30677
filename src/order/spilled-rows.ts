import { deserialize, serialize } from "node:v8";
import {
  cutIntervals,
  cutSources,
  cutValidity,
  type EntityColumns,
  type EntityTable,
  entityColumns,
  entityTable,
  type IntervalRuns,
  type MeasureValues,
  type RowBatch,
  runAt,
  type Segment,
} from "../arrow/row-batch.js";
import { monthOfDay } from "../time/calendar.js";
import { countIntervals, type IntervalRows } from "./calendar-cuts.js";
import {
  type PackedCodes,
  type PackedNumbers,
  packCodes,
  packNumbers,
  unpackCodes,
  unpackNumbers,
} from "./packed-numbers.js";

/** Rows of one month, as they came. */
export interface SpilledMonth {
  bytes: Uint8Array<ArrayBuffer>;
  rows: number;
  intervals: IntervalRows;
}

/** What is stored of a month. */
interface Spilled {
  /** Entities that occur, by column: one list for each table that the segments' codes are of. */
  entities: EntityColumns[];
  segments: SpilledSegment[];
}

interface SpilledSegment {
  rows: number;
  /** Null where they are those of the segment before. */
  intervals: SpilledIntervals | null;
  runEnds: Int32Array<ArrayBuffer>;
  /** Place of the list that the codes are of. */
  table: number;
  codes: PackedCodes;
  measures: ({ values: PackedNumbers; validity: MeasureValues["validity"] } | null)[];
  sources: Int32Array<ArrayBuffer>;
}

type SpilledIntervals = Omit<IntervalRuns, "runEnds">;

let tables = 0;

/**
 * Rows that are to be merged with others, by month: neither sorted nor without duplicates, with nothing of a row group
 * but that each value takes no more room than it needs. Of files by location more than a third of the time went into
 * row groups that were made only to be read again.
 *
 * @param segments in plan order, each in order of time
 */
export function spillRows(segments: readonly Segment[]): SpilledMonth[] {
  const months = new Map<number, Segment[]>();
  for (const segment of segments) {
    for (const [month, part] of cutByMonth(segment)) {
      const known = months.get(month);
      if (known === undefined) months.set(month, [part]);
      else known.push(part);
    }
  }
  const columnsOf = rememberColumns();
  return [...months].sort(([a], [b]) => a - b).map(([, parts]) => spillMonth(parts, columnsOf));
}

type ColumnsOf = (table: EntityTable) => EntityColumns;

/** {@link entityColumns}, which reads all of a table: every month has rows of the same few. */
function rememberColumns(): ColumnsOf {
  const known = new Map<EntityTable, EntityColumns>();
  return (table) => {
    const columns = known.get(table) ?? entityColumns(table);
    known.set(table, columns);
    return columns;
  };
}

/** The parts of a segment by month, in order of time. */
function* cutByMonth({ batch, from, to }: Segment): Generator<[number, Segment]> {
  const { operatingDate, runEnds } = batch.intervals;
  for (let run = runAt(runEnds, from), row = from; row < to; ) {
    const month = monthOfDay(operatingDate[run]!);
    let end = row;
    for (let day = operatingDate[run]!; end < to; run++) {
      if (operatingDate[run] !== day) {
        day = operatingDate[run]!;
        if (monthOfDay(day) !== month) break;
      }
      end = Math.min(runEnds[run]!, to);
    }
    yield [month, { batch, from: row, to: end }];
    row = end;
  }
}

function spillMonth(segments: readonly Segment[], columnsOf: ColumnsOf): SpilledMonth {
  const used = new Map<string, UsedEntities>();
  for (const { batch } of segments) {
    const { id } = batch.entities;
    const known = used.get(id) ?? new UsedEntities(used.size);
    known.meet(batch.entities);
    used.set(id, known);
  }
  let before: SpilledIntervals | null = null;
  const stored = segments.map((segment) => {
    const spilled = spillSegment(segment, used.get(segment.batch.entities.id)!);
    if (before !== null && areSame(before, spilled.intervals!)) return { ...spilled, intervals: null };
    before = spilled.intervals;
    return spilled;
  });
  const spilled: Spilled = {
    entities: [...used.values()].map((entities) => entities.columns(columnsOf)),
    segments: stored,
  };
  return {
    // In a buffer of its own, which can be moved to another thread.
    bytes: new Uint8Array(serialize(spilled)),
    rows: segments.reduce((rows, { from, to }) => rows + to - from, 0),
    intervals: countIntervals(segments),
  };
}

function areSame(a: SpilledIntervals, b: SpilledIntervals): boolean {
  if (a.start.length !== b.start.length) return false;
  for (let run = 0; run < a.start.length; run++) if (a.start[run] !== b.start[run]) return false;
  return true;
}

function spillSegment({ batch, from, to }: Segment, used: UsedEntities): SpilledSegment {
  const { entityCodes, measures, sources } = batch;
  const { runEnds, ...intervals } = cutIntervals(batch.intervals, from, to);
  return {
    rows: to - from,
    intervals,
    runEnds,
    table: used.table,
    codes: used.codesOf(entityCodes.subarray(from, to)),
    measures: measures.map(
      (measure) =>
        measure && {
          values: packNumbers(measure.values.subarray(from, to)),
          validity: measure.validity && cutValidity(measure.validity, from, to),
        },
    ),
    sources: cutSources(sources, from, to),
  };
}

/** Of the entities of a table, which may have thousands more, those that occur. */
class UsedEntities {
  readonly table: number;
  #all: EntityTable | null = null;
  readonly #used: number[] = [];
  #places = new Int32Array(0);

  /** @param table place of the list that is made of them */
  constructor(table: number) {
    this.table = table;
  }

  /** Of two tables with one id, the one that has grown further holds the other. */
  meet(table: EntityTable): void {
    if (this.#all !== null && this.#all.count >= table.count) return;
    this.#all = table;
    this.#places = new Int32Array(table.count).fill(-1);
  }

  /** The codes in the list; to be called when all tables have been met. */
  codesOf(codes: Int32Array): PackedCodes {
    const own = new Int32Array(codes.length);
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row]!;
      if (this.#places[code] === -1) this.#places[code] = this.#used.push(code) - 1;
      own[row] = this.#places[code]!;
    }
    return packCodes(own, this.#used.length);
  }

  columns(columnsOf: ColumnsOf): EntityColumns {
    return columnsOf(this.#all!).map((column) => this.#used.map((code) => column[code]!));
  }
}

/**
 * The rows that {@link spillRows} gave for a month, in segments as they came.
 *
 * @param owner makes the ids of their entity tables unique among threads
 */
export function readSpilled(bytes: Uint8Array, owner: string): Segment[] {
  const { entities, segments } = deserialize(bytes) as Spilled;
  const known = entities.map((columns) => entityTable(`${owner}:${tables++}`, columns));
  let intervals: SpilledIntervals | null = null;
  return segments.map((stored) => {
    intervals = stored.intervals ?? intervals;
    const { rows, runEnds, table, codes, measures, sources } = stored;
    const batch: RowBatch = {
      rows,
      intervals: { ...intervals!, runEnds },
      entities: known[table]!,
      entityCodes: unpackCodes(codes),
      measures: measures.map(
        (measure) => measure && { values: unpackNumbers(measure.values), validity: measure.validity },
      ),
      sources,
    };
    return { batch, from: 0, to: rows };
  });
}
