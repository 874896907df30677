import type { FeedDefinition } from "../feeds/feed-definition.js";
import { type RecognisedBy, recognisedBy } from "../feeds/recognised-by.js";
import { printable } from "./printable.js";
import { textTable, wrap } from "./text-table.js";
import { counted } from "./units.js";

const INDENT = "       ";
/** So many of a feed's columns, and of the feeds that share them, are named. */
const NAMED = 2;

/** A feed as it is listed; `timeZone` is null where each ISO has its own. */
export type ListedFeed = Omit<FeedDefinition, "timeZone"> & { timeZone: string | null };

/**
 * The feeds with those that several ISOs have in common once each, at the end; their ISO is called `any` when all
 * ISOs have it.
 */
export function listedFeeds(feeds: readonly FeedDefinition[]): ListedFeed[] {
  const all = new Set(feeds.map(({ iso }) => iso)).size;
  const shared = new Map<string, FeedDefinition[]>();
  for (const feed of feeds) {
    if (feed.isoNames.length === 0) continue;
    shared.set(feed.feed, [...(shared.get(feed.feed) ?? []), feed]);
  }
  const once = [...shared.values()].map((alike): ListedFeed => {
    const [first] = alike as [FeedDefinition];
    if (alike.length === 1) return first;
    const iso = alike.length === all ? "any" : alike.map((feed) => feed.iso).join("/");
    const isoNames = alike.flatMap((feed) => feed.isoNames);
    const confirmed = alike.some((feed) => feed.confirmed);
    return { ...first, iso, timeZone: null, confirmed, isoNames };
  });
  return [...feeds.filter(({ isoNames }) => isoNames.length === 0), ...once];
}

/**
 * The feeds as a table; below each its title and its clock, which a line of 80 characters has no room for, and how a
 * file of it is recognised.
 */
export function feedsText(feeds: readonly ListedFeed[]): string {
  const [header, ...rows] = textTable(
    [
      { title: "ISO" },
      { title: "feed" },
      { title: "table" },
      { title: "market" },
      { title: "interval", align: "right" },
      { title: "confirmed" },
    ],
    feeds.map((feed) => [
      feed.iso,
      printable(feed.feed),
      feed.table,
      feed.market,
      `${feed.intervalMinutes} min`,
      feed.confirmed ? "yes" : "no",
    ]),
  );
  const recognised = recognisedBy(feeds);
  const lines = rows.flatMap((row, i) => {
    const feed = feeds[i]!;
    return [
      row,
      ...wrap(`${printable(feed.title)}; clock ${feed.timeZone ?? "of the ISO"}`, INDENT),
      ...wrap(`recognised by ${recognitionText(recognised[i]!)}`, INDENT),
    ];
  });
  const unconfirmed = feeds.some((feed) => !feed.confirmed);
  const note = unconfirmed
    ? ["", ...wrap("confirmed: no means that the definition was made without a real file at hand.")]
    : [];
  return `${[header!, ...lines, ...note].join("\n")}\n`;
}

/** `columns a, b and 7 more; MARKET_RUN_ID is DAM`: how a file is recognised, in words. */
export function recognitionText({
  columns,
  textAbove,
  values,
  sameHeader,
  times,
  fileNames,
}: RecognisedBy): string {
  const named = columns.slice(0, NAMED).map(printable);
  const more = columns.length - named.length;
  const noun = columns.length === 1 ? "column" : "columns";
  const parts = [`${noun} ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`];
  if (textAbove.length > 0) parts.push(`above them "${textAbove.map(printable).join('" or "')}"`);
  for (const [name, value] of Object.entries(values)) parts.push(`${printable(name)} is ${printable(value)}`);
  if (sameHeader.length > 0) {
    const others =
      sameHeader.length > NAMED
        ? counted(sameHeader.length, "other feed")
        : sameHeader.map(printable).join(" and ");
    const ways = times === null ? [] : [timesText(times)];
    if (fileNames.length > 0) ways.push(`a file name like ${fileNames.map(printable).join(" or ")}`);
    parts.push(`told from ${others} by ${ways.length === 0 ? "--feed" : ways.join(" or ")}`);
  }
  return parts.join("; ");
}

function timesText({ kind, minutes }: NonNullable<RecognisedBy["times"]>): string {
  const grid = minutes === 60 ? "the hour" : `the ${minutes} minutes`;
  return kind === "off-grid" ? `times off ${grid}` : `times on ${grid}`;
}
