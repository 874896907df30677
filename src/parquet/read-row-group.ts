import { type Data, type DataType, tableFromIPC, type Vector } from "apache-arrow";
import type { RowGroup } from "hyparquet";
import { readParquet } from "parquet-wasm/esm";
import { type EntityColumns, entityTable, type MeasureValues, type RowBatch } from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import { validityBit } from "../arrow/validity.js";
import { footerBytes, MAGIC } from "./footer.js";
import { moveRowGroup } from "./move-row-group.js";
import { ARROW_SCHEMA_KEY, arrowSchemaOf } from "./parquet-wasm-chunks.js";
import { schemaOf } from "./table-schema.js";

/** A row group as it was encoded; offsets in `rowGroup` count from the first byte of `bytes`. */
export interface StoredRowGroup {
  bytes: Uint8Array;
  rowGroup: RowGroup;
}

let tables = 0;
const arrowSchemas = new Map<string, string>();

/**
 * Decodes a row group back into a batch, without its sources.
 *
 * @param owner makes the id of the batch's entity table unique among threads
 */
export function readRowGroup(table: TableDefinition, stored: StoredRowGroup, owner: string): RowBatch {
  const arrowSchema = arrowSchemas.get(table.name) ?? arrowSchemaOf(table);
  arrowSchemas.set(table.name, arrowSchema);
  const metadata = [{ key: ARROW_SCHEMA_KEY, value: arrowSchema }];
  const footer = footerBytes(schemaOf(table), [moveRowGroup(stored.rowGroup, MAGIC.length)], metadata);
  const file = Buffer.concat([MAGIC, stored.bytes, footer]);
  const rows = Number(stored.rowGroup.num_rows);
  const decoded = tableFromIPC(readParquet(file, { batchSize: rows }).intoIPCStream());
  const column = (name: string): Data<DataType> => {
    const vector = decoded.getChild(name) as Vector<DataType> | null;
    if (vector?.data.length !== 1) throw new Error(`a row group has no column ${name}, or not in one piece`);
    return vector.data[0]!;
  };
  const { entities, codes } = joinEntities(
    table.entity.map(({ name, type }) => codedColumn(column(name), type)),
    rows,
  );
  return {
    rows,
    intervals: intervalRuns(column, rows),
    entities: entityTable(`${owner}:${tables++}`, entities),
    entityCodes: codes,
    measures: table.measures.map(({ name }) => measureOf(column(name))),
    sources: new Int32Array(0),
  };
}

/** Rows of one interval lie side by side: each run is one interval. */
function intervalRuns(column: (name: string) => Data<DataType>, rows: number): RowBatch["intervals"] {
  const start = column("interval_start_utc").values as BigInt64Array;
  const halves = new Int32Array(start.buffer, start.byteOffset, rows * 2);
  const firsts: number[] = [];
  for (let row = 0; row < rows; row++) {
    const at = row * 2;
    if (row === 0 || halves[at] !== halves[at - 2] || halves[at + 1] !== halves[at - 1]) firsts.push(row);
  }
  const end = column("interval_end_utc").values as BigInt64Array;
  const date = column("operating_date").values as Int32Array;
  const hour = column("hour_ending").values as Uint8Array;
  return {
    start: Float64Array.from(firsts, (row) => Number(start[row]! / 1000n)),
    end: Float64Array.from(firsts, (row) => Number(end[row]! / 1000n)),
    operatingDate: Int32Array.from(firsts, (row) => date[row]!),
    hourEnding: Uint8Array.from(firsts, (row) => hour[row]!),
    runEnds: Int32Array.from(firsts, (_, run) => firsts[run + 1] ?? rows),
  };
}

function measureOf(data: Data<DataType>): MeasureValues | null {
  if (data.nullCount === data.length) return null;
  const values = (data.values as Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>).slice();
  return {
    values,
    validity: data.nullCount === 0 ? null : (data.nullBitmap.slice() as Uint8Array<ArrayBuffer>),
  };
}

/** A column as codes and what they stand for; code -1 stands for null. */
interface CodedColumn {
  codes: Int32Array;
  values: (string | number)[];
}

function codedColumn(data: Data<DataType>, type: "utf8" | "int64" | "float64"): CodedColumn {
  const codes = new Int32Array(data.length);
  const isNull = (row: number) => data.nullCount > 0 && !validityBit(data.nullBitmap, row);
  if (type === "utf8") {
    const stored = data.values as Int32Array;
    for (let row = 0; row < codes.length; row++) codes[row] = isNull(row) ? -1 : stored[row]!;
    return { codes, values: Array.from(data.dictionary ?? [], (value) => value as string) };
  }
  const stored = data.values as BigInt64Array | Float64Array;
  const known = new Map<bigint | number, number>();
  for (let row = 0; row < codes.length; row++) {
    const value = stored[row]!;
    let code = isNull(row) ? -1 : known.get(value);
    if (code === undefined) {
      code = known.size;
      known.set(value, code);
    }
    codes[row] = code;
  }
  return { codes, values: Array.from(known.keys(), Number) };
}

/**
 * One code for what the columns say together. Entities follow each other in the same order every interval, so the
 * one that followed last time is tried first.
 */
function joinEntities(
  columns: readonly CodedColumn[],
  rows: number,
): { entities: EntityColumns; codes: Int32Array<ArrayBuffer> } {
  const codes = new Int32Array(rows);
  const width = columns.length;
  const tuples: number[] = [];
  const successors: number[] = [];
  const known = new Map<string, number>();
  const fits = (code: number, row: number): boolean => {
    for (let i = 0; i < width; i++) if (tuples[code * width + i] !== columns[i]!.codes[row]) return false;
    return true;
  };
  let previous = 0;
  for (let row = 0; row < rows; row++) {
    let code = successors[previous] ?? 0;
    if (known.size === 0 || !fits(code, row)) {
      const tuple = columns.map((column) => column.codes[row]!);
      const key = tuple.join();
      code = known.get(key) ?? known.size;
      if (!known.has(key)) {
        known.set(key, code);
        tuples.push(...tuple);
      }
      successors[previous] = code;
    }
    codes[row] = code;
    previous = code;
  }
  const entities = columns.map(({ values }, i) =>
    Array.from({ length: known.size }, (_, code) => values[tuples[code * width + i]!] ?? null),
  );
  return { entities, codes };
}
