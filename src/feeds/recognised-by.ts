import { normaliseHeader } from "../csv/decode-program.js";
import { type FeedDefinition as Definition, feedKey } from "./feed-definition.js";
import { neededHeaders } from "./find-header.js";

/** What of a definition is asked; its clock is not. */
type FeedDefinition = Omit<Definition, "timeZone">;

/** How a file is known to be of a feed, in the order in which it is asked. */
export interface RecognisedBy {
  /** Headers that every file of the feed has, those first that fewest other feeds have. */
  columns: string[];
  /** Texts of which one stands above the header; empty where nothing must. */
  textAbove: string[];
  /** By header: the value that the records have. */
  values: Readonly<Record<string, string>>;
  /** Feeds of which none of the above tells it apart. */
  sameHeader: string[];
  /** How times alone tell it from all of those: theirs are at so many whole minutes and these not, or vice versa. */
  times: { kind: "off-grid" | "on-grid"; minutes: number } | null;
  /** Patterns of file names that tell it from those; empty where there are none to tell it from. */
  fileNames: string[];
}

/** What recognise.ts asks of a file, said of each feed among `feeds`, in their order. */
export function recognisedBy(feeds: readonly FeedDefinition[]): RecognisedBy[] {
  const needed = new Map(feeds.map((feed) => [feed, neededSet(feed)]));
  const known = new Map(feeds.map((feed) => [feed, knownSet(feed)]));
  const spread = new Map<string, number>();
  for (const headers of known.values())
    for (const header of headers) spread.set(header, (spread.get(header) ?? 0) + 1);
  return feeds.map((feed) => {
    const others = feeds.filter(
      (other) =>
        other !== feed &&
        (isSubset(needed.get(other)!, known.get(feed)!) || isSubset(needed.get(feed)!, known.get(other)!)) &&
        !toldApart(feed, other),
    );
    const headers = [...new Map(neededHeaders(feed).map((name) => [normaliseHeader(name), name])).values()];
    const rarity = (name: string): number => spread.get(normaliseHeader(name))!;
    return {
      columns: headers.sort((a, b) => rarity(a) - rarity(b)),
      textAbove: [...feed.preamble],
      values: feed.only,
      sameHeader: others.map((other) => (other.iso === feed.iso ? other.feed : feedKey(other))),
      times: tellingTimes(feed, others),
      fileNames: others.length > 0 ? [...feed.fileNames] : [],
    };
  });
}

function neededSet(feed: FeedDefinition): Set<string> {
  return new Set(neededHeaders(feed).map(normaliseHeader));
}

/** All headers that a file of the feed may have. */
function knownSet(feed: FeedDefinition): Set<string> {
  const { columns, ignored, descriptive } = feed;
  const names = [...neededHeaders(feed), ...columns.map(({ from }) => from), ...ignored, ...descriptive];
  return new Set(names.map(normaliseHeader));
}

function isSubset(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return [...part].every((name) => whole.has(name));
}

/** Whether the text above the header or a value of the records is never the same for both. */
function toldApart(a: FeedDefinition, b: FeedDefinition): boolean {
  const titled = a.preamble.length > 0 && b.preamble.length > 0;
  if (titled && !a.preamble.some((title) => b.preamble.includes(title))) return true;
  return Object.entries(a.only).some(([header, value]) =>
    Object.entries(b.only).some(
      ([other, its]) => normaliseHeader(other) === normaliseHeader(header) && its !== value,
    ),
  );
}

function tellingTimes(feed: FeedDefinition, others: readonly FeedDefinition[]): RecognisedBy["times"] {
  if (others.length === 0) return null;
  const minutes = others.map(({ intervalMinutes }) => intervalMinutes);
  const isFiner = (other: FeedDefinition) => !feed.onGrid || feed.intervalMinutes < other.intervalMinutes;
  if (others.every((other) => other.onGrid && isFiner(other)))
    return { kind: "off-grid", minutes: Math.max(...minutes) };
  const isCoarsest = feed.onGrid && minutes.every((each) => each < feed.intervalMinutes);
  return isCoarsest ? { kind: "on-grid", minutes: feed.intervalMinutes } : null;
}
