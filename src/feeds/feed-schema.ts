import * as v from "valibot";
import { TABLES, type TableName } from "../arrow/tables.js";
import { normaliseHeader } from "../csv/decode-program.js";
import { MarketClock } from "../time/market-clock.js";
import {
  type ColumnDefinition,
  type ColumnReading,
  DATE_FORMS,
  type FeedDefinition,
  type IntervalReading,
  type ProductColumn,
  TIMESTAMP_FORMS,
} from "./feed-definition.js";

/*
 * The shape of a file in config/: one ISO, its vocabularies and its feeds. Validation names the key that is wrong;
 * load-feeds.ts turns the key into a line.
 */

export const Name = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]*$/, "must be lower-case letters, digits and _"),
);
const Header = v.pipe(v.string(), v.minLength(1));
export const Vocabulary = v.record(
  v.string(),
  v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, "must be a word like HUB")),
);

const Forms = <T extends string>(known: readonly T[]) => v.pipe(v.array(v.picklist(known)), v.minLength(1));
const Words = v.record(
  v.string(),
  v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, "must be a word like HUB")),
);

const Column = v.strictObject({
  /** Header of the CSV column; `#1` for the first one, whatever it is called. */
  from: Header,
  /** Forms that a time stamp may have; the first one that fits is read. */
  timestamp: v.optional(Forms(TIMESTAMP_FORMS)),
  /** Forms that a date may have. */
  date: v.optional(Forms(DATE_FORMS)),
  /** Value of `repeated_hour` that marks the second pass. */
  yes: v.optional(v.string()),
  /** Whether some of the feed's files lack the column, which must be one that may be null. */
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

export const Feed = v.strictObject({
  title: v.pipe(v.string(), v.minLength(1)),
  table: v.picklist(Object.keys(TABLES) as [TableName, ...TableName[]]),
  market: v.picklist(["DA", "RT"]),
  /** Length of an interval: a whole number of them fits into an hour. */
  interval_minutes: v.pipe(v.number(), v.picklist([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60])),
  /** Whether the definition was checked against a real file. */
  confirmed: v.boolean(),
  /** Usual file names, `*` for anything; asked only where two feeds share a header. */
  file_names: v.optional(v.array(v.string()), []),
  /** Headers that are not used and tell the feed from others with its columns: all its files have them, ... */
  with: v.optional(v.array(Header), []),
  /** ... or none has. */
  without: v.optional(v.array(Header), []),
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
  /** The same, of products that some of the feed's files do not have. */
  optional_products: v.optional(Words, {}),
  /** Records of one component of the price each. */
  components: v.optional(
    v.strictObject({ column: Header, measures: v.record(v.string(), v.string()), value: v.optional(Header) }),
  ),
  /** Headers of columns that hold the prices of one hour each, `*` for the hour's number. */
  hours: v.optional(
    v.strictObject({
      header: v.pipe(v.string(), v.regex(/^[^*]*\*[^*]*$/, "must have one * for the hour's number")),
      last: v.optional(v.picklist([24, 25]), 24),
    }),
  ),
  /** Forms of the operating day where it stands above the header. */
  date_above: v.optional(Forms(DATE_FORMS)),
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

export const IsoName = v.pipe(
  v.string(),
  v.regex(/^[A-Z][A-Z0-9]*$/, "must be upper-case letters and digits"),
);

export const ConfigFile = v.strictObject({
  iso: IsoName,
  title: v.pipe(v.string(), v.minLength(1)),
  /** Other names of the ISO that a folder or a file may have, such as ISO-NE. */
  also_called: v.optional(v.array(v.pipe(v.string(), v.regex(/[A-Za-z]/, "must have a letter"))), []),
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
      else if (column.optional && !mayLack(feed, to))
        mistakes.push({ path: [...path, "columns", to], message: "is needed and cannot be optional" });
      else columns.push({ to, from: column.from, reading, ...(column.optional && { optional: true }) });
    }
    mistakes.push(...missingColumns(feed).map((message) => ({ path: [...path, "columns"], message })));
    mistakes.push(...layoutMistakes(feed, config.time_zone).map((message) => ({ path, message })));
    mistakes.push(
      ...unknownNames(feed).map((keys) => ({ path: [...path, ...keys], message: unknownTo(feed) })),
    );
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

/** A column may be lacking where null may stand in its place, and no other measure is worked out from it. */
function mayLack(feed: FeedInput, column: string): boolean {
  const { entity, measures } = TABLES[feed.table];
  if (entity.some(({ name, required }) => name === column && !required)) return true;
  return measures.some(({ name, required }) => name === column && !required) && feed.remainders.length === 0;
}

function missingColumns(feed: FeedInput): string[] {
  const { entity, measures } = TABLES[feed.table];
  const byProduct = Object.keys(feed.products).length > 0 ? ["product", "product_standard", "price"] : [];
  const joined = Object.values(feed.components?.measures ?? {});
  const byHour = feed.hours !== undefined && feed.components === undefined ? ["price"] : [];
  const given = (name: string) =>
    joined.includes(name) ||
    byHour.includes(name) ||
    name in feed.columns ||
    name in feed.constants ||
    byProduct.includes(name);
  const missing = [...entity, ...measures]
    .filter(({ name, required }) => required && !given(name))
    .map(({ name }) => `has no column for ${name}, which is required`);
  if (feed.hours !== undefined) return [...missing, ...hourParts(feed)];
  const ways = INTERVAL_WAYS.filter((parts) => parts.every((part) => part in feed.columns));
  if (ways.length === 1) return [...missing, ...strayParts(feed, ways[0]!)];
  const known = INTERVAL_WAYS.map((parts) => parts.join(" with ")).join(", ");
  return [...missing, `tells the interval in ${ways.length} ways; one of these is needed: ${known}`];
}

/** Of columns by hour only the day is told elsewhere: by a column, or above the header. */
function hourParts(feed: FeedInput): string[] {
  const isAbove = feed.date_above !== undefined;
  const stray = strayParts(feed, isAbove ? [] : ["operating_date"]);
  if (isAbove || "operating_date" in feed.columns) return stray;
  return [...stray, "has no operating_date, and no date_above tells it"];
}

/** Layouts that cannot be read together, or not by this clock. */
function layoutMistakes(feed: FeedInput, timeZone: string): string[] {
  const mistakes: string[] = [];
  const { hours, components } = feed;
  if (hours === undefined) {
    if (feed.date_above !== undefined) mistakes.push("has date_above, which only columns by hour need");
    if (components !== undefined && components.value === undefined)
      mistakes.push("has components and no `value`, the column that they are in");
    return mistakes;
  }
  if (components?.value !== undefined) mistakes.push("has both hours and a `value` of components");
  if (Object.keys(feed.products).length > 0) mistakes.push("has both hours and products as columns");
  if (feed.interval_minutes !== 60) mistakes.push("has hours as columns and intervals of another length");
  if (feed.table === "energy" && components === undefined)
    mistakes.push("has hours as columns and does not say by `components` which measures they are of");
  if (hours.last === 24 && hasClockChanges(timeZone))
    mistakes.push("has 24 hours as columns, and the clock's long day has 25: `last: 25`");
  return mistakes;
}

/** Where columns are named outside `columns` that the table does not have. */
function unknownNames(feed: FeedInput): string[][] {
  const { entity, measures } = TABLES[feed.table];
  const isPrice = (wanted: string) =>
    measures.some(({ name, type }) => name === wanted && type === "float64");
  return [
    ...Object.entries(feed.components?.measures ?? {})
      .filter(([, name]) => !isPrice(name))
      .map(([component]) => ["components", "measures", component]),
    ...feed.remainders.flatMap((name, index) => (isPrice(name) ? [] : [["remainders", String(index)]])),
    ...Object.keys(feed.constants)
      .filter((wanted) => !entity.some(({ name }) => name === wanted))
      .map((name) => ["constants", name]),
  ];
}

const unknownTo = ({ table }: FeedInput): string => `names no such column of table ${table}`;

function hasClockChanges(timeZone: string): boolean {
  const clock = new MarketClock(timeZone);
  const offsets = Array.from({ length: 12 }, (_, month) => clock.offsetAt(Date.UTC(2025, month, 15)));
  return new Set(offsets).size > 1;
}

/** What may stand beside a way to tell the interval; nothing does beside UTC. */
function partsBeside(way: readonly string[]): string[] {
  if (way.includes("hour_ending")) return ["interval_of_hour", "repeated_hour"];
  return way[0]?.endsWith("_local") ? ["repeated_hour"] : [];
}

function strayParts(feed: FeedInput, way: readonly string[]): string[] {
  const known = [...new Set([...INTERVAL_WAYS.flat(), "interval_of_hour", "repeated_hour"])];
  const fitting = [...way, ...partsBeside(way)];
  return known
    .filter((part) => part in feed.columns && !fitting.includes(part))
    .map(
      (part) => `has ${part} beside ${way.join(" with ") || "date_above"}, which tells the interval alone`,
    );
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
  // The list has no aliases such as US/Eastern; making a format knows them but takes ten times as long.
  if (Intl.supportedValuesOf("timeZone").includes(zone)) return true;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
