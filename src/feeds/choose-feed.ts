import { basename } from "node:path";
import { columnPlace } from "../csv/decode-program.js";
import { trimCell } from "../csv/field-values.js";
import { type FeedDefinition, feedName } from "./feed-definition.js";

/* Which feed a file is of where several have its header. */

/**
 * Of several feeds with one header those whose records, by the value that they must have, are in the sample; or why
 * there is none.
 */
export function narrowByValue(
  fitting: FeedDefinition[],
  header: readonly string[],
  records: readonly Buffer[],
): FeedDefinition[] | string {
  if (fitting.length < 2 || fitting.every(({ only }) => Object.keys(only).length === 0)) return fitting;
  const cells = records
    .flatMap((part) => part.toString("latin1").split("\n"))
    .map((line) => line.split(",").map((cell) => trimCell(cell).replace(/^"|"$/g, "")));
  const present = fitting.filter(({ only }) =>
    Object.entries(only).every(([name, value]) => {
      const position = columnPlace(header, name);
      return cells.some((record) => record[position] === value);
    }),
  );
  if (present.length > 0) return present;
  const names = [...new Set(fitting.map(feedName))].join(" and ");
  const columns = [...new Set(fitting.flatMap(({ only }) => Object.keys(only)))].join(" and ");
  return `has the header of ${names}, and a value in ${columns} that none of them has`;
}

/**
 * Feeds by the value that their records must have: a file with records of several values is of several feeds.
 *
 * Feeds that do not ask for the same columns could take the same records; they stay together.
 */
export function groupByValue(feeds: readonly FeedDefinition[]): FeedDefinition[][] {
  if (new Set(feeds.map(({ only }) => Object.keys(only).sort().join())).size > 1) return [[...feeds]];
  const groups = new Map<string, FeedDefinition[]>();
  for (const feed of feeds) {
    const value = JSON.stringify(feed.only);
    groups.set(value, [...(groups.get(value) ?? []), feed]);
  }
  return [...groups.values()];
}

/**
 * The feed among those with the file's header: times off a feed's grid rule it out; the file's name decides between
 * the rest; without a telling name, the feed with the longest interval of which two or more are seen; and where
 * nothing tells, the one that the user asked for.
 *
 * @param starts intervals of the records in the sample, as epoch milliseconds; no more of them are asked for than needed
 * @param chosen names of feeds that the user asked for
 */
export function chooseFeed(
  path: string,
  fitting: readonly FeedDefinition[],
  starts: Iterable<number>,
  chosen: ReadonlySet<string>,
): FeedDefinition | null {
  const wanted = fitting.filter((feed) => chosen.has(feed.feed));
  return chooseByFile(path, fitting, starts) ?? (wanted.length === 1 ? wanted[0]! : null);
}

function chooseByFile(
  path: string,
  fitting: readonly FeedDefinition[],
  starts: Iterable<number>,
): FeedDefinition | null {
  let onGrid = fitting;
  let first: number | null = null;
  let areSeveral = false;
  for (const start of starts) {
    // Times can tell no more: neither a feed from another, nor whether there are several.
    if (onGrid.length === 1 || (areSeveral && new Set(onGrid.map(gridOf)).size === 1)) break;
    if (first === null) first = start;
    else if (start !== first) areSeveral = true;
    const fits = onGrid.filter((feed) => start % gridOf(feed) === 0);
    // A stamp that no feed can have tells nothing: its record will be rejected.
    if (fits.length > 0) onGrid = fits;
  }
  if (onGrid.length === 1) return onGrid[0]!;
  const name = basename(path).toLowerCase();
  const named = namedFeeds(name, onGrid);
  if (named.length === 1) return named[0]!;
  if (!areSeveral) return null;
  const longest = Math.max(...onGrid.map(({ intervalMinutes }) => intervalMinutes));
  const coarse = onGrid.filter(({ intervalMinutes }) => intervalMinutes === longest);
  return coarse.length === 1 ? coarse[0]! : null;
}

/** Milliseconds that the starts of a feed's intervals are whole multiples of. */
function gridOf({ onGrid, intervalMinutes }: FeedDefinition): number {
  return onGrid ? intervalMinutes * 60_000 : 1;
}

/** The feeds one of whose patterns the name fits; of several those with the longest, which says the most. */
function namedFeeds(name: string, feeds: readonly FeedDefinition[]): FeedDefinition[] {
  const lengths = feeds.map(({ fileNames }) =>
    Math.max(
      0,
      ...fileNames.map((pattern) => (fitsPattern(name, pattern.toLowerCase()) ? pattern.length : 0)),
    ),
  );
  const longest = Math.max(...lengths);
  return feeds.filter((_, index) => longest > 0 && lengths[index] === longest);
}

/** Whether a name is the pattern's parts in their order; in one pass, as the names in archives can be long. */
function fitsPattern(name: string, pattern: string): boolean {
  const parts = pattern.split("*");
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (parts.length === 1) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
