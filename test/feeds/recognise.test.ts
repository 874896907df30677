import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ContainerEntry } from "../../src/containers/container-entry.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { type RecognisedFile, recogniseFile } from "../../src/feeds/recognise.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { folder, put } from "../helpers/folder.js";
import { Random } from "../helpers/random.js";

const FEEDS = loadFeeds();
const HEADER =
  "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone," +
  "system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr";
const REAL_TIME = HEADER.replaceAll("_da", "_rt").replaceAll("_rttetime", "_datetime");

const record = (stamp: string): string =>
  `${stamp},1/1/2025 12:00:00 AM,1,PJM-RTO,,,ZONE,,21.26,21.024537,-0.342860,0.107397,True,1`;
const DAY_AHEAD = [HEADER, record("1/1/2025 5:00:00 AM"), record("1/1/2025 6:00:00 AM"), ""].join("\n");

type Answer = Awaited<ReturnType<typeof recogniseFile>>;

/** A file that lies in no container. */
function plainFile(path: string, bytes: number): ContainerEntry {
  return { path, entry: [], bytes, locations: [], gzip: false };
}

async function recognise(
  t: TestContext,
  content: string | Uint8Array,
  name = "file.csv",
  chosen: string[] = [],
): Promise<Answer> {
  const path = put(folder(t), name, content);
  return recogniseFile(plainFile(path, statSync(path).size), FEEDS, new Set(chosen));
}

async function feedOf(...args: Parameters<typeof recognise>): Promise<RecognisedFile> {
  const answer = await recognise(...args);
  assert.ok("feed" in answer, "reason" in answer ? answer.reason : "");
  return answer;
}

async function reasonOf(...args: Parameters<typeof recognise>): Promise<string> {
  const answer = await recognise(...args);
  assert.ok("reason" in answer, "the file was recognised");
  assert.equal(answer.failed, false);
  return answer.reason;
}

test("a file is recognised by its header, with where its records begin and its first interval", async (t) => {
  const file = await feedOf(t, DAY_AHEAD);
  assert.equal(file.feed.feed, "da_hourly");
  assert.deepEqual(file.header, HEADER.split(","));
  assert.equal(file.dataStart, HEADER.length + 1);
  assert.equal(file.firstLine, 2);
  assert.equal(file.firstStart, Date.UTC(2025, 0, 1, 5));
  assert.equal(file.bytes, DAY_AHEAD.length);
});

test("line breaks of either kind, a byte order mark, blank lines and quotes change nothing", async (t) => {
  const crlf = await feedOf(t, DAY_AHEAD.replaceAll("\n", "\r\n"));
  assert.deepEqual([crlf.header, crlf.dataStart], [HEADER.split(","), HEADER.length + 2]);
  const marked = await feedOf(t, `\ufeff${DAY_AHEAD}`);
  assert.deepEqual(
    [marked.header, marked.dataStart, marked.firstLine],
    [HEADER.split(","), HEADER.length + 4, 2],
  );
  const late = await feedOf(t, `\ufeff\r\n \n${DAY_AHEAD}`);
  assert.deepEqual([late.header, late.dataStart, late.firstLine], [HEADER.split(","), HEADER.length + 8, 4]);
  const quoted = await feedOf(t, DAY_AHEAD.replace(HEADER, `"${HEADER.split(",").join('","')}"`));
  assert.deepEqual(quoted.header, HEADER.split(","));
  assert.equal(quoted.firstStart, Date.UTC(2025, 0, 1, 5));
});

test("columns may stand in any order and case, with others between them", async (t) => {
  const random = new Random(3);
  for (let round = 0; round < 10; round++) {
    const names = random.shuffle([...HEADER.split(","), "new_column", " another one "]);
    const header = names.map((name) => (random.chance(0.5) ? name.toUpperCase() : ` ${name} `));
    const cells = names.map((name) => (name === "datetime_beginning_utc" ? "2025-01-01T05:00:00" : "1"));
    const file = await feedOf(t, `${header}\n${cells}\n`);
    assert.equal(file.feed.feed, "da_hourly");
    assert.equal(file.firstStart, Date.UTC(2025, 0, 1, 5));
  }
});

test("a header that lacks a column is not taken, and the reason names the column", async (t) => {
  for (const name of ["total_lmp_da", "pnode_name", "datetime_beginning_utc"]) {
    const header = HEADER.split(",").filter((column) => column !== name);
    const reason = await reasonOf(t, `${header}\nx\n`);
    assert.match(reason, /nearly the header of PJM\/da_hourly/);
    assert.ok(reason.endsWith(`no column ${name}`), reason);
  }
  assert.match(await reasonOf(t, "a,b,c\n1,2,3\n"), /a header that no known feed has/);
});

test("a header with one name twice is not guessed at", async (t) => {
  assert.match(await reasonOf(t, `${HEADER},total_lmp_da\n1\n`), /two columns of one name/);
});

