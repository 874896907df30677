import assert from "node:assert/strict";
import { test } from "node:test";
import { GridparquetError } from "../../src/errors.js";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { feedKey } from "../../src/feeds/feed-definition.js";
import { loadFeeds, parseFeeds } from "../../src/feeds/load-feeds.js";
import type { MarketIso } from "../../src/feeds/shared-feeds.js";
import { folder, put } from "../helpers/folder.js";

/* Feeds that several ISOs have in common. */

const EAST: MarketIso = {
  iso: "EAST",
  title: "Eastern",
  time_zone: "America/New_York",
  also_called: ["E-ISO"],
};
const WEST: MarketIso = { iso: "WEST", title: "Western", time_zone: "America/Denver", also_called: [] };

const SHARED = `isos: any
title: Exports of a tool
vocabularies:
  kinds: { H: HUB }
feeds:
  tool_da:
    title: Day-ahead prices
    table: energy
    market: DA
    interval_minutes: 60
    confirmed: false
    only: { Market: DA }
    columns:
      interval_start_utc: { from: Begin, timestamp: ["YYYY-MM-DD HH:mm:ss±HH:mm"] }
      location: { from: Place }
      location_type: { from: Kind, vocabulary: kinds, optional: true }
      lmp_total: { from: Price }
      lmp_loss: { from: Loss, optional: true }
    for_iso:
      WEST: { on_grid: false, descriptive: [Note] }
  tool_rt:
    title: Real-time prices
    table: energy
    market: RT
    interval_minutes: 5
    confirmed: false
    isos: [WEST]
    columns:
      interval_start_utc: { from: Begin, timestamp: ["YYYY-MM-DD HH:mm:ss±HH:mm"] }
      location: { from: Place }
      lmp_total: { from: Price }
`;

const find = (feeds: readonly FeedDefinition[], key: string): FeedDefinition => {
  const found = feeds.filter((feed) => feedKey(feed) === key);
  assert.equal(found.length, 1, key);
  return found[0]!;
};

function mistakes(text: string): string[] {
  try {
    parseFeeds(text, "own.yaml", [EAST, WEST]);
  } catch (error) {
    assert.ok(error instanceof GridparquetError && error.code === "bad-config", String(error));
    return error.message.split("\n").slice(1);
  }
  assert.fail("the definition was taken");
}

test("each ISO has a feed of its own, with its clock and what is different there", () => {
  const feeds = parseFeeds(SHARED, "own.yaml", [EAST, WEST]);
  assert.deepEqual(feeds.map(feedKey).sort(), ["EAST/tool_da", "WEST/tool_da", "WEST/tool_rt"]);
  const east = find(feeds, "EAST/tool_da");
  assert.deepEqual(east.isoNames, ["EAST", "E-ISO"]);
  const { onGrid, timeZone, descriptive } = east;
  assert.deepEqual([onGrid, timeZone, descriptive], [true, "America/New_York", []]);
  const west = find(feeds, "WEST/tool_da");
  assert.deepEqual([west.onGrid, west.timeZone, west.descriptive], [false, "America/Denver", ["Note"]]);
  assert.deepEqual([west.columns, west.only, west.intervalMinutes], [east.columns, { Market: "DA" }, 60]);
});

test("a mistake is said once for all ISOs, with its line", () => {
  const line = (part: string) => SHARED.split("\n").findIndex((each) => each.includes(part)) + 1;
  assert.deepEqual(mistakes(SHARED.replace("vocabulary: kinds", "vocabulary: sorts")), [
    `own.yaml:${line("vocabulary: kinds")}: feeds.tool_da.columns.location_type names the vocabulary sorts, which the file does not have`,
  ]);
  const [unknown] = mistakes(SHARED.replace("[WEST]", "[NORTH]"));
  assert.match(unknown!, /feeds\.tool_rt names NORTH, an ISO without a definition of its own/);
  assert.match(mistakes(SHARED.replace("WEST: {", "NORTH: {"))[0]!, /feeds\.tool_da names NORTH/);
  assert.match(mistakes(SHARED.replace("isos: any", "isos: all"))[0]!, /isos: must be "any" or a list/);
  assert.match(mistakes(SHARED.replace("on_grid: false", "on_gird: false"))[0]!, /for_iso\.WEST\.on_gird/);
});

test("a measure may be lacking where null may stand for it and nothing is worked out from it", () => {
  const needed = (text: string) =>
    assert.match(mistakes(text).join("\n"), /is needed and cannot be optional/);
  needed(SHARED.replace("lmp_total: { from: Price }", "lmp_total: { from: Price, optional: true }"));
  needed(SHARED.replace("location: { from: Place }", "location: { from: Place, optional: true }"));
  needed(SHARED.replace("    for_iso:", "    remainders: [lmp_energy]\n    for_iso:"));
});

test("a market of one's own has the shared feeds, too, and its own one of the name goes before", (t) => {
  const root = folder(t);
  const own = SHARED.slice(SHARED.indexOf("  tool_rt:")).replace("    isos: [WEST]\n", "");
  put(root, "market.yaml", `iso: NORTH\ntitle: Northern\ntime_zone: America/Winnipeg\nfeeds:\n${own}`);
  put(root, "tool.yaml", SHARED.replaceAll("WEST", "NORTH"));
  const feeds = loadFeeds(root);
  assert.equal(find(feeds, "NORTH/gridstatus_da_hourly").timeZone, "America/Winnipeg");
  assert.deepEqual(find(feeds, "NORTH/tool_rt").isoNames, [], "its own feed");
  assert.equal(find(feeds, "NORTH/tool_da").onGrid, false);
  assert.equal(find(feeds, "PJM/tool_da").timeZone, "America/New_York");
  const first = feeds.findIndex(({ iso }) => iso === "NORTH");
  assert.equal(feedKey(feeds[first]!), "NORTH/tool_rt", "its own feeds come first");
});
