import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseFeed } from "../../src/feeds/choose-feed.js";
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
