import {
  type Data,
  type DataType,
  DateDay,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Uint8,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { EntityColumns, EntityValue, IntervalRuns, MeasureSource, MeasureValues } from "./row-batch.js";
import type { EntityColumn, MeasureColumn, TableDefinition } from "./tables.js";
import { countValid } from "./validity.js";

/** Rows with their entities spelled out by code; what sorting yields. */
export interface CodedRows {
  rows: number;
  intervals: IntervalRuns;
  entities: EntityColumns;
  entityCodes: Int32Array<ArrayBuffer>;
  measures: MeasureSource;
}

/** One Arrow column with its name; `nullable` as the table declares it. */
interface Column {
  name: string;
  nullable: boolean;
  data: Data<DataType>;
}

/**
 * The rows as an Arrow RecordBatch with the output's columns and types.
 *
 * @param only names of the columns to make; all by default
 */
export function toRecordBatch(
  table: TableDefinition,
  rows: CodedRows,
  only?: readonly string[],
): RecordBatch {
  const wanted = ({ name }: { name: string }): boolean => only === undefined || only.includes(name);
  const columns: Column[] = [
    ...intervalColumns(rows).filter(wanted),
    ...table.entity.flatMap((column, index) => (wanted(column) ? [entityColumn(column, index, rows)] : [])),
    ...table.measures.flatMap((column, index) =>
      wanted(column) ? [measureColumn(column, rows.measures.at(index) ?? null, rows.rows)] : [],
    ),
  ];
  const fields = columns.map(({ name, nullable, data }) => new Field(name, data.type, nullable));
  const struct = makeData({
    type: new Struct(fields),
    length: rows.rows,
    nullCount: 0,
    children: columns.map(({ data }) => data),
  });
  return new RecordBatch(new Schema(fields), struct);
}

function intervalColumns({ rows, intervals }: CodedRows): Column[] {
  const start = new BigInt64Array(rows);
  const end = new BigInt64Array(rows);
  const date = new Int32Array(rows);
  const hour = new Uint8Array(rows);
  let from = 0;
  for (const [run, to] of intervals.runEnds.entries()) {
    start.fill(BigInt(intervals.start[run]!) * 1000n, from, to);
    end.fill(BigInt(intervals.end[run]!) * 1000n, from, to);
    date.fill(intervals.operatingDate[run]!, from, to);
    hour.fill(intervals.hourEnding[run]!, from, to);
    from = to;
  }
  const stamp = () => new TimestampMicrosecond("UTC");
  const required = { nullable: false };
  return [
    { ...required, name: "interval_start_utc", data: makeData({ type: stamp(), length: rows, data: start }) },
    { ...required, name: "interval_end_utc", data: makeData({ type: stamp(), length: rows, data: end }) },
    {
      ...required,
      name: "operating_date",
      data: makeData({ type: new DateDay(), length: rows, data: date }),
    },
    { ...required, name: "hour_ending", data: makeData({ type: new Uint8(), length: rows, data: hour }) },
  ];
}

function entityColumn(column: EntityColumn, index: number, rows: CodedRows): Column {
  const values = rows.entities[index]!;
  const codes = rows.entityCodes;
  const named = { name: column.name, nullable: !column.required };
  if (column.type === "utf8") return { ...named, data: dictionaryData(values as (string | null)[], codes) };
  const { nullBitmap, nullCount } = entityNulls(values, codes);
  const length = rows.rows;
  if (column.type === "float64") {
    const table = Float64Array.from(values, (value) => Number(value ?? 0));
    const data = new Float64Array(length);
    for (let row = 0; row < length; row++) data[row] = table[codes[row]!]!;
    return { ...named, data: makeData({ type: new Float64(), length, data, nullBitmap, nullCount }) };
  }
  // Two halves a value: writing a BigInt in every row would make an object for each.
  const table = new Int32Array(BigInt64Array.from(values, (value) => BigInt(value ?? 0)).buffer);
  const data = new BigInt64Array(length);
  const halves = new Int32Array(data.buffer);
  for (let row = 0; row < length; row++) {
    const code = codes[row]! * 2;
    halves[row * 2] = table[code]!;
    halves[row * 2 + 1] = table[code + 1]!;
  }
  return { ...named, data: makeData({ type: new Int64(), length, data, nullBitmap, nullCount }) };
}

/** A dictionary column: the distinct texts in the order in which the entities have them, and a code for each row. */
function dictionaryData(values: readonly (string | null)[], codes: Int32Array): Data<DataType> {
  const texts = [...new Set(values.filter((value) => value !== null))].sort();
  const positions = new Map(texts.map((text, position) => [text, position]));
  const table = Int32Array.from(values, (value) => (value === null ? 0 : positions.get(value)!));
  const data = new Int32Array(codes.length);
  for (let row = 0; row < codes.length; row++) data[row] = table[codes[row]!]!;
  const { nullBitmap, nullCount } = entityNulls(values, codes);
  const type = new Dictionary(new Utf8(), new Int32());
  const dictionary = vectorFromArray(texts, new Utf8());
  return makeData({ type, length: codes.length, data, dictionary, nullBitmap, nullCount });
}

function entityNulls(
  values: readonly EntityValue[],
  codes: Int32Array,
): { nullBitmap: Uint8Array | null; nullCount: number } {
  if (!values.includes(null)) return { nullBitmap: null, nullCount: 0 };
  const present = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  const nullBitmap = new Uint8Array((codes.length + 7) >> 3);
  let count = 0;
  for (let from = 0; from < codes.length; from += 8) {
    const to = Math.min(from + 8, codes.length);
    let bits = 0;
    for (let row = from; row < to; row++) {
      const bit = present[codes[row]!]!;
      bits |= bit << (row - from);
      count += bit;
    }
    nullBitmap[from >> 3] = bits;
  }
  return { nullBitmap, nullCount: codes.length - count };
}

function measureColumn(column: MeasureColumn, measure: MeasureValues | null, length: number): Column {
  const named = { name: column.name, nullable: !column.required };
  const type = column.type === "int32" ? new Int32() : new Float64();
  if (measure === null) {
    const data = column.type === "int32" ? new Int32Array(length) : new Float64Array(length);
    const nullBitmap = new Uint8Array((length + 7) >> 3);
    return { ...named, data: makeData({ type, length, data, nullBitmap, nullCount: length } as never) };
  }
  const nullBitmap = measure.validity;
  const nullCount = nullBitmap === null ? 0 : countNulls(nullBitmap, length);
  return { ...named, data: makeData({ type, length, data: measure.values, nullBitmap, nullCount } as never) };
}

function countNulls(validity: Uint8Array, length: number): number {
  return length - countValid(validity, length);
}
