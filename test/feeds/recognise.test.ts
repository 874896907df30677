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
  assert.match(await reasonOf(t, "a,b,c\n1,2,3\n"), /^has no column of prices: a, b, c …$/);
  assert.match(
    await reasonOf(t, "a,b,price\n1,2,3\n"),
    /^has a header that no known feed has: a, b, price …$/,
  );
  assert.match(await reasonOf(t, "<?xml version='1.0'?>\n<a/>\n"), /^is XML or HTML/);
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

test("of a feed that has all columns of another one, what it has beyond them tells", async (t) => {
  const unverified = REAL_TIME.split(",").filter((name) =>
    /^datetime|^pnode|^type|^(total|cong|marg)/.test(name),
  );
  const text = (header: string[]) => `${header}\n${header.map(() => "2025-01-01T05:00:00")}\n`;
  assert.equal((await feedOf(t, text([...unverified, "occ_check"]))).feed.feed, "rt_5min_unverified");
  assert.match(await reasonOf(t, text(unverified)), /PJM\/rt_5min_unverified, but no column occ_check/);

  const bus = ["Interval", "GMTIntervalEnd", "Pnode", "LMP", "MLC", "MCC", "MEC"];
  const byLocation = [...bus, "Settlement Location"];
  assert.equal((await feedOf(t, text(bus), "DA-LMP-B-202501010100.csv")).feed.feed, "da_lmp_b");
  assert.equal((await feedOf(t, text(byLocation), "DA-LMP-SL-202501010100.csv")).feed.feed, "da_lmp_sl");
});

test("of several names that fit, the one that says the most decides", async (t) => {
  const header = "datetime_beginning_utc,datetime_beginning_ept,ancillary_service,unit,value,row_is_current";
  const hour = (stamp: string) => `${stamp},,RTO Synchronized Reserve,Price,1,True`;
  const text = [header, ...HOURLY.map(hour), ""].join("\n");
  assert.equal((await feedOf(t, text, "2025_ancillary_services.csv")).feed.feed, "as_hourly");
  assert.equal((await feedOf(t, text, "pjm_DA_ancillary_services_2025.csv")).feed.feed, "da_as_hourly");
  assert.equal((await feedOf(t, text, "ancillary_services_fivemin_hrl.csv")).feed.feed, "as_5min_verified");
  assert.match(await reasonOf(t, text, "prices.csv"), /the header of PJM\/as_hourly and .*PJM\/da_as_hourly/);
});

