import { TABLES, type TableName } from "../arrow/tables.js";
import { normaliseHeader } from "../csv/decode-program.js";
import type {
  ColumnDefinition,
  ColumnReading,
  FeedDefinition,
  IntervalReading,
  ProductColumn,
} from "./feed-definition.js";
import { type ConfigMistake, feedMistakes } from "./feed-mistakes.js";
import type { ColumnInput, ConfigFile, FeedInput } from "./feed-schema.js";

/**
 * Turns a checked file into feed definitions.
 *
 * @returns the definitions and the mistakes found on the way; a definition with a mistake is left out
 */
export function definitionsOf(config: ConfigFile): { feeds: FeedDefinition[]; mistakes: ConfigMistake[] } {
  const feeds: FeedDefinition[] = [];
  const mistakes: ConfigMistake[] = [];
  for (const [name, feed] of Object.entries(config.feeds)) {
    const path = ["feeds", name];
    const columns: ColumnDefinition[] = [];
    for (const [to, column] of Object.entries(feed.columns)) {
      const reading = readingOf(config, feed.table, to, column);
      const twin = columns.find(
        (other) =>
          normaliseHeader(other.from) === normaliseHeader(column.from) && !mayShare(feed.table, other.to, to),
      );
      if (typeof reading === "string") mistakes.push({ path: [...path, "columns", to], message: reading });
      else if (twin !== undefined)
        mistakes.push({ path: [...path, "columns", to], message: `reads ${twin.from}, as ${twin.to} does` });
      else if (column.optional && !mayLack(feed, to))
        mistakes.push({ path: [...path, "columns", to], message: "is needed and cannot be optional" });
      else columns.push({ to, from: column.from, reading, ...(column.optional && { optional: true }) });
    }
    mistakes.push(...feedMistakes(feed, config.time_zone, path));
    feeds.push({
      iso: config.iso,
      feed: name,
      title: feed.title,
      table: feed.table,
      market: feed.market,
      timeZone: config.time_zone,
      intervalMinutes: feed.interval_minutes,
      confirmed: feed.confirmed,
      onGrid: feed.on_grid,
      repeatedHour: feed.repeated_hour,
      shortDayByEnd: feed.short_day_by_end,
      recordTypes: feed.record_types ?? null,
      preamble: feed.preamble,
      products: [
        ...productColumns(feed.products),
        ...productColumns(feed.optional_products).map((product) => ({ ...product, optional: true })),
      ],
      components:
        feed.components === undefined ? null : { ...feed.components, value: feed.components.value ?? null },
      hours: feed.hours ?? null,
      dateAbove: feed.date_above ?? [],
      only: feed.only,
      constants: feed.constants,
      remainders: feed.remainders,
      fileNames: feed.file_names,
      with: feed.with,
      without: feed.without,
      columns,
      isoNames: [],
      ignored: feed.ignored,
      descriptive: feed.descriptive,
    });
  }
  return { feeds, mistakes };
}

/** The header names the product; a unit in brackets at its end, such as ($/MWHr), is none of its name. */
function productColumns(words: Readonly<Record<string, string>>): ProductColumn[] {
  return Object.entries(words).map(([from, standard]) => {
    return { from, product: from.trim().replace(/ *\(\$[^()]*\)$/, ""), standard };
  });
}

/** Two columns may read one header when both describe the entity: ERCOT's names tell the type, too. */
function mayShare(table: TableName, ...columns: string[]): boolean {
  return columns.every((column) => TABLES[table].entity.some(({ name }) => name === column));
}

/** A column may be lacking where null may stand in its place, and no other measure is worked out from it. */
function mayLack(feed: FeedInput, column: string): boolean {
  const { entity, measures } = TABLES[feed.table];
  if (entity.some(({ name, required }) => name === column && !required)) return true;
  return measures.some(({ name, required }) => name === column && !required) && feed.remainders.length === 0;
}

function readingOf(
  config: ConfigFile,
  table: TableName,
  to: string,
  column: ColumnInput,
): ColumnReading | string {
  const interval = intervalReading(to, column);
  if (interval !== null) return interval;
  const output = [...TABLES[table].entity, ...TABLES[table].measures].find((known) => known.name === to);
  if (output === undefined) return `is not a column of table ${table}`;
  if (column.timestamp !== undefined || column.date !== undefined) return "is not a time stamp";
  if (column.vocabulary !== undefined) {
    const map = config.vocabularies[column.vocabulary];
    if (map === undefined) return `names the vocabulary ${column.vocabulary}, which the file does not have`;
    return output.type === "utf8" ? { kind: "text", map } : "is a number and cannot have a vocabulary";
  }
  if (column.unit !== undefined) {
    return output.type === "float64" ? { kind: "quantity", unit: column.unit } : "cannot have a unit";
  }
  if (output.type === "utf8") {
    return column.prefixes === undefined ? { kind: "text" } : { kind: "text", prefixes: column.prefixes };
  }
  if (output.type === "float64")
    return column.negate ? { kind: "decimal", negate: true } : { kind: "decimal" };
  return { kind: "integer" };
}

/** The reading of a part of the interval; null for any other column. */
function intervalReading(to: string, column: ColumnInput): IntervalReading | string | null {
  const stamp = /^interval_(start|end)_(utc|local)$/.exec(to);
  if (stamp !== null) {
    if (column.timestamp === undefined) return "needs `timestamp`, the forms that the stamp may have";
    const [, edge, clock] = stamp as unknown as [string, "start" | "end", "utc" | "local"];
    return { kind: "timestamp", clock, edge, forms: column.timestamp };
  }
  if (to === "operating_date") {
    return column.date === undefined
      ? "needs `date`, the forms that the date may have"
      : { kind: "date", forms: column.date };
  }
  if (to === "hour_ending" || to === "interval_of_hour") return { kind: to };
  if (to !== "repeated_hour") return null;
  return column.yes === undefined
    ? "needs `yes`, the value that marks the second pass"
    : { kind: "repeated_hour", yes: column.yes };
}
