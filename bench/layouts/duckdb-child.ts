/** Child process: `node duckdb-child.js SELECT OUTPUT THREADS` writes what DuckDB selects, a file per `year`. */
import { copyWithDuckdb } from "../peers/duckdb-sql.js";

const [select, output, threads] = process.argv.slice(2);
if (select === undefined || output === undefined || threads === undefined)
  throw new Error("SELECT, OUTPUT and THREADS are missing.");
await copyWithDuckdb(select, output, threads, { compression: "zstd", byYear: true });
