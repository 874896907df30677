import { readFile } from "node:fs/promises";
import { TABLES, type TableName } from "../arrow/tables.js";
import type { OutputFile } from "../run/options.js";
import { seenPath } from "../write/publish-seen.js";
import { parseSeen, type SeenEntry } from "../write/seen-list.js";

/** A feed's year files, and whose prices are read from them. */
export interface PricesOfFeed {
  iso: string;
  market: string;
  feed: string;
  table: TableName;
  /** The newest year first. */
  files: readonly OutputFile[];
  chosen: readonly ChosenEntity[];
}

/** Rows are its own where the table's name columns hold these values. */
export interface ChosenEntity {
  /** Values of {@link nameColumns}. */
  values: readonly (string | null)[];
  kind: string;
}

/** The columns that tell the chosen entities of a table apart. */
export function nameColumns(table: TableName): readonly string[] {
  return table === "energy" ? ["location"] : ["product", "region"];
}

const KIND_COLUMN: Readonly<Record<TableName, string>> = {
  energy: "location_type",
  ancillary: "product_standard",
};

/** What people look at first. */
const KINDS = ["HUB", "ZONE", "INTERFACE", "AGGREGATE", "LOAD"];

/**
 * Chooses locations and products whose prices are shown: hubs and zones first, then those that are there for the
 * longest time. Names that stand for several locations of a feed are left out.
 *
 * @param perFeed how many at most
 * @returns a feed for each that has year files among `outputs` and is in the lists of what was seen
 */
export async function choosePrices(
  out: string,
  outputs: readonly OutputFile[],
  perFeed: number,
): Promise<PricesOfFeed[]> {
  const feeds = new Map<string, OutputFile[]>();
  for (const output of outputs) {
    const key = `${output.iso}/${output.table}/${output.feed}`;
    feeds.set(key, [...(feeds.get(key) ?? []), output]);
  }
  const prices: PricesOfFeed[] = [];
  for (const files of feeds.values()) {
    const { iso, market, feed, table } = files[0]!;
    const entries = await seenEntries(out, iso, table, feed);
    prices.push({
      ...{ iso, market, feed, table },
      files: files.sort((a, b) => b.year - a.year),
      chosen: chooseEntities(table, entries).slice(0, perFeed),
    });
  }
  // Energy first: it is what most people look for.
  const tableRank = (a: PricesOfFeed): number => (a.table === "energy" ? 0 : 1);
  return prices.filter(({ chosen }) => chosen.length > 0).sort((a, b) => tableRank(a) - tableRank(b));
}

/** A list that cannot be read gives no prices: the pictures are not worth a failure. */
async function seenEntries(out: string, iso: string, table: TableName, feed: string): Promise<SeenEntry[]> {
  const text = await readFile(seenPath(out, iso, table), "utf8").catch(() => "");
  const feeds = parseSeen(text, iso, table);
  return typeof feeds === "string" ? [] : (feeds.find((each) => each.feed === feed)?.entries ?? []);
}

function chooseEntities(table: TableName, entries: readonly SeenEntry[]): ChosenEntity[] {
  const columns = TABLES[table].entity.map(({ name }) => name);
  const at = (name: string): number => columns.indexOf(name);
  const names = nameColumns(table).map(at);
  const byName = new Map<string, SeenEntry[]>();
  for (const entry of entries) {
    const key = JSON.stringify(names.map((column) => entry.values[column]));
    byName.set(key, [...(byName.get(key) ?? []), entry]);
  }
  const kindOf = ({ values }: SeenEntry): string => String(values[at(KIND_COLUMN[table])] ?? "");
  const rank = (entry: SeenEntry): number =>
    (KINDS.indexOf(kindOf(entry)) + KINDS.length + 1) % (KINDS.length + 1);
  return [...byName.values()]
    .flatMap((same) => (same.length === 1 ? same : []))
    .sort((a, b) => rank(a) - rank(b) || compare(b.lastDay, a.lastDay) || compare(a.firstDay, b.firstDay))
    .map((entry) => ({
      values: names.map((column) => entry.values[column] as string | null),
      kind: kindOf(entry),
    }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
