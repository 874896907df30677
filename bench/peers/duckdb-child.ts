/** Child process: `node duckdb-child.js INPUT OUTPUT THREADS VARIANT` converts the day files with DuckDB. */
import type { DuckdbVariant } from "./duckdb.js";
import { copyWithDuckdb } from "./duckdb-sql.js";
import { midnightOffsets } from "./midnight-offsets.js";
import { pjmSelect } from "./pjm-select.js";

const [input, output, threads, json] = process.argv.slice(2);
if (input === undefined || output === undefined || threads === undefined || json === undefined) {
  throw new Error("INPUT, OUTPUT, THREADS and VARIANT are missing.");
}
const variant: DuckdbVariant = JSON.parse(json);
const select = pjmSelect(`${input}/*.csv`, await midnightOffsets(input), variant);
await copyWithDuckdb(select, output, threads, variant);
