import { TABLES } from "../arrow/tables.js";
import type { ColumnReading, FeedDefinition } from "../feeds/feed-definition.js";

/** What one CSV field is for. `index` counts the table's entity columns or measures. */
export type FieldUse =
  | { use: "skip"; descriptive: boolean }
  | { use: "timestamp"; reading: Extract<ColumnReading, { kind: "timestamp" }> }
  | { use: "entity"; index: number; required: boolean; reading: ColumnReading }
  | { use: "integer"; index: number; required: boolean }
  | { use: "decimal"; index: number; required: boolean };

/**
 * Neighbouring fields that the kernel takes in one go.
 *
 * - `context`: usually the same bytes as in the record before (time stamps, revision, fields that are not used);
 * - `entity`: the same bytes as some record before (location, type, zone);
 * - `decimal`: one number of its own in every record.
 */
export interface Step {
  kind: "context" | "entity" | "decimal";
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
}

/** Headers are compared without case and surrounding spaces. */
export function normaliseHeader(header: string): string {
  return header.trim().toLowerCase();
}

/**
 * Compiles a feed for the columns that a file has, in the file's order.
 *
 * @param header the file's header fields; every column of the feed must be among them
 */
export function compileProgram(feed: FeedDefinition, header: readonly string[]): DecodeProgram {
  const table = TABLES[feed.table];
  const byHeader = new Map(feed.columns.map((column) => [normaliseHeader(column.from), column]));
  const descriptive = new Set(feed.descriptive.map(normaliseHeader));
  const fields = header.map((name): FieldUse => {
    const column = byHeader.get(normaliseHeader(name));
    if (column === undefined) return { use: "skip", descriptive: descriptive.has(normaliseHeader(name)) };
    if (column.reading.kind === "timestamp") return { use: "timestamp", reading: column.reading };
    const entity = table.entity.findIndex(({ name }) => name === column.to);
    if (entity >= 0) {
      return {
        use: "entity",
        index: entity,
        required: table.entity[entity]!.required,
        reading: column.reading,
      };
    }
    const index = table.measures.findIndex(({ name }) => name === column.to);
    const use = table.measures[index]!.type === "int32" ? "integer" : "decimal";
    return { use, index, required: table.measures[index]!.required };
  });
  return { feed, header, fields, steps: compileSteps(fields) };
}

function compileSteps(fields: readonly FieldUse[]): Step[] {
  const steps: Step[] = [];
  for (const [index, field] of fields.entries()) {
    const last = steps.at(-1);
    const kind = stepKind(field, last);
    if (last?.kind === kind && kind !== "decimal") last.to = index + 1;
    else steps.push({ kind, from: index, to: index + 1 });
  }
  return steps;
}

/** A field that is not used joins the entity before it only when it describes it; anything else would multiply it. */
function stepKind(field: FieldUse, before: Step | undefined): Step["kind"] {
  if (field.use === "decimal" || field.use === "entity") return field.use;
  return field.use === "skip" && field.descriptive && before?.kind === "entity" ? "entity" : "context";
}
