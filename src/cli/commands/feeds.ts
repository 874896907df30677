import { EXIT } from "../../errors.js";
import type { FeedDefinition } from "../../feeds/feed-definition.js";
import { feedsText } from "../feeds-text.js";
import type { Resolved } from "../resolve-options.js";
import type { Streams } from "../streams.js";

/** `gridparquet feeds`: prints what is recognised. */
export function feedsCommand(
  { options, view }: Resolved<{ feeds: FeedDefinition[] }>,
  streams: Streams,
): number {
  streams.stdout.write(view.json ? `${JSON.stringify(options.feeds, null, 2)}\n` : feedsText(options.feeds));
  return EXIT.complete;
}