test("a product that came later is not needed, and any other is", async (t) => {
  const text = (...products: string[]) =>
    `Interval,GMTIntervalEnd,Reserve Zone,${products}\n,1/1/2020 7:00,1,${products.map(() => 1)}\n`;
  for (const products of [
    ["RegUP", "RegDN", "Spin", "Supp"],
    ["RegUP", "RegDN", "Spin", "Supp", "UncUP"],
  ])
    assert.equal((await feedOf(t, text(...products))).feed.feed, "da_mcp");
  const reason = await reasonOf(t, text("RegUP", "RegDN", "Spin", "RampUP", "RampDN", "UncUP"));
  assert.match(reason, /nearly the header of SPP\/da_mcp, but no column Supp$/);
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

const HOURS = Array.from({ length: 24 }, (_, hour) => `HE ${hour + 1}`).join(",");
const MISO_RECORD = `NODE.A,Hub,LMP,${"1.5,".repeat(23)}2`;
const MISO_RESERVES = ` HE ${HOURS.slice(3).replaceAll(",", ", ")}`;

/** A MISO file: lines above its header, the header, a record. */
const miso = (above: string[], header = `Node,Type,Value,${HOURS}`, record = MISO_RECORD): string =>
  [...above, header, record, ""].join("\n");

test("a header below lines whose number and padding varies, with the day that they tell", async (t) => {
  const title = "Day Ahead Market ExPost LMPs";
  const note = ",,,All Hours-Ending are Eastern Standard Time (EST)";
  const commas = ",".repeat(26);
  const aboves = [
    [title, "03/09/2025", "", note],
    [title, "3/9/2025"],
    [`${title}${commas}`, `3/9/2025${commas}`, commas, `${note},,,`],
    ["", `"${title}"`, "", "", "", `,"03/09/2025",`, note, note, note],
    ["\ufeffDay Ahead Market LMPs\r", "03/09/2025\r", "\r"],
  ];
  for (const above of aboves) {
    const text = miso(above);
    const file = await feedOf(t, text);
    assert.equal(file.feed.feed, "da_expost");
    assert.equal(file.day, Date.UTC(2025, 2, 9) / 86_400_000);
    assert.equal(file.firstStart, Date.UTC(2025, 2, 9));
    assert.equal(file.firstLine, above.length + 2);
    assert.equal(Buffer.from(text).subarray(file.dataStart).toString(), `${MISO_RECORD}\n`);
  }
  assert.equal(
    (await feedOf(t, miso(["Day Ahead Market ExAnte LMPs", "03/09/2025"]))).feed.feed,
    "da_exante",
  );
});

test("of two feeds with one title the file's name decides", async (t) => {
  const text = miso(["Realtime Market LMPs", "1/1/2023"]);
  assert.equal((await feedOf(t, text, "20230101_rt_lmp_final.csv")).feed.feed, "rt_final");
  assert.equal((await feedOf(t, text, "20230101_rt_lmp_prelim.csv")).feed.feed, "rt_prelim");
  assert.equal((await feedOf(t, text, "file.csv", ["rt_final"])).feed.feed, "rt_final");
  assert.match(await reasonOf(t, text), /the header of MISO\/rt_final and MISO\/rt_prelim/);
});

test("a title that no feed has", async (t) => {
  const reason = await reasonOf(t, miso(["Day After Market LMPs", "03/09/2025"]));
  assert.match(reason, /^has the columns of MISO.da_expost, and not its title above them/);
});

test("a header with blank names, and columns that are told by their place", async (t) => {
  const above = [
    "Dayahead Market MCPs.",
    "",
    "01/01/2023,,All Hours-Ending are Eastern Standard Time (EST)",
    "",
  ];
  for (const lead of [",,MCP Type", "Pnode,Zone,MCP Type"]) {
    const text = miso(above, `${lead},${MISO_RESERVES}`, `MISO Wide,-,GENREGMCP,${"1,".repeat(23)}2`);
    const file = await feedOf(t, text, "20230101_asm_expost_damcp.csv");
    assert.equal(file.feed.feed, "as_da_expost");
    assert.equal(file.header[0], lead.split(",")[0]);
    assert.equal(file.day, Date.UTC(2023, 0, 1) / 86_400_000);
  }
});

test("no day above the header: the file has failed, and the reason says what is missing", async (t) => {
  for (const above of [
    ["Day Ahead Market ExPost LMPs"],
    ["Day Ahead Market ExPost LMPs", "02/30/2025"],
    ["Day Ahead Market ExPost LMPs", "for 03/09/2025", ",,,"],
  ]) {
    const answer = await recognise(t, miso(above));
    assert.ok("reason" in answer);
    assert.equal(answer.reason, "has no date above its header, which tells the operating day");
    assert.equal(answer.failed, true);
  }
});

test("a file whose records tell the day has none above", async (t) => {
  assert.equal((await feedOf(t, DAY_AHEAD)).day, null);
});

test("what was learnt of other files' lines changes nothing, and files of one header share it", async (t) => {
  const files = [DAY_AHEAD, DAY_AHEAD.replaceAll(HEADER, REAL_TIME), "a,b\n1,2\n", `title\n${DAY_AHEAD}`];
  // More first lines than are remembered.
  for (let index = 0; index < 300; index++) files.push(`note ${index}\n${DAY_AHEAD}`);
  files.push(DAY_AHEAD, `${HEADER},pnode_id\n${record("1/1/2025 5:00:00 AM")},1\n`);
  for (const [index, content] of files.entries()) {
    const path = put(folder(t), "file.csv", content);
    const file = plainFile(path, content.length);
    const answer = await recogniseFile(file, FEEDS);
    // A list of its own has nothing remembered.
    assert.deepEqual(answer, await recogniseFile(file, [...FEEDS]), `file ${index}`);
  }
  const [a, b] = [await feedOf(t, DAY_AHEAD), await feedOf(t, `note\n${DAY_AHEAD}`)];
  assert.equal(a.header, b.header);
});
