import { feedDefinitions } from "../src/feeds/built-in-feeds.js";
import { type FeedDefinition, feedKey } from "../src/feeds/feed-definition.js";
import { EventTurns } from "../src/plan/event-turns.js";
import { lookInto } from "../src/plan/look-into.js";
import type { LookResult, LookTask } from "../src/run/protocol.js";

/** A thread is of one run, which has one folder of own definitions. */
let definitions: Promise<FeedDefinition[]> | null = null;

/** Pool task: says what files are, of which feed or why of none. */
export default async function look({ files, configDir, feeds, iso }: LookTask): Promise<LookResult[][]> {
  definitions ??= feedDefinitions(configDir);
  const known = await definitions;
  const wanted = { feeds: new Set(feeds), iso };
  const turns = new EventTurns();
  const results: LookResult[][] = [];
  for (const file of files) {
    const looks = await lookInto(file, known, wanted, turns);
    results.push(
      looks.map((each) =>
        "feed" in each ? { ...each, feed: feedKey(each.feed), alsoOf: each.alsoOf.map(feedKey) } : each,
      ),
    );
  }
  return results;
}
