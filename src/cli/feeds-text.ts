import type { FeedDefinition } from "../feeds/feed-definition.js";
import { printable } from "./printable.js";
import { textTable, wrap } from "./text-table.js";

/** The feeds as a table; below each its title and its clock, which a line of 80 characters has no room for. */
export function feedsText(feeds: readonly FeedDefinition[]): string {
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
  const lines = rows.flatMap((row, i) => {
    const feed = feeds[i]!;
    return [row, ...wrap(`${printable(feed.title)}; clock ${feed.timeZone}`, "       ", "       ")];
  });
  const unconfirmed = feeds.some((feed) => !feed.confirmed);
  const note = unconfirmed
    ? ["", ...wrap("confirmed: no means that the definition was made without a real file at hand.")]
    : [];
  return `${[header!, ...lines, ...note].join("\n")}\n`;
}