test("files without records, without text or without a line break are told apart", async (t) => {
  assert.equal(await reasonOf(t, ""), "is empty");
  assert.match(await reasonOf(t, HEADER), /a header and no records/);
  assert.match(await reasonOf(t, `${HEADER}\r\n`), /a header and no records/);
  assert.match(await reasonOf(t, "\n\r\n  \n"), /nothing but blank lines/);
  assert.match(await reasonOf(t, "\ufeff"), /nothing but blank lines/);
  assert.match(await reasonOf(t, Buffer.from([0x50, 0x41, 0x52, 0x31, 0, 0, 255])), /is not text/);
  assert.match(await reasonOf(t, Buffer.from("caf\xe9,b\n1,2\n", "latin1")), /is not text/);
  assert.match(await reasonOf(t, "x".repeat(20_000)), /no line break in its first 16384 bytes/);
  assert.match(await reasonOf(t, `a"b,c\n1,2\n`), /not a CSV header/);
  const random = new Random(1);
  const junk = Buffer.from(Array.from({ length: 5000 }, () => random.int(0, 255)));
  assert.match(await reasonOf(t, junk), /is not text|not a CSV header|no known feed/);
});

test("a file that cannot be read has failed, which is more than being skipped", async (t) => {
  const path = join(folder(t), "gone.csv");
  const answer = await recogniseFile(plainFile(path, 10), FEEDS);
  assert.ok("reason" in answer && answer.failed);
  assert.match(answer.reason, /cannot be read: no such file/);
});

/** A real-time file with the given stamps, whose header two feeds share. */
const realTime = (...stamps: string[]): string => [REAL_TIME, ...stamps.map(record), ""].join("\n");
const HOURLY = ["1/1/2025 5:00:00 AM", "1/1/2025 6:00:00 AM"];

test("stamps off the hour make a file a five-minute one, whatever it is called", async (t) => {
  const text = realTime(...HOURLY, "1/1/2025 6:05:00 AM");
  for (const name of ["file.csv", "rt_hrl_lmps.csv", "rt_fivemin_hrl_lmps.csv"]) {
    assert.equal((await feedOf(t, text, name)).feed.feed, "rt_5min", name);
  }
  assert.equal((await feedOf(t, text, "file.csv", ["rt_hourly"])).feed.feed, "rt_5min");
  const one = realTime("1/1/2025 6:05:00 AM");
  assert.equal((await feedOf(t, one, "rt_hrl_lmps.csv", ["rt_hourly"])).feed.feed, "rt_5min");
});

test("a stamp off the hour is seen at the end of a large file", async (t) => {
  const many = Array.from({ length: 2000 }, () => "1/1/2025 5:00:00 AM");
  assert.equal((await feedOf(t, realTime(...many, "1/1/2025 5:05:00 AM"))).feed.feed, "rt_5min");
});

test("stamps on the hour leave it to the name, then to there being several", async (t) => {
  const one = realTime(HOURLY[0]!);
  const two = realTime(...HOURLY);
  assert.equal((await feedOf(t, one, "RT_HRL_LMPS-2025.csv")).feed.feed, "rt_hourly");
  assert.equal((await feedOf(t, one, "pjm_rt_fivemin_hrl_lmps.csv")).feed.feed, "rt_5min");
  assert.equal((await feedOf(t, two, "pjm_rt_fivemin.csv")).feed.feed, "rt_5min");
  assert.equal((await feedOf(t, two)).feed.feed, "rt_hourly");
});

test("where nothing tells, the chosen feed decides; without one the file is refused", async (t) => {
  const one = realTime(HOURLY[0]!, HOURLY[0]!);
  assert.equal((await feedOf(t, one, "file.csv", ["rt_5min"])).feed.feed, "rt_5min");
  assert.equal((await feedOf(t, one, "file.csv", ["rt_hourly", "da_hourly"])).feed.feed, "rt_hourly");
  for (const chosen of [[], ["rt_hourly", "rt_5min"], ["da_hourly"]]) {
    const reason = await reasonOf(t, one, "file.csv", chosen);
    assert.match(reason, /the header of PJM\/rt_hourly and PJM\/rt_5min/);
    assert.match(reason, /choose one with --feed/);
  }
});

test("records that cannot be read are passed over when the first interval is looked for", async (t) => {
  const text = [HEADER, "not a record", record("yesterday"), record("1/3/2025 5:00:00 AM"), ""].join("\n");
  assert.equal((await feedOf(t, text)).firstStart, Date.UTC(2025, 0, 3, 5));
  assert.equal((await feedOf(t, `${HEADER}\nnothing\n`)).firstStart, null);
});

test("a feed of one's own takes part", async (t) => {
  const own = { ...DA_HOURLY, feed: "mine", columns: DA_HOURLY.columns.slice(0, 3) };
  const path = put(
    folder(t),
    "file.csv",
    "datetime_beginning_utc,pnode_id,pnode_name\n2025-01-01T05:00:00,1,A\n",
  );
  const answer = await recogniseFile(plainFile(path, statSync(path).size), [...FEEDS, own]);
  assert.ok("feed" in answer && answer.feed.feed === "mine");
});
