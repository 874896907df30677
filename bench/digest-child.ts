/**
 * Child process that reads a peer's output back with DuckDB: `node digest-child.js FOLDER` prints an
 * {@link OutputDigest} as JSON. What a column's type is (a 1-byte or an 8-byte hour) does not count; every value does.
 */
import { DuckDBInstance } from "@duckdb/node-api";
import type { OutputDigest } from "./digest.js";

const VALUES = [
  "epoch_us(interval_start_utc)",
  "epoch_us(interval_end_utc)",
  "operating_date::date",
  "hour_ending::bigint",
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

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("FOLDER is missing.");
const files = `read_parquet('${folder.replaceAll("'", "''")}/**/*.parquet', hive_partitioning = false)`;
const connection = await (await DuckDBInstance.create()).connect();
const sums = await connection.runAndReadAll(
  `SELECT count(*)::varchar AS rows, sum(hash(${VALUES.join(", ")})::hugeint)::varchar AS fingerprint FROM ${files}`,
);
// Rows come in the order of the files' names and of the rows within; a window without an order keeps it.
const unsorted = await connection.runAndReadAll(
  `SELECT count(*)::varchar AS rows FROM (
     SELECT (interval_start_utc, location) AS key, lag((interval_start_utc, location)) OVER () AS earlier FROM ${files}
   ) WHERE key < earlier`,
);
const [{ rows, fingerprint } = {}] = sums.getRowObjects();
const digest: OutputDigest = {
  rows: Number(rows),
  fingerprint: String(fingerprint),
  sorted: unsorted.getRowObjects()[0]?.rows === "0",
};
process.stdout.write(JSON.stringify(digest));
