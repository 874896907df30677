import { TABLES } from "../arrow/tables.js";
import {
  type ColumnDefinition,
  type ColumnReading,
  type FeedDefinition,
  hourHeaders,
  type IntervalReading,
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
 * - `context`: usually the same bytes as in the record before (time stamps, revision);
 * - `skip`: fields that are not used, by themselves;
 * - `entity`: the same bytes as some record before (location, type, zone);
 * - `decimal`: one number of its own in every record;
 * - `product`: the same, and a row of its own.
 */
export interface Step {
  kind: "context" | "skip" | "entity" | "decimal" | "product";
  /** First field, and the field after the last one. */
  from: number;
  to: number;
}

/** A feed definition compiled for one order of columns: what the kernel does with each field. */
export interface DecodeProgram {
  /** Its products are those that the file has a column for. */
  feed: FeedDefinition;
  /** Header of every field, as printed. */
  header: readonly string[];
  fields: readonly FieldUse[];
  steps: readonly Step[];
  /** Values of the entity columns before any field is read; then as many places for words of no vocabulary. */
  constants: readonly (string | null)[];
}

/** Headers are compared without case, surrounding spaces, and the difference between spaces and underscores. */
export function normaliseHeader(header: string): string {
  return header.trim().toLowerCase().replaceAll("_", " ");
}

/** Place of a column in a header; -1 when it is not there. `from` is its header, or `#1` for the first one. */
export function columnPlace(header: readonly string[], from: string): number {
  const number = /^#(\d+)$/.exec(from)?.[1];
  if (number !== undefined) return Number(number) <= header.length ? Number(number) - 1 : -1;
  const wanted = normaliseHeader(from);
  return header.findIndex((name) => normaliseHeader(name) === wanted);
}

/**
 * Compiles a feed for the columns that a file has, in the file's order.
 *
 * @param header the file's header fields; every column of the feed that is not optional must be among them
 */
export function compileProgram(definition: FeedDefinition, header: readonly string[]): DecodeProgram {
  const present = new Set(header.map(normaliseHeader));
  const products = definition.products.filter(({ from }) => present.has(normaliseHeader(from)));
  const feed = { ...definition, products };
  const table = TABLES[feed.table];
  const descriptive = new Set(feed.descriptive.map(normaliseHeader));
  const side = feed.hours === null ? feed.products.map(({ from }) => from) : hourHeaders(feed);
  // Found once for each column: a header may have thousands.
  const places = new Map<string, number>();
  const placeOf = (from: string): number => {
    const place = places.get(from) ?? columnPlace(header, from);
    places.set(from, place);
    return place;
  };
  const fields = header.map((name, position): FieldUse => {
    const isHere = (from: string | null | undefined) =>
      from !== null && from !== undefined && placeOf(from) === position;
    if (feed.recordTypes !== null && isHere(feed.recordTypes.column)) {
      return { use: "record-type", data: feed.recordTypes.data };
    }
    const only = Object.entries(feed.only).find(([from]) => isHere(from));
    if (only !== undefined) return { use: "record-type", data: only[1] };
    if (isHere(feed.components?.column)) return { use: "component" };
    if (isHere(feed.components?.value)) return { use: "product", place: 0 };
    const place = side.findIndex(isHere);
    if (place >= 0) return { use: "product", place };
    const columns = feed.columns.filter(({ from }) => isHere(from));
    if (columns.length === 0) return { use: "skip", descriptive: descriptive.has(normaliseHeader(name)) };
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
  constants.push(...table.entity.map(() => null));
  return { feed, header, fields, steps: compileSteps(fields), constants };
}

/** Whether each record is a row of the batch: a row, or one component of a price, which sorting joins with the others. */
export function isRowPerRecord({ feed, steps }: DecodeProgram): boolean {
  return feed.hours === null && (feed.components !== null || steps.every(({ kind }) => kind !== "product"));
}

/** By measure of the feed's table: whether the file's records give it. What is left of others is no such measure. */
export function usedMeasures({ feed, fields }: DecodeProgram): boolean[] {
  const joined = Object.values(feed.components?.measures ?? {});
  const read = fields.flatMap((field) =>
    field.use === "integer" || field.use === "decimal" ? field.index : [],
  );
  return TABLES[feed.table].measures.map(
    ({ name, required }, index) => required || joined.includes(name) || read.includes(index),
  );
}

function isIntervalReading(reading: ColumnReading): reading is IntervalReading {
  return ["timestamp", "date", "hour_ending", "interval_of_hour", "repeated_hour"].includes(reading.kind);
}

function compileSteps(fields: readonly FieldUse[]): Step[] {
  const steps: Step[] = [];
  for (const [index, field] of fields.entries()) {
    const last = steps.at(-1);
    const kind = field.use === "skip" ? skippedKind(fields, index, last) : stepKind(field);
    if (last?.kind === kind && kind !== "decimal" && kind !== "product") last.to = index + 1;
    else steps.push({ kind, from: index, to: index + 1 });
  }
  for (const step of steps) {
    const isUsed = fields.slice(step.from, step.to).some(({ use }) => use !== "skip");
    if (step.kind === "context" && !isUsed) step.kind = "skip";
  }
  return steps;
}

function stepKind({ use }: FieldUse): Step["kind"] {
  return use === "decimal" || use === "entity" || use === "product" ? use : "context";
}

/**
 * A field that is not used joins the entity beside it only when it describes it: anything else would multiply the
 * entity. What describes an entity that is not beside it stands alone, and would multiply the times or components that
 * it stood with. Other fields hardly change, or change with the times.
 */
function skippedKind(fields: readonly FieldUse[], place: number, before: Step | undefined): Step["kind"] {
  const isDescriptive = (field: FieldUse) => field.use === "skip" && field.descriptive;
  if (!isDescriptive(fields[place]!)) return before?.kind === "skip" ? "skip" : "context";
  const next = fields.slice(place).find((field) => !isDescriptive(field));
  return before?.kind === "entity" || next?.use === "entity" ? "entity" : "skip";
}
