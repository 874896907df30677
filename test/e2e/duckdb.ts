import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

export type SqlRow = Record<string, string | number | boolean | null>;

/** The oracle: DuckDB in memory, in UTC, with what it brings along and nothing downloaded. */
export class Oracle {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(): Promise<Oracle> {
    const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
    const oracle = new Oracle(instance, await instance.connect());
    await oracle.run("SET autoinstall_known_extensions = false");
    await oracle.run("SET TimeZone = 'UTC'");
    return oracle;
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** Rows as plain objects; 64-bit integers, times and decimals as text. */
  async rows(sql: string): Promise<SqlRow[]> {
    const result = await this.#connection.runAndReadAll(sql);
    return result.getRowObjectsJson() as SqlRow[];
  }

  /** The only value of a query's only row. */
  async value(sql: string): Promise<string | number | boolean | null> {
    const [row] = await this.rows(sql);
    return Object.values(row!)[0]!;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** A text as SQL prints it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The columns of table `energy`, with the types that DuckDB gives them. */
export const ENERGY_TYPES: readonly (readonly [string, string])[] = [
  ["interval_start_utc", "TIMESTAMP WITH TIME ZONE"],
  ["interval_end_utc", "TIMESTAMP WITH TIME ZONE"],
  ["operating_date", "DATE"],
  ["hour_ending", "UTINYINT"],
  ["location", "VARCHAR"],
  ["location_id", "BIGINT"],
  ["location_type", "VARCHAR"],
  ["zone", "VARCHAR"],
  ["voltage_kv", "DOUBLE"],
  ["lmp_total", "DOUBLE"],
  ["lmp_energy", "DOUBLE"],
  ["lmp_congestion", "DOUBLE"],
  ["lmp_loss", "DOUBLE"],
  ["lmp_ghg", "DOUBLE"],
  ["version", "INTEGER"],
];

/** Columns that have a value in every row. */
export const REQUIRED_COLUMNS = [
  "interval_start_utc",
  "interval_end_utc",
  "operating_date",
  "hour_ending",
  "location",
  "lmp_total",
];

export interface PjmFeedFiles {
  /** Pattern of the feed's CSV files, for DuckDB. */
  csv: string;
  suffix: "da" | "rt";
  minutes: number;
}

/**
 * What DuckDB itself makes of PJM's CSV files: times by its own parser, the operating day from the files' own
 * Eastern column, the hour by its own time zone data, the last revision of each key. Nothing of it is shared with
 * the code under test.
 */
export function pjmReference({ csv, suffix, minutes }: PjmFeedFiles): string {
  return `
    WITH lines AS (
      SELECT *, coalesce(try_strptime(datetime_beginning_utc, '%-m/%-d/%Y %-I:%M:%S %p'),
                         try_strptime(datetime_beginning_utc, '%Y-%m-%dT%H:%M:%S')) AS utc,
             CAST(coalesce(try_strptime(datetime_beginning_ept, '%-m/%-d/%Y %-I:%M:%S %p'),
                           try_strptime(datetime_beginning_ept, '%Y-%m-%dT%H:%M:%S')) AS DATE) AS market_day
      FROM read_csv(${quoted(csv)}, header = true, all_varchar = true, filename = true, union_by_name = true)
    ), placed AS (
      SELECT *, utc AT TIME ZONE 'UTC' AS start,
             CAST(market_day AS TIMESTAMP) AT TIME ZONE 'America/New_York' AS midnight
      FROM lines
    ), kept AS (
      SELECT *, row_number() OVER (
        PARTITION BY start, pnode_name, type, pnode_id
        ORDER BY CAST(version_nbr AS INTEGER) DESC NULLS LAST, filename DESC) AS place
      FROM placed
    )
    SELECT start AS interval_start_utc,
           start + INTERVAL ${minutes} MINUTE AS interval_end_utc,
           market_day AS operating_date,
           CAST(date_diff('hour', midnight, start) + 1 AS UTINYINT) AS hour_ending,
           pnode_name AS location,
           CAST(pnode_id AS BIGINT) AS location_id,
           CASE type WHEN 'GEN' THEN 'GENERATOR' ELSE type END AS location_type,
           nullif(zone, '') AS zone,
           CAST(nullif(replace(voltage, ' KV', ''), '') AS DOUBLE) AS voltage_kv,
           CAST(total_lmp_${suffix} AS DOUBLE) AS lmp_total,
           CAST(nullif(system_energy_price_${suffix}, '') AS DOUBLE) AS lmp_energy,
           CAST(nullif(congestion_price_${suffix}, '') AS DOUBLE) AS lmp_congestion,
           CAST(nullif(marginal_loss_price_${suffix}, '') AS DOUBLE) AS lmp_loss,
           CAST(NULL AS DOUBLE) AS lmp_ghg,
           CAST(nullif(version_nbr, '') AS INTEGER) AS version
    FROM kept WHERE place = 1`;
}
