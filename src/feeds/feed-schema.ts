import * as v from "valibot";
import { INTERVAL_COLUMNS, TABLES, type TableName } from "../arrow/tables.js";
import { normaliseHeader } from "../csv/decode-program.js";
import {
  type ColumnDefinition,
  type ColumnReading,
  type FeedDefinition,
  TIMESTAMP_FORMS,
} from "./feed-definition.js";

/*
 * The shape of a file in config/: one ISO, its vocabularies and its feeds. Validation names the key that is wrong;
 * load-feeds.ts turns the key into a line.
 */

const Name = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/, "must be lower-case letters, digits and _"));
const Header = v.pipe(v.string(), v.minLength(1));
const Vocabulary = v.record(
  v.string(),
  v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, "must be a word like HUB")),
);

const Column = v.strictObject({
  /** Header of the CSV column. */
  from: Header,
  /** Forms that the time stamp may have; the first one that fits is read. */
  timestamp: v.optional(v.pipe(v.array(v.picklist(TIMESTAMP_FORMS)), v.minLength(1))),
  /** The clock that the stamp is in. */
  clock: v.optional(v.literal("utc")),
  /** Name of a vocabulary that translates the ISO's words. */
  vocabulary: v.optional(v.string()),
  /** Unit that follows the number in the cell. */
  unit: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z]+$/, "must be letters only"))),
});

const Feed = v.strictObject({
  title: v.pipe(v.string(), v.minLength(1)),
  table: v.picklist(Object.keys(TABLES) as [TableName, ...TableName[]]),
  market: v.picklist(["DA", "RT"]),
  /** Length of an interval: a whole number of them fits into an hour. */
  interval_minutes: v.pipe(v.number(), v.picklist([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60])),
  /** Whether the definition was checked against a real file. */
  confirmed: v.boolean(),
  /** Usual file names, `*` for anything; asked only where two feeds share a header. */
  file_names: v.optional(v.array(v.string()), []),
  columns: v.record(v.string(), Column),
  /** Known headers that are not used. */
  ignored: v.optional(v.array(Header), []),
  /** Known headers that are not used and always say the same of one location (or product), such as its equipment. */
  descriptive: v.optional(v.array(Header), []),
});

export const ConfigFile = v.strictObject({
  iso: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9]*$/, "must be upper-case letters and digits")),
  title: v.pipe(v.string(), v.minLength(1)),
  /** IANA zone of the market's own clock. */
  time_zone: v.pipe(v.string(), v.check(isTimeZone, "is not a time zone that this platform knows")),
  vocabularies: v.optional(v.record(v.string(), Vocabulary), {}),
  feeds: v.record(Name, Feed),
});
export type ConfigFile = v.InferOutput<typeof ConfigFile>;

/** A mistake that the shape alone does not show; `path` leads to the key that is wrong. */
export interface ConfigMistake {
  path: readonly string[];
  message: string;
}

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
      const twin = columns.find(({ from }) => normaliseHeader(from) === normaliseHeader(column.from));
      if (typeof reading === "string") mistakes.push({ path: [...path, "columns", to], message: reading });
      else if (twin !== undefined)
        mistakes.push({ path: [...path, "columns", to], message: `reads ${twin.from}, as ${twin.to} does` });
      else columns.push({ to, from: column.from, reading });
    }
    for (const required of requiredColumns(feed.table)) {
      if (required in feed.columns) continue;
      mistakes.push({
        path: [...path, "columns"],
        message: `has no column for ${required}, which is required`,
      });
    }
    feeds.push({
      iso: config.iso,
      feed: name,
      title: feed.title,
      table: feed.table,
      market: feed.market,
      timeZone: config.time_zone,
      intervalMinutes: feed.interval_minutes,
      confirmed: feed.confirmed,
      fileNames: feed.file_names,
      columns,
      ignored: feed.ignored,
      descriptive: feed.descriptive,
    });
  }
  return { feeds, mistakes };
}

function requiredColumns(table: TableName): string[] {
  const { entity, measures } = TABLES[table];
  const required = [...entity, ...measures].filter((column) => column.required).map((column) => column.name);
  return ["interval_start_utc", ...required];
}

function readingOf(
  config: ConfigFile,
  table: TableName,
  to: string,
  column: v.InferOutput<typeof Column>,
): ColumnReading | string {
  if (to === "interval_start_utc") {
    if (column.timestamp === undefined || column.clock === undefined) return "needs `timestamp` and `clock`";
    return { kind: "timestamp", clock: column.clock, forms: column.timestamp };
  }
  const output = [...TABLES[table].entity, ...TABLES[table].measures].find((known) => known.name === to);
  if (output === undefined) {
    const interval = (INTERVAL_COLUMNS as readonly string[]).includes(to);
    return interval
      ? "is computed from interval_start_utc; leave it out"
      : `is not a column of table ${table}`;
  }
  if (column.timestamp !== undefined || column.clock !== undefined) return "is not a time stamp";
  if (column.vocabulary !== undefined) {
    const map = config.vocabularies[column.vocabulary];
    if (map === undefined) return `names the vocabulary ${column.vocabulary}, which the file does not have`;
    return output.type === "utf8" ? { kind: "text", map } : "is a number and cannot have a vocabulary";
  }
  if (column.unit !== undefined) {
    return output.type === "float64" ? { kind: "quantity", unit: column.unit } : "cannot have a unit";
  }
  if (output.type === "utf8") return { kind: "text" };
  return { kind: output.type === "float64" ? "decimal" : "integer" };
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
