import type { EntityValue } from "../arrow/row-batch.js";
import { SCHEMA_VERSION, TABLES, type TableName } from "../arrow/tables.js";
import { compareValues } from "../order/compare-values.js";
import { sortByName } from "../order/sort-by-name.js";
import { entityKey } from "./seen-entities.js";

/** A location or product, by the table's entity columns, and its first and last operating day (`2024-03-10`). */
export interface SeenEntry {
  values: EntityValue[];
  firstDay: string;
  lastDay: string;
}

/** What was seen of one feed. */
export interface SeenFeed {
  feed: string;
  market: string;
  entries: SeenEntry[];
}

/** What was seen of an ISO's feeds of one table: the content of one file. */
export interface SeenList {
  iso: string;
  table: TableName;
  feeds: readonly SeenFeed[];
}

/** What the entries of a table are called: the name of the list and of its folder. */
export const SEEN_NAMES: Readonly<Record<TableName, string>> = {
  energy: "locations",
  ancillary: "products",
};

/** Both lists as one: feeds and entries of either, days from the earlier first to the later last. */
export function mergeSeen(earlier: readonly SeenFeed[], later: readonly SeenFeed[]): SeenFeed[] {
  const feeds = new Map<string, { market: string; entries: Map<string, SeenEntry> }>();
  for (const { feed, market, entries } of [...earlier, ...later]) {
    const known = feeds.get(feed) ?? { market, entries: new Map<string, SeenEntry>() };
    known.market = market;
    feeds.set(feed, known);
    for (const entry of entries) widen(known.entries, entry);
  }
  return [...feeds].map(([feed, { market, entries }]) => ({ feed, market, entries: [...entries.values()] }));
}

function widen(entries: Map<string, SeenEntry>, entry: SeenEntry): void {
  const key = entityKey(entry.values);
  const known = entries.get(key);
  if (known === undefined) {
    entries.set(key, entry);
    return;
  }
  entries.set(key, {
    values: entry.values,
    firstDay: known.firstDay < entry.firstDay ? known.firstDay : entry.firstDay,
    lastDay: known.lastDay > entry.lastDay ? known.lastDay : entry.lastDay,
  });
}

/**
 * The list as JSON text, the same for the same content: feeds by name, entries by their columns in the table's order,
 * an entry a line.
 */
export function seenText({ iso, table, feeds }: SeenList): string {
  const inOrder = [...feeds].sort((a, b) => compareValues(a.feed, b.feed));
  const texts = inOrder.map(({ feed, market, entries }) => {
    const lines = sortByName(entries, ({ values }) => values[0]!, compareEntries).map((entry) =>
      entryText(table, entry),
    );
    const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n      ]`;
    return `    {
      "feed": ${JSON.stringify(feed)},
      "market": ${JSON.stringify(market)},
      ${JSON.stringify(SEEN_NAMES[table])}: ${list}
    }`;
  });
  return `{
  "schema_version": ${JSON.stringify(SCHEMA_VERSION)},
  "iso": ${JSON.stringify(iso)},
  "table": ${JSON.stringify(table)},
  "feeds": [${texts.length === 0 ? "" : `\n${texts.join(",\n")}\n  `}]
}
`;
}

function compareEntries(a: SeenEntry, b: SeenEntry): number {
  for (let column = 0; column < a.values.length; column++) {
    const order = compareValues(a.values[column]!, b.values[column]!);
    if (order !== 0) return order;
  }
  return 0;
}

function entryText(table: TableName, { values, firstDay, lastDay }: SeenEntry): string {
  const entry: Record<string, EntityValue> = {};
  const { entity } = TABLES[table];
  for (let column = 0; column < entity.length; column++) entry[entity[column]!.name] = values[column]!;
  entry.first_day = firstDay;
  entry.last_day = lastDay;
  return `        ${JSON.stringify(entry)}`;
}

/**
 * Reads the text of a list.
 *
 * @returns its feeds; or, as text, why it is not the list of this ISO and table that {@link seenText} writes
 */
export function parseSeen(text: string, iso: string, table: TableName): SeenFeed[] | string {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  if (!isObject(list)) return "is not a list of what was seen";
  if (list.schema_version !== SCHEMA_VERSION) return "is of another version";
  if (list.iso !== iso || list.table !== table || !Array.isArray(list.feeds))
    return `is not a list of ${SEEN_NAMES[table]} of ${iso}`;
  const feeds: SeenFeed[] = [];
  for (const each of list.feeds as unknown[]) {
    const feed = readFeed(each, table);
    if (feed === null) return "has an entry that is not understood";
    feeds.push(feed);
  }
  return feeds;
}

function readFeed(value: unknown, table: TableName): SeenFeed | null {
  if (!isObject(value) || typeof value.feed !== "string" || typeof value.market !== "string") return null;
  const list = value[SEEN_NAMES[table]];
  if (!Array.isArray(list)) return null;
  const entries = (list as unknown[]).map((each) => readEntry(each, table));
  const { feed, market } = value;
  return entries.includes(null) ? null : { feed, market, entries: entries as SeenEntry[] };
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function readEntry(value: unknown, table: TableName): SeenEntry | null {
  if (!isObject(value)) return null;
  const { first_day: firstDay, last_day: lastDay } = value;
  if (typeof firstDay !== "string" || typeof lastDay !== "string") return null;
  if (!DAY.test(firstDay) || !DAY.test(lastDay)) return null;
  const values: EntityValue[] = [];
  for (const { name, type, required } of TABLES[table].entity) {
    const cell = value[name];
    const fits = cell === null ? !required : typeof cell === (type === "utf8" ? "string" : "number");
    if (!fits) return null;
    values.push(cell as EntityValue);
  }
  return { values, firstDay, lastDay };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
