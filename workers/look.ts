import { feedDefinitions } from "../src/feeds/built-in-feeds.js";
import { type FeedDefinition, feedKey } from "../src/feeds/feed-definition.js";
import { EventTurns } from "../src/plan/event-turns.js";
import { lookInto } from "../src/plan/look-into.js";
import type { LookResult, LookTask } from "../src/run/protocol.js";

const definitions = new Map<string, Promise<FeedDefinition[]>>();

/** Pool task: says what files are, of which feed or why of none. */
export default async function look({ files, configDir, feeds, iso }: LookTask): Promise<LookResult[][]> {
  const key = configDir ?? "";
  const known = definitions.get(key) ?? feedDefinitions(configDir ?? undefined);
  definitions.set(key, known);
  const turns = new EventTurns();
  const results: LookResult[][] = [];
  for (const file of files) {
    const looks = await lookInto(file, await known, { feeds: new Set(feeds), iso }, turns);
    results.push(
      looks.map((each) =>
        "feed" in each ? { ...each, feed: feedKey(each.feed), alsoOf: each.alsoOf.map(feedKey) } : each,
      ),
    );
  }
  return results;
}
