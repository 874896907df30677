/** Child process: `node polars-child.js INPUT OUTPUT` converts the day files with Polars' streaming engine. */
import path from "node:path";
import pl from "nodejs-polars";
import { midnightOffsets } from "./midnight-offsets.js";

const CSV_SCHEMA = {
  datetime_beginning_utc: pl.Utf8,
  datetime_beginning_ept: pl.Utf8,
  pnode_id: pl.Int64,
  pnode_name: pl.Utf8,
  voltage: pl.Utf8,
  equipment: pl.Utf8,
  type: pl.Utf8,
  zone: pl.Utf8,
  system_energy_price_da: pl.Float64,
  total_lmp_da: pl.Float64,
  congestion_price_da: pl.Float64,
  marginal_loss_price_da: pl.Float64,
  row_is_current: pl.Utf8,
  version_nbr: pl.Int32,
};
const TIME_FORM = "%m/%d/%Y %I:%M:%S %p";
const HOUR_US = 3_600_000_000;

const [input, output] = process.argv.slice(2);
// Asked only whether the library loads.
if (input === "--check") process.exit(0);
if (input === undefined || output === undefined) throw new Error("INPUT and OUTPUT are missing.");
const utcTime = pl.Datetime("us", "UTC");
const start = pl.col("datetime_beginning_utc").str.strptime(pl.Datetime, TIME_FORM).cast(utcTime);
const date = pl.col("datetime_beginning_ept").str.strptime(pl.Datetime, TIME_FORM).cast(pl.Date);
const type = pl.col("type");
const startUs = pl.col("interval_start_utc").cast(pl.Int64);

const [first, ...changes] = await midnightOffsets(input);
let midnight = pl.lit(first!.hours);
for (const { from, hours } of changes) {
  const day = Date.parse(from) / 86_400_000;
  const begun = pl.col("operating_date").cast(pl.Int32).gtEq(day);
  midnight = pl.when(begun).then(pl.lit(hours)).otherwise(midnight);
}
const hour = startUs
  .div(HOUR_US)
  .minus(pl.col("operating_date").cast(pl.Int64).mul(24))
  .minus(midnight)
  .plus(1);

await pl
  .scanCSV(path.join(input, "*.csv"), { schema: CSV_SCHEMA, glob: true })
  .withColumns(start.alias("interval_start_utc"), date.alias("operating_date"))
  .select(
    pl.col("interval_start_utc"),
    startUs.plus(HOUR_US).cast(pl.Int64).cast(utcTime).alias("interval_end_utc"),
    pl.col("operating_date"),
    hour.cast(pl.UInt8).alias("hour_ending"),
    pl.col("pnode_name").alias("location"),
    pl.col("pnode_id").alias("location_id"),
    pl
      .when(type.eq(pl.lit("GEN")))
      .then(pl.lit("GENERATOR"))
      .otherwise(type)
      .alias("location_type"),
    pl.col("zone"),
    pl.col("voltage").str.replace(" KV", "", true).cast(pl.Float64).alias("voltage_kv"),
    pl.col("total_lmp_da").alias("lmp_total"),
    pl.col("system_energy_price_da").alias("lmp_energy"),
    pl.col("congestion_price_da").alias("lmp_congestion"),
    pl.col("marginal_loss_price_da").alias("lmp_loss"),
    pl.col("version_nbr").alias("version"),
  )
  .sinkParquet(path.join(output, "all.parquet"), { compression: "zstd" })
  .collect({ streaming: true });
