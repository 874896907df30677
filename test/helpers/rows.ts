import { BatchBuilder } from "../../src/arrow/batch-builder.js";
import {
  allMeasures,
  type EntityColumns,
  entityColumns,
  entityTable,
  type IntervalRuns,
  type MeasureSource,
  type MeasureValues,
  type RowBatch,
  type Segment,
} from "../../src/arrow/row-batch.js";
import { TABLES, type TableDefinition } from "../../src/arrow/tables.js";
import { EntityDictionary } from "../../src/csv/entity-dictionary.js";
import type { Random } from "./random.js";

export type Value = string | number | null;

/** One row, spelled out: the simple form in which tests compare. Instants in epoch milliseconds. */
export interface Row {
  start: number;
  end: number;
  date: number;
  hour: number;
  entity: Value[];
  measures: (number | null)[];
  file: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The interval columns of a market whose clock is UTC. */
export function intervalAt(start: number, minutes = 60): Pick<Row, "start" | "end" | "date" | "hour"> {
  const date = Math.floor(start / DAY_MS);
  const hour = Math.floor((start - date * DAY_MS) / HOUR_MS) + 1;
  return { start, end: start + minutes * 60_000, date, hour };
}

/** A row of table `energy` with only what the test is about. */
export function energyRow(start: number, location: string, price: number, more: Partial<Row> = {}): Row {
  return {
    ...intervalAt(start),
    entity: [location, null, null, null, null],
    measures: [price, null, null, null, null, null],
    file: 0,
    ...more,
  };
}

let dictionaries = 0;

export function newDictionary(table: TableDefinition): EntityDictionary {
  return new EntityDictionary(table.entity.length, `test${dictionaries++}`);
}

/** A batch built row by row, as a decoder does it; its rows come back in order of time. */
export function batchOf(
  table: TableDefinition,
  rows: readonly Row[],
  dictionary = newDictionary(table),
  used: readonly boolean[] = table.measures.map(() => true),
): RowBatch {
  const builder = new BatchBuilder(table, used, rows.length);
  for (const [index, row] of rows.entries()) {
    if (index > 0 && rows[index - 1]!.file !== row.file) builder.closeSource(rows[index - 1]!.file);
    builder.entityCodes[index] = dictionary.codeOf(row.entity);
    for (const [measure, value] of row.measures.entries()) {
      if (!used[measure]) continue;
      if (value === null) builder.setNull(measure);
      else builder.values[measure]![index] = value;
    }
    builder.commit(row.start, row.end, row.date, row.hour);
  }
  if (rows.length > 0) builder.closeSource(rows.at(-1)!.file);
  return builder.finish(dictionary.snapshot());
}

/** What rows look like on their way; a RowBatch or what sorting yields. */
export interface ColumnarRows {
  rows: number;
  intervals: IntervalRuns;
  entityCodes: Int32Array;
  measures: MeasureSource;
  sources: Int32Array;
}

/** The rows of a batch, spelled out. */
export function rowsOf(batch: RowBatch): Row[] {
  return spellOut(batch, entityColumns(batch.entities));
}

export function rowsOfSegments(segments: readonly Segment[]): Row[] {
  return segments.flatMap(({ batch, from, to }) => rowsOf(batch).slice(from, to));
}

export function spellOut(rows: ColumnarRows, entities: EntityColumns): Row[] {
  const { intervals, entityCodes, sources } = rows;
  const measures = allMeasures(rows.measures);
  const files: number[] = [];
  for (let pair = 0; pair < sources.length; pair += 2) {
    for (let i = 0; i < sources[pair + 1]!; i++) files.push(sources[pair]!);
  }
  let run = 0;
  return Array.from({ length: rows.rows }, (_, row) => {
    while (row >= intervals.runEnds[run]!) run++;
    return {
      start: intervals.start[run]!,
      end: intervals.end[run]!,
      date: intervals.operatingDate[run]!,
      hour: intervals.hourEnding[run]!,
      entity: entities.map((column) => column[entityCodes[row]!]!),
      measures: measures.map((measure) => measureAt(measure, row)),
      file: files[row]!,
    };
  });
}

function measureAt(measure: MeasureValues | null, row: number): number | null {
  if (measure === null) return null;
  const { values, validity } = measure;
  if (validity !== null && ((validity[row >> 3]! >> (row & 7)) & 1) === 0) return null;
  return values[row]!;
}

/** Energy rows at random: few intervals, locations, ids and types, so that keys repeat when `repeats` allows it. */
export function randomEnergyRows(
  random: Random,
  count: number,
  options: { days: number; firstDay: number; locations: number; files: number },
): Row[] {
  return Array.from({ length: count }, () => {
    const hour = random.int(0, 23);
    const start = (options.firstDay + random.int(0, options.days - 1)) * DAY_MS + hour * HOUR_MS;
    return {
      ...intervalAt(start),
      entity: [
        `L${random.int(1, options.locations)}`,
        random.chance(0.5) ? random.int(1, 3) : null,
        random.pick(["HUB", "ZONE", null]),
        random.pick(["A", "B", null]),
        random.pick([138, 500, null]),
      ],
      measures: [
        random.int(-5000, 5000) / 100,
        random.chance(0.7) ? random.int(-5000, 5000) / 100 : null,
        random.chance(0.5) ? random.next() : null,
        random.pick([0, -0, null, 1e300]),
        null,
        random.chance(0.7) ? random.int(1, 3) : null,
      ],
      file: random.int(0, options.files - 1),
    };
  });
}

/** An entity table with columns as given. */
export function tableOf(columns: EntityColumns): ReturnType<typeof entityTable> {
  return entityTable(`table${dictionaries++}`, columns);
}

export const ENERGY = TABLES.energy;
export const ANCILLARY = TABLES.ancillary;
