import type { RowGroup } from "hyparquet";
import { type EntityColumns, entityTable, type MeasureValues, type RowBatch } from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import { setValid } from "../arrow/validity.js";
import { chunkSpan } from "./chunk-bytes.js";
import { type CodedChunk, ColumnReader } from "./read-column.js";
import { schemaOf } from "./table-schema.js";

/** A row group as it was encoded; offsets in `rowGroup` count from the first byte of `bytes`. */
export interface StoredRowGroup {
  bytes: Uint8Array<ArrayBuffer>;
  rowGroup: RowGroup;
}

let tables = 0;
/** By table and column, in the schema's order: the next row group has nearly always the same dictionaries. */
const readers = new Map<string, ColumnReader[]>();

/**
 * Decodes a row group back into a batch, without its sources. zstd must have been loaded (see loadZstd).
 *
 * @param owner makes the id of the batch's entity table unique among threads
 * @throws Error when the bytes are not such a row group
 */
export function readRowGroup(table: TableDefinition, stored: StoredRowGroup, owner: string): RowBatch {
  const rows = Number(stored.rowGroup.num_rows);
  const column = columnsOf(table, stored);
  const { entities, codes } = joinEntities(
    table.entity.map(({ name }) => distinctCodes(column(name))),
    rows,
  );
  return {
    rows,
    intervals: intervalRuns(column, rows),
    entities: entityTable(`${owner}:${tables++}`, entities),
    entityCodes: codes,
    measures: table.measures.map(({ name, type }) => measureOf(column(name), type)),
    sources: new Int32Array(0),
  };
}

/** Finds a column by its name, and reads it. */
function columnsOf(
  table: TableDefinition,
  { bytes, rowGroup }: StoredRowGroup,
): (name: string) => CodedChunk {
  const schema = schemaOf(table).slice(1);
  let ofTable = readers.get(table.name);
  if (ofTable === undefined) {
    ofTable = schema.map((element) => new ColumnReader(element));
    readers.set(table.name, ofTable);
  }
  return (name) => {
    const index = schema.findIndex((element) => element.name === name);
    const metadata = rowGroup.columns[index]?.meta_data;
    if (metadata === undefined) throw new Error(`a row group has no column ${name}`);
    const { from, to } = chunkSpan(metadata);
    return ofTable[index]!.read(metadata, bytes.subarray(from, to), Number(rowGroup.num_rows));
  };
}

/** Rows of one interval lie side by side: each run is one interval. */
function intervalRuns(column: (name: string) => CodedChunk, rows: number): RowBatch["intervals"] {
  const start = column("interval_start_utc");
  const runEnds = endsOfRuns(start, rows);
  const values = <T extends Float64Array | Int32Array | Uint8Array>(
    { codes, values: distinct }: CodedChunk,
    out: T,
    unit = 1,
  ): T => {
    const numbers = distinct as Float64Array;
    for (let run = 0; run < runEnds.length; run++)
      out[run] = Math.floor(numbers[codes[runEnds[run]! - 1]!]! / unit);
    return out;
  };
  const runs = runEnds.length;
  return {
    start: values(start, new Float64Array(runs), 1000),
    end: values(column("interval_end_utc"), new Float64Array(runs), 1000),
    operatingDate: values(column("operating_date"), new Int32Array(runs)),
    hourEnding: values(column("hour_ending"), new Uint8Array(runs)),
    runEnds,
  };
}

/** Row after the last one of each run of rows with one value. */
function endsOfRuns({ codes, values }: CodedChunk, rows: number): Int32Array<ArrayBuffer> {
  const numbers = values as Float64Array;
  const ends = new Int32Array(rows);
  let runs = 0;
  for (let row = 1; row < rows; row++) {
    // Without a dictionary each row has a code of its own.
    const [before, code] = [codes[row - 1]!, codes[row]!];
    if (code !== before && numbers[code] !== numbers[before]) ends[runs++] = row;
  }
  if (rows > 0) ends[runs++] = rows;
  return ends.slice(0, runs);
}

function measureOf(
  { codes, values: distinct, nulls }: CodedChunk,
  type: "float64" | "int32",
): MeasureValues | null {
  if (nulls === codes.length) return null;
  const numbers = distinct as Float64Array;
  const values = type === "int32" ? new Int32Array(codes.length) : new Float64Array(codes.length);
  if (nulls === 0) {
    for (let row = 0; row < codes.length; row++) values[row] = numbers[codes[row]!]!;
    return { values, validity: null };
  }
  const validity = new Uint8Array((codes.length + 7) >> 3);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code < 0) continue;
    values[row] = numbers[code]!;
    setValid(validity, row);
  }
  return { values, validity };
}

/** A column as codes and what they stand for, each once; code -1 stands for null. */
interface CodedColumn {
  codes: Int32Array;
  values: (string | number)[];
}

/** A column without a dictionary has a code for each row, and a value may have several. */
function distinctCodes({ codes, values }: CodedChunk): CodedColumn {
  const known = new Map<string | number, number>();
  const codeOf = new Int32Array(values.length);
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!;
    const code = known.get(value) ?? known.size;
    known.set(value, code);
    codeOf[place] = code;
  }
  if (known.size < values.length)
    for (let row = 0; row < codes.length; row++) if (codes[row]! >= 0) codes[row] = codeOf[codes[row]!]!;
  return { codes, values: [...known.keys()] };
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
