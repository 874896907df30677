import { TABLES } from "../arrow/tables.js";
import type {
  ColumnDefinition,
  ColumnReading,
  FeedDefinition,
  IntervalReading,
} from "../feeds/feed-definition.js";

/** An entity column that is read from a field, by its place in the table. */
export interface EntityTarget {
  index: number;
  required: boolean;
  reading: ColumnReading;
}

/** What one CSV field is for. `index` counts the table's entity columns or measures. */
export type FieldUse =
  | { use: "skip"; descriptive: boolean }
  | { use: "interval"; reading: IntervalReading }
  /** A value that the feed's {@link RowMaker} takes, by its place in the record. */
  | { use: "product"; place: number }
  /** The component of the price that the record holds. */
  | { use: "component" }
  /** Must have this text; records with another one are of another kind. */
  | { use: "record-type"; data: string }
  | { use: "entity"; targets: readonly EntityTarget[] }
  | { use: "integer"; index: number; required: boolean }
  | { use: "decimal"; index: number; required: boolean };

/**
 * Neighbouring fields that the kernel takes in one go.
 *
 * - `context`: usually the same bytes as in the record before (time stamps, revision, fields that are not used);
 * - `entity`: the same bytes as some record before (location, type, zone);
 * - `decimal`: one number of its own in every record;
 * - `product`: the same, and a row of its own.
 */
export interface Step {
  kind: "context" | "entity" | "decimal" | "product";
  /** First field, and the field after the last one. */
  from: number;
  to: number;
}

/** A feed definition compiled for one order of columns: what the kernel does with each field. */
export interface DecodeProgram {
  feed: FeedDefinition;
  /** Header of every field, as printed. */
  header: readonly string[];
  fields: readonly FieldUse[];
  steps: readonly Step[];
  /** Values of the entity columns before any field is read. */
  constants: readonly (string | null)[];
}

/** Headers are compared without case, surrounding spaces, and the difference between spaces and underscores. */
export function normaliseHeader(header: string): string {
  return header.trim().toLowerCase().replaceAll("_", " ");
}

/**
 * Compiles a feed for the columns that a file has, in the file's order.
 *
 * @param header the file's header fields; every column of the feed must be among them
 */
export function compileProgram(feed: FeedDefinition, header: readonly string[]): DecodeProgram {
  const table = TABLES[feed.table];
  const descriptive = new Set(feed.descriptive.map(normaliseHeader));
  const fields = header.map((name): FieldUse => {
    const headed = normaliseHeader(name);
    if (feed.recordTypes !== null && headed === normaliseHeader(feed.recordTypes.column)) {
      return { use: "record-type", data: feed.recordTypes.data };
    }
    const only = Object.entries(feed.only).find(([from]) => normaliseHeader(from) === headed);
    if (only !== undefined) return { use: "record-type", data: only[1] };
    if (headed === normaliseHeader(feed.components?.column ?? "")) return { use: "component" };
    if (headed === normaliseHeader(feed.components?.value ?? "")) return { use: "product", place: 0 };
    const place = feed.products.findIndex(({ from }) => normaliseHeader(from) === headed);
    if (place >= 0) return { use: "product", place };
    const columns = feed.columns.filter(({ from }) => normaliseHeader(from) === headed);
    if (columns.length === 0) return { use: "skip", descriptive: descriptive.has(headed) };
    const [{ to, reading }] = columns as [ColumnDefinition, ...ColumnDefinition[]];
    if (isIntervalReading(reading)) return { use: "interval", reading };
    const index = table.measures.findIndex((measure) => measure.name === to);
    if (index >= 0) {
      const { type, required } = table.measures[index]!;
      return { use: type === "int32" ? "integer" : "decimal", index, required };
    }
    const targets = columns.map((column): EntityTarget => {
      const place = table.entity.findIndex((known) => known.name === column.to);
      return { index: place, required: table.entity[place]!.required, reading: column.reading };
    });
    return { use: "entity", targets };
  });
  const constants = table.entity.map(({ name }) => feed.constants[name] ?? null);
  return { feed, header, fields, steps: compileSteps(fields), constants };
}

function isIntervalReading(reading: ColumnReading): reading is IntervalReading {
  return ["timestamp", "date", "hour_ending", "interval_of_hour", "repeated_hour"].includes(reading.kind);
}

function compileSteps(fields: readonly FieldUse[]): Step[] {
  const steps: Step[] = [];
  for (const [index, field] of fields.entries()) {
    const last = steps.at(-1);
    const kind = stepKind(field, last);
    if (last?.kind === kind && kind !== "decimal" && kind !== "product") last.to = index + 1;
    else steps.push({ kind, from: index, to: index + 1 });
  }
  return steps;
}

/** A field that is not used joins the entity before it only when it describes it; anything else would multiply it. */
function stepKind(field: FieldUse, before: Step | undefined): Step["kind"] {
  if (field.use === "decimal" || field.use === "entity" || field.use === "product") return field.use;
  return field.use === "skip" && field.descriptive && before?.kind === "entity" ? "entity" : "context";
}
