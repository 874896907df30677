import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";

/** A built-in feed. */
export function builtIn(iso: string, name: string): FeedDefinition {
  const found = loadFeeds().find((feed) => feed.iso === iso && feed.feed === name);
  if (found === undefined) throw new Error(`there is no feed ${iso}/${name}`);
  return found;
}

export const DA_HOURLY = builtIn("PJM", "da_hourly");

/** A feed without columns; tests give it what they ask about. */
export const BARE: FeedDefinition = {
  iso: "TEST",
  feed: "bare",
  title: "A feed",
  table: "energy",
  market: "DA",
  timeZone: "America/New_York",
  intervalMinutes: 60,
  confirmed: true,
  onGrid: true,
  repeatedHour: "marked",
  shortDayByEnd: false,
  recordTypes: null,
  products: [],
  components: null,
  hours: null,
  dateAbove: [],
  only: {},
  preamble: [],
  constants: {},
  remainders: [],
  fileNames: [],
  with: [],
  without: [],
  columns: [],
  isoNames: [],
  ignored: [],
  descriptive: [],
};

/** A feed of products whose describing columns need not lie side by side. */
export const PRODUCTS: FeedDefinition = {
  ...BARE,
  feed: "as_hourly",
  title: "Ancillary services",
  table: "ancillary",
  timeZone: "America/Chicago",
  intervalMinutes: 15,
  confirmed: false,
  columns: [
    {
      to: "interval_start_utc",
      from: "begin",
      reading: { kind: "timestamp", clock: "utc", edge: "start", forms: ["YYYY-MM-DDTHH:mm:ss"] },
    },
    { to: "product", from: "product", reading: { kind: "text" } },
    {
      to: "product_standard",
      from: "standard",
      reading: { kind: "text", map: { RU: "REG_UP", RD: "REG_DOWN", SR: "SPIN" } },
    },
    { to: "region", from: "region", reading: { kind: "text" } },
    { to: "price", from: "price", reading: { kind: "decimal" } },
    { to: "cleared_mw", from: "mw", reading: { kind: "decimal" } },
  ],
  descriptive: ["note"],
};
