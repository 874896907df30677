/** Child process: `node duckdb-child.js INPUT OUTPUT THREADS VARIANT` converts the day files with DuckDB. */
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckdbVariant } from "./duckdb.js";
import { type MidnightOffset, midnightOffsets } from "./midnight-offsets.js";

const CSV_COLUMNS = {
  datetime_beginning_utc: "TIMESTAMP",
  datetime_beginning_ept: "TIMESTAMP",
  pnode_id: "BIGINT",
  pnode_name: "VARCHAR",
  voltage: "VARCHAR",
  equipment: "VARCHAR",
  type: "VARCHAR",
  zone: "VARCHAR",
  system_energy_price_da: "DOUBLE",
  total_lmp_da: "DOUBLE",
  congestion_price_da: "DOUBLE",
  marginal_loss_price_da: "DOUBLE",
  row_is_current: "BOOLEAN",
  version_nbr: "INTEGER",
};

/** The fastest form that was found: nothing is left to detection, and no time zone is asked per row. */
function select(input: string, offsets: MidnightOffset[], { byYear, sorted }: DuckdbVariant): string {
  const columns = Object.entries(CSV_COLUMNS).map(([name, type]) => `${name}: '${type}'`);
  return `
    SELECT make_timestamptz(epoch_us(datetime_beginning_utc)) AS interval_start_utc,
      make_timestamptz(epoch_us(datetime_beginning_utc) + 3600000000) AS interval_end_utc,
      datetime_beginning_ept::DATE AS operating_date,
      (epoch_us(datetime_beginning_utc) // 3600000000 + 1
        - (datetime_beginning_ept::DATE - DATE '1970-01-01') * 24 - ${midnight(offsets)})::UTINYINT AS hour_ending,
      pnode_name AS location,
      pnode_id AS location_id,
      CASE type WHEN 'GEN' THEN 'GENERATOR' ELSE type END AS location_type,
      zone,
      replace(voltage, ' KV', '')::DOUBLE AS voltage_kv,
      total_lmp_da AS lmp_total,
      system_energy_price_da AS lmp_energy,
      congestion_price_da AS lmp_congestion,
      marginal_loss_price_da AS lmp_loss,
      version_nbr AS version
      ${byYear ? ", year(datetime_beginning_ept) AS year" : ""}
    FROM read_csv(${quoted(`${input}/*.csv`)}, auto_detect = false, header = true, delim = ',',
      new_line = '\\r\\n', timestampformat = '%-m/%-d/%Y %-I:%M:%S %p', columns = {${columns.join(", ")}})
    ${sorted ? "ORDER BY interval_start_utc, location" : ""}`;
}

/** Hours after midnight UTC at which the row's operating day begins. */
function midnight(offsets: MidnightOffset[]): string {
  const [first, ...changes] = offsets;
  if (changes.length === 0) return String(first!.hours);
  const whens = changes
    .reverse()
    .map(({ from, hours }) => `WHEN datetime_beginning_ept >= TIMESTAMP '${from}' THEN ${hours}`);
  return `(CASE ${whens.join(" ")} ELSE ${first!.hours} END)`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const [input, output, threads, json] = process.argv.slice(2);
if (input === undefined || output === undefined || threads === undefined || json === undefined) {
  throw new Error("INPUT, OUTPUT, THREADS and VARIANT are missing.");
}
const variant: DuckdbVariant = JSON.parse(json);
const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
if (variant.anyOrder) await connection.run("SET preserve_insertion_order = false");
const options = ["FORMAT parquet", `COMPRESSION ${variant.compression}`];
if (variant.byYear) options.push("PARTITION_BY (year)", "OVERWRITE_OR_IGNORE");
const target = variant.byYear ? output : `${output}/all.parquet`;
const query = select(input, await midnightOffsets(input), variant);
await connection.run(`COPY (${query}) TO ${quoted(target)} (${options.join(", ")})`);
