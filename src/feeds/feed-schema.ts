import * as v from "valibot";
import { TABLES, type TableName } from "../arrow/tables.js";
import { normaliseHeader } from "../csv/decode-program.js";
import {
  type ColumnDefinition,
  type ColumnReading,
  DATE_FORMS,
  type FeedDefinition,
  type IntervalReading,
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

const Forms = <T extends string>(known: readonly T[]) => v.pipe(v.array(v.picklist(known)), v.minLength(1));
const Words = v.record(
  v.string(),
  v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, "must be a word like HUB")),
);

const Column = v.strictObject({
  /** Header of the CSV column. */
  from: Header,
  /** Forms that a time stamp may have; the first one that fits is read. */
  timestamp: v.optional(Forms(TIMESTAMP_FORMS)),
  /** Forms that a date may have. */
  date: v.optional(Forms(DATE_FORMS)),
  /** Value of `repeated_hour` that marks the second pass. */
  yes: v.optional(v.string()),
  /** Whether some of the feed's files lack the column; only for what describes a location or product. */
  optional: v.optional(v.literal(true)),
  /** Name of a vocabulary that translates the ISO's words. */
  vocabulary: v.optional(v.string()),
  /** Words by what the text begins with; "" for all else. */
  prefixes: v.optional(Words),
  /** Unit that follows the number in the cell. */
  unit: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z]+$/, "must be letters only"))),
  /** The ISO's sign is the opposite of the table's. */
  negate: v.optional(v.boolean()),
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
  /** Whether intervals begin at whole multiples of their length. */
  on_grid: v.optional(v.boolean(), true),
  /** How the second pass of the repeated hour is told. */
  repeated_hour: v.optional(v.picklist(["marked", "by_order"]), "marked"),
  /** The short day may name its hours by their ends. */
  short_day_by_end: v.optional(v.boolean(), false),
  /** Kinds of records by their first column. */
  record_types: v.optional(
    v.strictObject({ column: Header, data: v.string(), other: v.array(v.string()), trailer: v.string() }),
  ),
  /** Headers of columns that hold the prices of one product each, and the product's word. */
  products: v.optional(Words, {}),
  /** Records of one component of the price each. */
  components: v.optional(
    v.strictObject({ column: Header, measures: v.record(v.string(), v.string()), value: Header }),
  ),
  /** Headers with the value that records must have to be taken. */
  only: v.optional(v.record(v.string(), v.string()), {}),
  /** Texts of which one stands above the header. */
  preamble: v.optional(v.array(v.string()), []),
  /** Entity columns that are the same for all rows. */
  constants: v.optional(Words, {}),
  /** Measures computed as what is left of lmp_total. */
  remainders: v.optional(v.array(v.string()), []),
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
      const twin = columns.find(
        (other) =>
          normaliseHeader(other.from) === normaliseHeader(column.from) && !mayShare(feed.table, other.to, to),
      );
      if (typeof reading === "string") mistakes.push({ path: [...path, "columns", to], message: reading });
      else if (twin !== undefined)
        mistakes.push({ path: [...path, "columns", to], message: `reads ${twin.from}, as ${twin.to} does` });
      else if (column.optional && !mayShare(feed.table, to))
        mistakes.push({
          path: [...path, "columns", to],
          message: "describes no location or product and cannot be optional",
        });
      else columns.push({ to, from: column.from, reading, ...(column.optional && { optional: true }) });
    }
    mistakes.push(...missingColumns(feed).map((message) => ({ path: [...path, "columns"], message })));
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
      products: Object.entries(feed.products).map(([from, standard]) => ({
        from,
        product: from.trim(),
        standard,
      })),
      components: feed.components ?? null,
      only: feed.only,
      constants: feed.constants,
      remainders: feed.remainders,
      fileNames: feed.file_names,
      columns,
      ignored: feed.ignored,
      descriptive: feed.descriptive,
    });
  }
  return { feeds, mistakes };
}

type FeedInput = v.InferOutput<typeof Feed>;
type ColumnInput = v.InferOutput<typeof Column>;

/** Ways to tell the interval: the parts that must be there together. */
const INTERVAL_WAYS = [
  ["interval_start_utc"],
  ["interval_end_utc"],
  ["interval_start_local"],
  ["interval_end_local"],
  ["operating_date", "hour_ending"],
];

/** Two columns may read one header when both describe the entity: ERCOT's names tell the type, too. */
function mayShare(table: TableName, ...columns: string[]): boolean {
  return columns.every((column) => TABLES[table].entity.some(({ name }) => name === column));
}

function missingColumns(feed: FeedInput): string[] {
  const { entity, measures } = TABLES[feed.table];
  const byProduct = Object.keys(feed.products).length > 0 ? ["product", "product_standard", "price"] : [];
  const joined = Object.values(feed.components?.measures ?? {});
  const given = (name: string) =>
    joined.includes(name) || name in feed.columns || name in feed.constants || byProduct.includes(name);
  const missing = [...entity, ...measures]
    .filter(({ name, required }) => required && !given(name))
    .map(({ name }) => `has no column for ${name}, which is required`);
  const ways = INTERVAL_WAYS.filter((parts) => parts.every((part) => part in feed.columns));
  if (ways.length === 1) return [...missing, ...strayParts(feed, ways[0]!)];
  const known = INTERVAL_WAYS.map((parts) => parts.join(" with ")).join(", ");
  return [...missing, `tells the interval in ${ways.length} ways; one of these is needed: ${known}`];
}

/** What may stand beside a way to tell the interval; nothing does beside UTC. */
function partsBeside(way: readonly string[]): string[] {
  if (way.includes("hour_ending")) return ["interval_of_hour", "repeated_hour"];
  return way[0]!.endsWith("_local") ? ["repeated_hour"] : [];
}

function strayParts(feed: FeedInput, way: readonly string[]): string[] {
  const known = [...new Set([...INTERVAL_WAYS.flat(), "interval_of_hour", "repeated_hour"])];
  const fitting = [...way, ...partsBeside(way)];
  return known
    .filter((part) => part in feed.columns && !fitting.includes(part))
    .map((part) => `has ${part} beside ${way.join(" with ")}, which tells the interval alone`);
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

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
