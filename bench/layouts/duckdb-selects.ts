import { hoursBehind, quoted } from "../peers/duckdb-sql.js";
import { pjmSelect as pjmPeersSelect } from "../peers/pjm-select.js";
import type { MarketOffsets } from "./market-offsets.js";

/** What a SELECT is made for. */
export interface SelectTask {
  /** Pattern of the files. */
  files: string;
  clock: MarketOffsets;
}

/** SQL that reads a layout's files into the columns of a gridparquet table, with the operating year as `year`. */
export type DuckdbSelect = (task: SelectTask) => string;

const HOURS = Array.from({ length: 24 }, (_, hour) => `h${hour + 1}`);
const HOUR_US = 3_600_000_000;

/*
 * The fastest forms that were found, with nothing left to detection: components are grouped (PIVOT takes as long), the
 * components of a location with its hours side by side are joined before the hours are made rows (grouping them takes
 * twice as long), no time zone is asked for a row.
 */

/** That of the peers, with the column that it leaves out. */
export const pjmSelect: DuckdbSelect = ({ files, clock }) =>
  `SELECT *, NULL AS lmp_ghg FROM (${pjmPeersSelect(files, clock.midnights, { byYear: true })})`;

export const caisoSelect: DuckdbSelect = ({ files, clock }) => `
  SELECT ${interval("beginning", "local", clock)}, location, NULL AS location_id, 'NODE' AS location_type, NULL AS zone,
    NULL AS voltage_kv, lmp_total, lmp_energy, lmp_congestion, lmp_loss, lmp_ghg, NULL AS version, year(local) AS year
  FROM (
    SELECT start::TIMESTAMP AS beginning, opr_dt::TIMESTAMP + INTERVAL 1 HOUR * (opr_hr - 1) AS local, node AS location,
      max(mw) FILTER (lmp_type = 'LMP') AS lmp_total, max(mw) FILTER (lmp_type = 'MCE') AS lmp_energy,
      max(mw) FILTER (lmp_type = 'MCC') AS lmp_congestion, max(mw) FILTER (lmp_type = 'MCL') AS lmp_loss,
      max(mw) FILTER (lmp_type = 'MGHG') AS lmp_ghg
    FROM ${csv(files, {
      start: "TIMESTAMPTZ",
      finish: "TIMESTAMPTZ",
      opr_dt: "DATE",
      opr_hr: "INTEGER",
      opr_interval: "INTEGER",
      ...texts(
        "node_id_xml",
        "node_id",
        "node",
        "market_run_id",
        "lmp_type",
        "xml_data_item",
        "pnode_resmrid",
      ),
      grp_type: "VARCHAR",
      pos: "INTEGER",
      mw: "DOUBLE",
      group_number: "INTEGER",
    })}
    GROUP BY ALL
  )`;

export const ercotSelect: DuckdbSelect = ({ files, clock }) => `
  SELECT ${interval(utc("local", clock), "local", clock)}, location, NULL AS location_id,
    CASE left(location, 3) WHEN 'HB_' THEN 'HUB' WHEN 'LZ_' THEN 'ZONE' WHEN 'DC_' THEN 'TIE' ELSE 'RESOURCE_NODE' END
      AS location_type,
    NULL AS zone, NULL AS voltage_kv, lmp_total, ${nulls("lmp_energy", "lmp_congestion", "lmp_loss", "lmp_ghg", "version")},
    year(local) AS year
  FROM (
    SELECT day + INTERVAL 1 HOUR * (left(hour_ending, 2)::INTEGER - 1) AS local, location, lmp_total
    FROM ${csv(
      files,
      { day: "TIMESTAMP", ...texts("hour_ending", "location"), lmp_total: "DOUBLE", dst_flag: "VARCHAR" },
      "timestampformat = '%m/%d/%Y'",
    )}
  )`;

