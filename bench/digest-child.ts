/**
 * Child process that reads a program's output back with DuckDB: `node digest-child.js FOLDER SCOPE` prints an
 * {@link OutputDigest} as JSON. What a column's type is (a 1-byte or an 8-byte hour) does not count; every value does.
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { TABLES, type TableName } from "../src/arrow/tables.js";
import type { DigestScope, OutputDigest } from "./digest.js";

const INTERVAL_VALUES = [
  "epoch_us(interval_start_utc)",
  "epoch_us(interval_end_utc)",
  "operating_date::date",
  "hour_ending::bigint",
];

/** What the peers of `npm run bench` write besides. */
const PEERS_VALUES = [
  "location::varchar",
  "location_id::bigint",
  "location_type::varchar",
  "zone::varchar",
  "voltage_kv::double",
  "lmp_total::double",
  "lmp_energy::double",
  "lmp_congestion::double",
  "lmp_loss::double",
  "version::bigint",
];

const SQL_TYPES = { utf8: "varchar", int64: "bigint", int32: "bigint", float64: "double" };

function tableValues(name: TableName): string[] {
  const { entity, measures } = TABLES[name];
  return [...entity, ...measures].map((column) => `${column.name}::${SQL_TYPES[column.type]}`);
}

const [folder, json] = process.argv.slice(2);
if (folder === undefined || json === undefined) throw new Error("FOLDER and SCOPE are missing.");
const { table, without }: DigestScope = JSON.parse(json);
const values = [...INTERVAL_VALUES, ...(table === null ? PEERS_VALUES : tableValues(table))];
const days = without.map((day) => `DATE '${day}'`).join(", ");
const compared = days === "" ? "true" : `operating_date::date NOT IN (${days})`;
const place = ["interval_start_utc", ...TABLES[table ?? "energy"].key.slice(0, 1)].join(", ");
const files = `read_parquet('${folder.replaceAll("'", "''")}/**/*.parquet', hive_partitioning = false)`;
const connection = await (await DuckDBInstance.create()).connect();
const sums = await connection.runAndReadAll(
  `SELECT count(*)::varchar AS rows, (sum(hash(${values.join(", ")})::hugeint) FILTER (${compared}))::varchar AS fingerprint FROM ${files}`,
);
// Rows come in the order of the files' names and of the rows within; a window without an order keeps it.
const unsorted = await connection.runAndReadAll(
  `SELECT count(*)::varchar AS rows FROM (
     SELECT (${place}) AS key, lag((${place})) OVER () AS earlier FROM ${files}
   ) WHERE key < earlier`,
);
const [{ rows, fingerprint } = {}] = sums.getRowObjects();
const digest: OutputDigest = {
  rows: Number(rows),
  fingerprint: String(fingerprint),
  sorted: unsorted.getRowObjects()[0]?.rows === "0",
};
process.stdout.write(JSON.stringify(digest));
