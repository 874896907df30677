import { EXIT } from "../../errors.js";
import type { FeedDefinition } from "../../feeds/feed-definition.js";
import { recognisedBy } from "../../feeds/recognised-by.js";
import { feedsText, type ListedFeed, listedFeeds } from "../feeds-text.js";
import { printableJson } from "../printable.js";
import type { Resolved } from "../resolve-options.js";
import type { Streams } from "../streams.js";

/** `gridparquet feeds`: prints what is recognised; as JSON the definitions, each with how it is recognised. */
export function feedsCommand(
  { options, view }: Resolved<{ feeds: FeedDefinition[] }>,
  streams: Streams,
): number {
  const feeds = listedFeeds(options.feeds);
  streams.stdout.write(view.json ? feedsJson(feeds) : feedsText(feeds));
  return EXIT.complete;
}

function feedsJson(feeds: readonly ListedFeed[]): string {
  const recognised = recognisedBy(feeds);
  const described = feeds.map((feed, i) => ({ ...feed, recognisedBy: recognised[i]! }));
  return `${printableJson(described)}\n`;
}
