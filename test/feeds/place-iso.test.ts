import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { feedKey } from "../../src/feeds/feed-definition.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { placeByName } from "../../src/feeds/place-iso.js";
import { type RecognisedFile, recogniseFile } from "../../src/feeds/recognise.js";
import { folder, put } from "../helpers/folder.js";

/* Files that do not say which ISO they are of: exports of the library gridstatus. */

const FEEDS = loadFeeds();
const HEADER = "Time,Interval Start,Interval End,Market,Location,Location Type,LMP,Energy,Congestion,Loss";

function record(hour: string, market: string): string {
  const start = `2024-01-01 ${hour}:00-05:00`;
  return `${start},${start},2024-01-01 ${hour}:59-05:00,${market},MADE UP,Zone,25.5,24.5,0.0,1.0`;
}

const export_ = (...markets: string[]): string =>
  `${[HEADER, ...markets.map((market, index) => record(`0${index % 10}:00`, market))].join("\n")}\n`;
const DAY_AHEAD = export_("DAY_AHEAD_HOURLY", "DAY_AHEAD_HOURLY");

type Answer = Awaited<ReturnType<typeof recogniseFile>>;

async function recognise(
  t: TestContext,
  name: string,
  iso: string | null = null,
  content = DAY_AHEAD,
): Promise<Answer> {
  const path = put(folder(t), name, content);
  const entry = { path, entry: [], bytes: statSync(path).size, locations: [], gzip: false };
  return recogniseFile(entry, FEEDS, new Set(), iso);
}

async function fileOf(...args: Parameters<typeof recognise>): Promise<RecognisedFile> {
  const answer = await recognise(...args);
  assert.ok("feed" in answer, "reason" in answer ? answer.reason : "");
  return answer;
}

async function reasonOf(failed: boolean, ...args: Parameters<typeof recognise>): Promise<string> {
  const answer = await recognise(...args);
  assert.ok("reason" in answer, "the file was recognised");
  assert.equal(answer.failed, failed);
  return answer.reason;
}

test("the ISO comes from the file's or a folder's name, as a whole word in any case", async (t) => {
  for (const [name, iso] of [
    ["nyiso/da.csv", "NYISO"],
    ["lmp_NYISO_2024.csv", "NYISO"],
    ["exports/Spp lmps/2024/01/day.csv", "SPP"],
    ["miso2024.csv", "MISO"],
    ["ISONE.csv", "ISONE"],
    ["ISO-NE/da.csv", "ISONE"],
    ["iso_ne-da.csv", "ISONE"],
    ["ercot/da.csv", "ERCOT"],
    ["caiso/da.csv", "CAISO"],
    ["pjm.d/caiso.csv", "CAISO"],
    ["pjm and miso/nyiso/da.csv", "NYISO"],
    ["nyiso/sppx-epjm-comiso.csv", "NYISO"],
  ] as const) {
    const { feed } = await fileOf(t, name);
    assert.equal(feedKey(feed), `${iso}/gridstatus_da_hourly`, name);
  }
});

test("the names inside of an archive come before those of its folders", () => {
  const fitting = FEEDS.filter(({ feed }) => feed === "gridstatus_rt_5min");
  const isos = (path: string) => {
    const placed = placeByName(path, fitting, FEEDS, null);
    return typeof placed === "string" ? placed : placed.map(({ iso }) => iso);
  };
  assert.deepEqual(isos("/data/pjm/archive.zip/spp/rt.csv"), ["SPP"]);
  assert.deepEqual(isos("/data/pjm/archive.zip/rt.csv"), ["PJM"]);
});

test("without a name that tells it the one ISO that was asked for decides", async (t) => {
  assert.equal(feedKey((await fileOf(t, "da.csv", "SPP")).feed), "SPP/gridstatus_da_hourly");
  assert.equal(feedKey((await fileOf(t, "spp-and-miso.csv", "SPP")).feed), "SPP/gridstatus_da_hourly");
  assert.equal((await fileOf(t, "nyiso/da.csv", "SPP")).feed.iso, "NYISO", "the name goes before");
});

test("a file that cannot be placed has failed, and the reason says what to do", async (t) => {
  const none = await reasonOf(true, t, "da.csv");
  assert.match(none, /the header of gridstatus_da_hourly, which does not tell the ISO/);
  assert.match(none, /name it \(CAISO, ERCOT, ISONE, MISO, NYISO, SPP\) in the file's or a folder's name/);
  assert.match(none, /or choose it with --iso/);
  const two = await reasonOf(true, t, "nyiso/spp_miso.csv");
  assert.match(two, /"spp_miso\.csv" in its path names MISO and SPP: name one ISO only, or choose one with/);
  assert.match(await reasonOf(true, t, "spp_miso.csv", "PJM"), /names MISO and SPP/);
  assert.match(await reasonOf(true, t, "pjm/da.csv"), /names PJM, whose files have other columns/);
});

test("where one ISO alone has a column or a market no name is needed", async (t) => {
  const points = export_("DAY_AHEAD_HOURLY").replace("LMP", "SPP");
  assert.equal(feedKey((await fileOf(t, "spp.csv", null, points)).feed), "ERCOT/gridstatus_da_spp");
  const weis = export_("REAL_TIME_WEIS");
  assert.equal(feedKey((await fileOf(t, "rt.csv", null, weis)).feed), "SPP/gridstatus_rt_weis_5min");
  const pnodes = DAY_AHEAD.replace("Location,", "Location Name,").replace("Time,", "Location Id,");
  assert.equal(feedKey((await fileOf(t, "da.csv", null, pnodes)).feed), "PJM/gridstatus_da_hourly");
});

test("the market tells the feed; one that no feed has is named", async (t) => {
  for (const [market, feed] of [
    ["REAL_TIME_5_MIN", "gridstatus_rt_5min"],
    ["REAL_TIME_15_MIN", "gridstatus_rt_15min"],
    ["REAL_TIME_HOURLY", "gridstatus_rt_hourly"],
    ["REAL_TIME_HOURLY_FINAL", "gridstatus_rt_hourly_final"],
  ] as const) {
    const file = await fileOf(t, "miso/x.csv", null, export_(market, market));
    assert.deepEqual([file.feed.feed, file.alsoOf], [feed, []]);
  }
  const reason = await reasonOf(false, t, "miso/x.csv", null, export_("TOMORROW"));
  assert.match(reason, /and a value in Market that none of them has$/);
});

test("a file with records of several markets is of each of their feeds, wherever they stand in it", async (t) => {
  const many = Array<string>(400).fill("DAY_AHEAD_HOURLY");
  const mixed = export_(...many, "REAL_TIME_HOURLY", "REAL_TIME_5_MIN");
  const { feed, alsoOf } = await fileOf(t, "miso/x.csv", null, mixed);
  assert.equal(feed.feed, "gridstatus_da_hourly");
  assert.deepEqual(alsoOf.map(feedKey), ["MISO/gridstatus_rt_hourly", "MISO/gridstatus_rt_5min"]);
});
