import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { neededHeaders } from "../../src/feeds/find-header.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { recognisedBy } from "../../src/feeds/recognised-by.js";
import { PRODUCTS } from "../helpers/feeds.js";

/** Feeds of one header, less what is given. */
const like = (feed: string, more: Partial<FeedDefinition> = {}): FeedDefinition => ({
  ...PRODUCTS,
  feed,
  ...more,
});

test("columns are those that a file needs, the rarest first", () => {
  const feeds = loadFeeds();
  for (const [index, { columns }] of recognisedBy(feeds).entries())
    assert.deepEqual(new Set(columns), new Set(neededHeaders(feeds[index]!)));
  const other = like("other", { columns: PRODUCTS.columns.filter(({ to }) => to !== "region") });
  const [first] = recognisedBy([PRODUCTS, other]);
  assert.deepEqual(first!.columns, ["region", "begin", "product", "standard", "price", "mw"]);
});

test("a feed whose header is part of another's may be taken for it", () => {
  const columns = PRODUCTS.columns.filter(({ to }) => to !== "cleared_mw");
  const short = like("short", { columns, fileNames: ["*short*"] });
  const [long, part] = recognisedBy([PRODUCTS, short]);
  assert.deepEqual([long!.sameHeader, part!.sameHeader], [["short"], ["as_hourly"]]);
  assert.deepEqual([long!.fileNames, part!.fileNames], [[], ["*short*"]]);
  const foreign = recognisedBy([PRODUCTS, { ...short, iso: "OTHER" }]);
  assert.deepEqual(foreign[0]!.sameHeader, ["OTHER/short"]);
});

test("text above the header and values tell feeds apart, and leave names nothing to decide", () => {
  const titled = [like("a", { preamble: ["A"], fileNames: ["*a*"] }), like("b", { preamble: ["B"] })];
  for (const by of recognisedBy(titled)) assert.deepEqual([by.sameHeader, by.fileNames], [[], []]);
  const valued = [like("a", { only: { KIND: "A" } }), like("b", { only: { kind: "B" } })];
  assert.deepEqual(
    recognisedBy(valued).map(({ sameHeader, values }) => [sameHeader, values]),
    [
      [[], { KIND: "A" }],
      [[], { kind: "B" }],
    ],
  );
  const shared = [like("a", { preamble: ["A", "C"] }), like("b", { preamble: ["C"] }), like("c")];
  assert.deepEqual(
    recognisedBy(shared).map(({ sameHeader }) => sameHeader.join()),
    ["b,c", "a,c", "a,b"],
  );
});

test("times are named only where they tell a feed from all others of its header", () => {
  const times = (...feeds: FeedDefinition[]) => recognisedBy(feeds).map((by) => by.times);
  const hourly = like("hourly", { intervalMinutes: 60 });
  const quarter = like("quarter", { intervalMinutes: 15 });
  const five = like("five", { intervalMinutes: 5 });
  const onHour = { kind: "on-grid", minutes: 60 };
  assert.deepEqual(times(hourly), [null]);
  assert.deepEqual(times(hourly, five), [onHour, { kind: "off-grid", minutes: 60 }]);
  assert.deepEqual(times(hourly, quarter, five), [onHour, null, { kind: "off-grid", minutes: 60 }]);
  assert.deepEqual(times(hourly, like("again", { intervalMinutes: 60 })), [null, null]);
  const anyTime = like("any", { intervalMinutes: 60, onGrid: false });
  assert.deepEqual(times(hourly, anyTime), [null, { kind: "off-grid", minutes: 60 }]);
});
