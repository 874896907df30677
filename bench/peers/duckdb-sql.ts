import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckdbVariant } from "./duckdb.js";

/**
 * Hours by which a reading of the market's clock is behind UTC.
 *
 * @param offsets by time; at least one
 */
export function hoursBehind(
  reading: string,
  offsets: readonly { readonly from: string; readonly hours: number }[],
): string {
  const [first, ...changes] = offsets;
  if (changes.length === 0) return String(first!.hours);
  const whens = changes
    .reverse()
    .map(({ from, hours }) => `WHEN ${reading} >= TIMESTAMP '${from}' THEN ${hours}`);
  return `(CASE ${whens.join(" ")} ELSE ${first!.hours} END)`;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Has DuckDB write what it selects into the folder `output`. */
export async function copyWithDuckdb(
  select: string,
  output: string,
  threads: string,
  variant: DuckdbVariant,
): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  // Where memory is short it sorts on the disk: beside the output, which is removed with everything beside it.
  await connection.run(`SET temp_directory = ${quoted(`${output}.tmp`)}`);
  if (variant.anyOrder) await connection.run("SET preserve_insertion_order = false");
  const options = ["FORMAT parquet", `COMPRESSION ${variant.compression}`];
  if (variant.byYear) options.push("PARTITION_BY (year)", "OVERWRITE_OR_IGNORE");
  const target = variant.byYear ? output : `${output}/all.parquet`;
  await connection.run(`COPY (${select}) TO ${quoted(target)} (${options.join(", ")})`);
}
