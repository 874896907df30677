/** Child process: `node duckdb-child.js SELECT OUTPUT THREADS` writes what DuckDB selects, a file per `year`. */
import { DuckDBInstance } from "@duckdb/node-api";

const [select, output, threads] = process.argv.slice(2);
if (select === undefined || output === undefined || threads === undefined)
  throw new Error("SELECT, OUTPUT and THREADS are missing.");
const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
const options = "FORMAT parquet, COMPRESSION zstd, PARTITION_BY (year), OVERWRITE_OR_IGNORE";
await connection.run(`COPY (${select}) TO '${output.replaceAll("'", "''")}' (${options})`);
