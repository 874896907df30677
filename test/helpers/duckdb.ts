import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { TableDefinition } from "../../src/arrow/tables.js";
import type { Row, Value } from "./rows.js";

let connection: Promise<DuckDBConnection> | null = null;

async function connect(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const opened = await instance.connect();
  await opened.run("SET TimeZone = 'UTC'");
  return opened;
}

/** Rows that a query gives, 64-bit integers as numbers. */
export async function query(sql: string): Promise<Value[][]> {
  connection ??= connect();
  const reader = await (await connection).runAndReadAll(sql);
  return reader
    .getRows()
    .map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value) as Value));
}

/** The rows of a Parquet file as DuckDB reads them, in the order of the file; `file` is 0. */
export async function rowsByDuckDb(table: TableDefinition, path: string, where = "true"): Promise<Row[]> {
  const entity = table.entity.map(({ name }) => name);
  const measures = table.measures.map(({ name }) => name);
  const rows = await query(
    `SELECT epoch_ms(interval_start_utc), epoch_ms(interval_end_utc), operating_date - DATE '1970-01-01',
      hour_ending, ${[...entity, ...measures].join(", ")} FROM read_parquet('${path}') WHERE ${where}`,
  );
  return rows.map((row) => ({
    start: row[0] as number,
    end: row[1] as number,
    date: row[2] as number,
    hour: row[3] as number,
    entity: row.slice(4, 4 + entity.length),
    measures: row.slice(4 + entity.length) as (number | null)[],
    file: 0,
  }));
}
