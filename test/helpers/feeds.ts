import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";

/** A built-in feed. */
export function builtIn(iso: string, name: string): FeedDefinition {
  const found = loadFeeds().find((feed) => feed.iso === iso && feed.feed === name);
  if (found === undefined) throw new Error(`there is no feed ${iso}/${name}`);
  return found;
}

export const DA_HOURLY = builtIn("PJM", "da_hourly");

/** A feed of products whose describing columns need not lie side by side. */
export const PRODUCTS: FeedDefinition = {
  iso: "TEST",
  feed: "as_hourly",
  title: "Ancillary services",
  table: "ancillary",
  market: "DA",
  timeZone: "America/Chicago",
  intervalMinutes: 15,
  confirmed: false,
  onGrid: true,
  repeatedHour: "marked",
  shortDayByEnd: false,
  recordTypes: null,
  products: [],
  components: null,
  only: {},
  preamble: [],
  constants: {},
  remainders: [],
  fileNames: [],
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
  ignored: [],
  descriptive: ["note"],
};