export const misoSelect: DuckdbSelect = ({ files, clock }) => `
  WITH records AS MATERIALIZED (
    SELECT strptime(regexp_extract(filename, '(\\d{8})_[^/]*$', 1), '%Y%m%d') AS day, node, type, value,
      [${HOURS.join(", ")}] AS hours
    FROM ${csv(files, { ...texts("node", "type", "value"), ...doubles(...HOURS) }, "skip = 4, filename = true")}
  )
  SELECT ${interval(utc("local", clock), "local", clock)}, location, NULL AS location_id,
    CASE type WHEN 'Gennode' THEN 'GENERATOR' WHEN 'Loadzone' THEN 'ZONE' ELSE upper(type) END AS location_type,
    NULL AS zone, NULL AS voltage_kv, lmp_total,
    floor((lmp_total - lmp_congestion - lmp_loss) * 1000000 + 0.5) / 1000000 AS lmp_energy, lmp_congestion, lmp_loss,
    ${nulls("lmp_ghg", "version")}, year(local) AS year
  FROM (
    SELECT total.day + INTERVAL 1 HOUR * unnest(range(24)) AS local, total.node AS location, total.type,
      unnest(total.hours) AS lmp_total, unnest(congestion.hours) AS lmp_congestion, unnest(loss.hours) AS lmp_loss
    FROM records AS total
    JOIN records AS congestion ON congestion.value = 'MCC' AND congestion.day = total.day AND congestion.node = total.node
    JOIN records AS loss ON loss.value = 'MLC' AND loss.day = total.day AND loss.node = total.node
    WHERE total.value = 'LMP'
  )`;

export const nyisoSelect: DuckdbSelect = ({ files, clock }) => `
  SELECT ${interval(`${utc("stamp", clock)} - INTERVAL 5 MINUTE`, "local", clock, HOUR_US / 12)}, location, location_id, 'ZONE' AS location_type,
    NULL AS zone, NULL AS voltage_kv, lmp_total,
    floor((lmp_total + printed_congestion - lmp_loss) * 1000000 + 0.5) / 1000000 AS lmp_energy,
    0 - printed_congestion AS lmp_congestion, lmp_loss, ${nulls("lmp_ghg", "version")}, year(local) AS year
  FROM (
    SELECT *, stamp - INTERVAL 5 MINUTE AS local
    FROM ${csv(
      files,
      {
        stamp: "TIMESTAMP",
        location: "VARCHAR",
        location_id: "BIGINT",
        ...doubles("lmp_total", "lmp_loss", "printed_congestion"),
      },
      "timestampformat = '%m/%d/%Y %H:%M:%S'",
    )}
  )`;

export const isoneSelect: DuckdbSelect = ({ files, clock }) => `
  SELECT ${interval(utc("local", clock), "local", clock)}, trim(location) AS location, location_id::BIGINT AS location_id,
    CASE location_type WHEN 'LOAD ZONE' THEN 'ZONE' WHEN 'HUB NODE' THEN 'HUB_NODE' WHEN 'NETWORK NODE' THEN 'NODE'
      WHEN 'EXT. NODE' THEN 'EXTERNAL_NODE' ELSE location_type END AS location_type,
    NULL AS zone, NULL AS voltage_kv, total::DOUBLE AS lmp_total, energy::DOUBLE AS lmp_energy,
    congestion::DOUBLE AS lmp_congestion, loss::DOUBLE AS lmp_loss, ${nulls("lmp_ghg", "version")}, year(local) AS year
  FROM (
    SELECT *, strptime(day, '%m/%d/%Y') + INTERVAL 1 HOUR * (left(hour_ending, 2)::INTEGER - 1) AS local
    FROM ${csv(
      files,
      texts(
        ...["kind", "day", "hour_ending", "location_id", "location", "location_type"],
        ...["total", "energy", "congestion", "loss"],
      ),
      "skip = 5, null_padding = true",
    )}
    WHERE kind = 'D'
  )`;

