import { hoursBehind, quoted } from "./duckdb-sql.js";
import type { MidnightOffset } from "./midnight-offsets.js";

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

/**
 * PJM's day-ahead prices as DuckDB reads them, in the fastest form that was found: nothing is left to detection, and no
 * time zone is asked per row.
 *
 * @param files pattern of the files
 * @param options `byYear`: with the operating year as `year`
 */
export function pjmSelect(
  files: string,
  offsets: readonly MidnightOffset[],
  { byYear, sorted = false }: { byYear: boolean; sorted?: boolean | undefined },
): string {
  const columns = Object.entries(CSV_COLUMNS).map(([name, type]) => `${name}: '${type}'`);
  return `
    SELECT make_timestamptz(epoch_us(datetime_beginning_utc)) AS interval_start_utc,
      make_timestamptz(epoch_us(datetime_beginning_utc) + 3600000000) AS interval_end_utc,
      datetime_beginning_ept::DATE AS operating_date,
      (epoch_us(datetime_beginning_utc) // 3600000000 + 1
        - (datetime_beginning_ept::DATE - DATE '1970-01-01') * 24
        - ${hoursBehind("datetime_beginning_ept", offsets)})::UTINYINT AS hour_ending,
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
    FROM read_csv(${quoted(files)}, auto_detect = false, header = true, delim = ',',
      new_line = '\\r\\n', timestampformat = '%-m/%-d/%Y %-I:%M:%S %p', columns = {${columns.join(", ")}})
    ${sorted ? "ORDER BY interval_start_utc, location" : ""}`;
}
