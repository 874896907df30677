import { type DataType, tableFromIPC, type Vector } from "apache-arrow";
import type { RowGroup, SchemaElement } from "hyparquet";
import { readParquet } from "parquet-wasm/esm";
import { BatchBuilder } from "../arrow/batch-builder.js";
import type { RowBatch } from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import { EntityDictionary } from "../csv/entity-dictionary.js";
import { moveRowGroup } from "./encode-row-group.js";
import { footerBytes, MAGIC } from "./footer.js";

/** A row group as it was encoded; offsets in `rowGroup` count from the first byte of `bytes`. */
export interface StoredRowGroup {
  bytes: Uint8Array;
  rowGroup: RowGroup;
  schema: SchemaElement[];
}

/**
 * Decodes a row group back into a batch, without its sources.
 *
 * @param owner makes the id of the batch's entity table unique among threads
 */
export function readRowGroup(table: TableDefinition, stored: StoredRowGroup, owner: string): RowBatch {
  const footer = footerBytes(stored.schema, [moveRowGroup(stored.rowGroup, MAGIC.length)], []);
  const file = Buffer.concat([MAGIC, stored.bytes, footer]);
  const rows = tableFromIPC(readParquet(file, { batchSize: 1 << 16 }).intoIPCStream());
  const column = (name: string): Vector<DataType> => {
    const vector = rows.getChild(name);
    if (vector === null) throw new Error(`a row group has no column ${name}`);
    return vector;
  };
  const builder = new BatchBuilder(
    table,
    table.measures.map(() => true),
    rows.numRows,
  );
  const dictionary = new EntityDictionary(table.entity.length, owner);
  fillIntervals(
    rows.numRows,
    column,
    builder,
    table,
    table.entity.map(({ name }) => plain(column(name))),
    dictionary,
  );
  return builder.finish(dictionary.snapshot());
}

type Values = (string | number | null)[];

/** All values of a column; 64-bit integers as numbers. */
function plain(vector: Vector<DataType>): Values {
  return Array.from(vector, (value) =>
    typeof value === "bigint" ? Number(value) : (value as string | number | null),
  );
}

function fillIntervals(
  rows: number,
  column: (name: string) => Vector<DataType>,
  builder: BatchBuilder,
  table: TableDefinition,
  entities: readonly Values[],
  dictionary: EntityDictionary,
): void {
  const start = microseconds(column("interval_start_utc"));
  const end = microseconds(column("interval_end_utc"));
  const date = days(column("operating_date"));
  const hour = plain(column("hour_ending"));
  const measures = table.measures.map(({ name }) => plain(column(name)));
  for (let row = 0; row < rows; row++) {
    builder.entityCodes[row] = dictionary.codeOf(entities.map((values) => values[row]!));
    for (const [index, values] of measures.entries()) {
      const value = values[row]!;
      if (value === null) builder.setNull(index);
      else builder.values[index]![row] = value as number;
    }
    builder.commit(start[row]!, end[row]!, date[row]!, hour[row] as number);
  }
}

/** Epoch milliseconds of a column of microseconds: its raw 64-bit values, not what Arrow makes of them. */
function microseconds(vector: Vector<DataType>): number[] {
  return vector.data.flatMap((data) =>
    Array.from(data.values as BigInt64Array, (value) => Number(value / 1000n)),
  );
}

function days(vector: Vector<DataType>): number[] {
  return vector.data.flatMap((data) => Array.from(data.values as Int32Array));
}