const SPP_TIMES = { interval_local: "TIMESTAMP", interval_gmt: "TIMESTAMP" };
const SPP_FORMAT = "timestampformat = '%m/%d/%Y %H:%M:%S'";
/** SPP stamps say when an interval ends. */
const SPP_START = ["interval_gmt - INTERVAL 1 HOUR", "interval_local - INTERVAL 1 HOUR"] as const;

export const sppEnergySelect: DuckdbSelect = ({ files, clock }) => `
  SELECT ${interval(...SPP_START, clock)}, location, ${nulls("location_id", "location_type", "zone", "voltage_kv")},
    lmp_total, lmp_energy, lmp_congestion, lmp_loss, ${nulls("lmp_ghg", "version")}, year(${SPP_START[1]}) AS year
  FROM ${csv(
    files,
    {
      ...SPP_TIMES,
      ...texts("location", "pnode"),
      ...doubles("lmp_total", "lmp_loss", "lmp_congestion", "lmp_energy"),
    },
    SPP_FORMAT,
  )}`;

const SPP_PRODUCTS = {
  RegUP: "REG_UP",
  RegDN: "REG_DOWN",
  Spin: "SPIN",
  Supp: "SUPPLEMENTAL",
  RampUP: "RAMP_UP",
  RampDN: "RAMP_DOWN",
  UncUP: "UNCERTAINTY_UP",
};

export const sppProductsSelect: DuckdbSelect = ({ files, clock }) => {
  const products = Object.keys(SPP_PRODUCTS);
  const names = Object.entries(SPP_PRODUCTS).map(([product, name]) => `WHEN '${product}' THEN '${name}'`);
  return `
  SELECT ${interval(...SPP_START, clock)}, product, CASE product ${names.join(" ")} END AS product_standard, region,
    price, NULL AS cleared_mw, year(${SPP_START[1]}) AS year
  FROM (
    UNPIVOT (FROM ${csv(files, { ...SPP_TIMES, region: "VARCHAR", ...doubles(...products) }, SPP_FORMAT)})
    ON ${products.join(", ")} INTO NAME product VALUE price
  )`;
};

/**
 * The interval columns.
 *
 * @param start the interval's start in UTC, a timestamp
 * @param local a reading of the market's clock on the interval's day
 * @param length of the interval, in microseconds
 */
function interval(start: string, local: string, clock: MarketOffsets, length = HOUR_US): string {
  const midnight = `epoch_us(${local})::BIGINT // ${24 * HOUR_US} * ${24 * HOUR_US} + ${hoursBehind(`date_trunc('day', ${local})`, clock.offsets)} * ${HOUR_US}`;
  return `make_timestamptz(epoch_us(${start})) AS interval_start_utc,
    make_timestamptz(epoch_us(${start}) + ${length}) AS interval_end_utc,
    (${local})::DATE AS operating_date,
    ((epoch_us(${start}) - (${midnight})) // ${HOUR_US} + 1)::UTINYINT AS hour_ending`;
}

/** The instant, as a timestamp of UTC, at which the market's clock shows a reading. */
function utc(local: string, clock: MarketOffsets): string {
  return `(${local} + INTERVAL 1 HOUR * ${hoursBehind(local, clock.offsets)})`;
}

function csv(files: string, columns: Readonly<Record<string, string>>, options = ""): string {
  const types = Object.entries(columns).map(([name, type]) => `'${name}': '${type}'`);
  const rest = options === "" ? "" : `, ${options}`;
  return `read_csv(${quoted(files)}, auto_detect = false, header = true, delim = ',', quote = '"', columns = {${types.join(", ")}}${rest})`;
}

function texts(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, "VARCHAR"]));
}

function doubles(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, "DOUBLE"]));
}

function nulls(...names: string[]): string {
  return names.map((name) => `NULL AS ${name}`).join(", ");
}
