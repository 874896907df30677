import type { SchemaElement } from "hyparquet";
import type { TableDefinition } from "../arrow/tables.js";

type Leaf = Pick<SchemaElement, "type" | "converted_type" | "logical_type">;

const UTC_MICROSECONDS: Leaf = {
  type: "INT64",
  // Readers that know only converted types take this for UTC, too.
  converted_type: "TIMESTAMP_MICROS",
  logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
};

const LEAVES: Record<"utf8" | "int64" | "float64" | "int32", Leaf> = {
  utf8: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  int64: { type: "INT64" },
  float64: { type: "DOUBLE" },
  int32: { type: "INT32" },
};

/** The Parquet schema of a table: its root, then a leaf for each column. */
export function schemaOf(table: TableDefinition): SchemaElement[] {
  const leaf = (name: string, required: boolean, type: Leaf): SchemaElement => ({
    name,
    repetition_type: required ? "REQUIRED" : "OPTIONAL",
    ...type,
  });
  const columns = [
    leaf("interval_start_utc", true, UTC_MICROSECONDS),
    leaf("interval_end_utc", true, UTC_MICROSECONDS),
    leaf("operating_date", true, { type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } }),
    // No logical type: hyparquet-writer prints an integer's width as a varint where the format has a byte.
    leaf("hour_ending", true, { type: "INT32", converted_type: "UINT_8" }),
    ...[...table.entity, ...table.measures].map(({ name, required, type }) =>
      leaf(name, required, LEAVES[type]),
    ),
  ];
  return [{ name: "schema", num_children: columns.length }, ...columns];
}
