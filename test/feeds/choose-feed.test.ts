import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseFeed } from "../../src/feeds/choose-feed.js";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { BARE } from "../helpers/feeds.js";

const NONE = new Set<string>();

/** Whether a name fits a pattern: it tells the feed that has it from one that has none. */
function fits(name: string, pattern: string): boolean {
  const feeds = [
    { ...BARE, feed: "named", fileNames: [pattern] },
    { ...BARE, feed: "other" },
  ];
  return chooseFeed(`folder/${name}`, feeds, [], NONE)?.feed === "named";
}

test("a pattern's stars stand for anything, also for nothing, and its other characters for themselves", () => {
  const cases: [string, string, boolean][] = [
    ["prices.csv", "prices.csv", true],
    ["prices.csv", "price", false],
    ["Prices.CSV", "*PRICES*", true],
    ["ab.csv", "*ab*", true],
    ["ab", "*ab*", true],
    ["ab", "ab*", true],
    ["ab", "*ab", true],
    ["aba", "ab*ba", false],
    ["abba", "ab*ba", true],
    ["a-b-c", "a*b*c", true],
    ["a-c-b", "a*b*c", false],
    ["abab", "*ab*ab*", true],
    ["ab", "*ab*ab*", false],
    ["axb", "a.b", false],
    ["a(b", "a(*", true],
    ["anything", "*", true],
    ["anything", "***", true],
  ];
  for (const [name, pattern, fit] of cases) assert.equal(fits(name, pattern), fit, `${name} ${pattern}`);
});

test("a very long name is looked at once for each part of a pattern", () => {
  const name = "ab".repeat(500_000);
  assert.equal(fits(name, `${"*a*b".repeat(50)}*`), true);
  assert.equal(fits(name, `${"*a*b".repeat(50)}*x`), false);
  assert.equal(fits(name, `${"*a*b".repeat(50)}*x*`), false);
});

const MINUTE_MS = 60_000;
const HOURLY: FeedDefinition = { ...BARE, feed: "hourly", onGrid: true, intervalMinutes: 60, fileNames: [] };
const FIVE: FeedDefinition = { ...HOURLY, feed: "five", intervalMinutes: 5, fileNames: [] };
const OTHER_FIVE: FeedDefinition = { ...FIVE, feed: "other_five" };

/** What is chosen by times alone, in minutes, and how many of them were asked for. */
function chosenByTimes(feeds: FeedDefinition[], minutes: number[]): [string | undefined, number] {
  let asked = 0;
  function* starts(): Generator<number> {
    for (const minute of minutes) {
      asked++;
      yield minute * MINUTE_MS;
    }
  }
  return [chooseFeed("folder/name.csv", feeds, starts(), NONE)?.feed, asked];
}

test("times are read until they tell the feed", () => {
  assert.deepEqual(chosenByTimes([HOURLY, FIVE], [0, 5, 10, 15, 20]), ["five", 3]);
  assert.deepEqual(chosenByTimes([HOURLY, FIVE], [0, 60, 120]), ["hourly", 3], "none of them rules it out");
  assert.deepEqual(chosenByTimes([HOURLY, FIVE], [0, 0, 0]), [undefined, 3], "one time alone tells nothing");
  assert.deepEqual(chosenByTimes([FIVE, OTHER_FIVE], [0, 0, 5, 10, 15]), [undefined, 4], "no time ever will");
});

test("a time that no feed can have tells nothing, wherever it stands", () => {
  for (const minutes of [
    [3, 0, 5],
    [0, 3, 5],
    [0, 5, 3],
  ])
    assert.equal(chosenByTimes([HOURLY, FIVE], minutes)[0], "five");
  assert.equal(chosenByTimes([HOURLY, FIVE], [0, 3, 60])[0], "hourly");
});
