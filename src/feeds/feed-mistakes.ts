import { TABLES } from "../arrow/tables.js";
import { MarketClock } from "../time/market-clock.js";
import type { FeedInput } from "./feed-schema.js";

/*
 * What is wrong with a feed whose file has the right shape: its keys do not go together, or not with its table.
 */

/** A mistake that the shape alone does not show; `path` leads to the key that is wrong. */
export interface ConfigMistake {
  path: readonly string[];
  message: string;
}

/**
 * The mistakes of a feed as a whole; those of a column alone are found where it is read.
 *
 * @param path leads to the feed
 */
export function feedMistakes(feed: FeedInput, timeZone: string, path: readonly string[]): ConfigMistake[] {
  return [
    ...missingColumns(feed).map((message) => ({ path: [...path, "columns"], message })),
    ...layoutMistakes(feed, timeZone).map((message) => ({ path, message })),
    ...unknownNames(feed).map((keys) => ({ path: [...path, ...keys], message: unknownTo(feed) })),
  ];
}

/** Ways to tell the interval: the parts that must be there together. */
const INTERVAL_WAYS = [
  ["interval_start_utc"],
  ["interval_end_utc"],
  ["interval_start_local"],
  ["interval_end_local"],
  ["operating_date", "hour_ending"],
];

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
