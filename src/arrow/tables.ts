export type TableName = "energy" | "ancillary";

/** A column that describes what a price is for: the same few thousand combinations come back every interval. */
export interface EntityColumn {
  readonly name: string;
  readonly type: "utf8" | "int64" | "float64";
  readonly required: boolean;
}

/** A column with a value of its own in each row. */
export interface MeasureColumn {
  readonly name: string;
  readonly type: "float64" | "int32";
  readonly required: boolean;
}

/**
 * An output table. Its columns come in this order: the four interval columns, the entity columns, the measures.
 *
 * `key` names the entity columns that, with `interval_start_utc`, make a row unique, in sort order.
 */
export interface TableDefinition {
  readonly name: TableName;
  readonly entity: readonly EntityColumn[];
  readonly measures: readonly MeasureColumn[];
  readonly key: readonly string[];
}

/** Columns that every table begins with; all required. Timestamps are microseconds UTC, the date is a date32. */
export const INTERVAL_COLUMNS = [
  "interval_start_utc",
  "interval_end_utc",
  "operating_date",
  "hour_ending",
] as const;

const ENERGY: TableDefinition = {
  name: "energy",
  entity: [
    { name: "location", type: "utf8", required: true },
    { name: "location_id", type: "int64", required: false },
    { name: "location_type", type: "utf8", required: false },
    { name: "zone", type: "utf8", required: false },
    { name: "voltage_kv", type: "float64", required: false },
  ],
  measures: [
    { name: "lmp_total", type: "float64", required: true },
    { name: "lmp_energy", type: "float64", required: false },
    { name: "lmp_congestion", type: "float64", required: false },
    { name: "lmp_loss", type: "float64", required: false },
    { name: "lmp_ghg", type: "float64", required: false },
    { name: "version", type: "int32", required: false },
  ],
  key: ["location", "location_type", "location_id"],
};

const ANCILLARY: TableDefinition = {
  name: "ancillary",
  entity: [
    { name: "product", type: "utf8", required: true },
    { name: "product_standard", type: "utf8", required: false },
    { name: "region", type: "utf8", required: false },
  ],
  measures: [
    { name: "price", type: "float64", required: true },
    { name: "cleared_mw", type: "float64", required: false },
  ],
  key: ["product", "region"],
};

export const TABLES: Readonly<Record<TableName, TableDefinition>> = { energy: ENERGY, ancillary: ANCILLARY };

/** Place of the measure that every row has; a row of components stands or falls with it. */
export function requiredMeasure({ measures }: TableDefinition): number {
  return measures.findIndex(({ required }) => required);
}

/** The measure that decides between two rows of one key: the higher one stays. */
export const VERSION_COLUMN = "version";

/** Version of the output's columns; stored in every file's key-value metadata. */
export const SCHEMA_VERSION = "1";
