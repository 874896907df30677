import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { GridparquetError } from "../../src/errors.js";
import { feedKey, hourHeaders } from "../../src/feeds/feed-definition.js";
import { loadFeeds, parseFeeds } from "../../src/feeds/load-feeds.js";
import { folder, put } from "../helpers/folder.js";

const VALID = `iso: TEST
title: Test market
time_zone: America/Chicago
vocabularies:
  kinds: { H: HUB, Z: ZONE }
feeds:
  da_hourly:
    title: Day-ahead prices
    table: energy
    market: DA
    interval_minutes: 60
    confirmed: true
    columns:
      interval_start_utc: { from: begin, timestamp: ["YYYY-MM-DDTHH:mm:ss"] }
      location: { from: name }
      location_type: { from: kind, vocabulary: kinds }
      voltage_kv: { from: volts, unit: kV }
      lmp_total: { from: price }
      version: { from: revision }
`;

/** The messages, a line each, of a definition that is not valid. */
function mistakes(text: string): string[] {
  try {
    parseFeeds(text, "own.yaml");
  } catch (error) {
    assert.ok(error instanceof GridparquetError, String(error));
    assert.equal(error.code, "bad-config");
    assert.equal(error.exitCode, 1);
    return error.message.split("\n").slice(1);
  }
  assert.fail("the definition was taken");
}

/** The line of VALID that has `part`, from 1. */
const lineOf = (part: string): number => VALID.split("\n").findIndex((line) => line.includes(part)) + 1;

/** VALID with one thing changed must give one mistake, on the line of `part` (in VALID), that names the key. */
function expectMistake(from: string, to: string, part: string, message: RegExp): void {
  assert.ok(VALID.includes(from));
  const found = mistakes(VALID.replace(from, to));
  assert.equal(found.length, 1, found.join("\n"));
  assert.ok(found[0]!.startsWith(`own.yaml:${lineOf(part)}: `), `${found[0]} is not of line ${lineOf(part)}`);
  assert.match(found[0]!, message);
}

test("a definition is read as what the decoder needs", () => {
  const [feed, ...more] = parseFeeds(VALID, "own.yaml");
  assert.equal(more.length, 0);
  assert.deepEqual(feed, {
    iso: "TEST",
    feed: "da_hourly",
    title: "Day-ahead prices",
    table: "energy",
    market: "DA",
    timeZone: "America/Chicago",
    intervalMinutes: 60,
    confirmed: true,
    onGrid: true,
    repeatedHour: "marked",
    shortDayByEnd: false,
    recordTypes: null,
    preamble: [],
    products: [],
    components: null,
    hours: null,
    dateAbove: [],
    only: {},
    constants: {},
    remainders: [],
    fileNames: [],
    with: [],
    without: [],
    columns: [
      {
        to: "interval_start_utc",
        from: "begin",
        reading: { kind: "timestamp", clock: "utc", edge: "start", forms: ["YYYY-MM-DDTHH:mm:ss"] },
      },
      { to: "location", from: "name", reading: { kind: "text" } },
      { to: "location_type", from: "kind", reading: { kind: "text", map: { H: "HUB", Z: "ZONE" } } },
      { to: "voltage_kv", from: "volts", reading: { kind: "quantity", unit: "kV" } },
      { to: "lmp_total", from: "price", reading: { kind: "decimal" } },
      { to: "version", from: "revision", reading: { kind: "integer" } },
    ],
    isoNames: [],
    ignored: [],
    descriptive: [],
  });
  assert.equal(feedKey(feed!), "TEST/da_hourly");
});

test("a mistake names the file, the line and the key", () => {
  expectMistake(
    "table: energy",
    "table: prices",
    "table:",
    /feeds\.da_hourly\.table.*"energy" \| "ancillary"/,
  );
  expectMistake("market: DA", "market: XX", "market:", /feeds\.da_hourly\.market/);
  expectMistake("interval_minutes: 60", "interval_minutes: 7", "interval_min", /interval_minutes/);
  expectMistake("America/Chicago", "America/Nowhere", "time_zone", /time_zone.*not a time zone/);
  expectMistake("confirmed: true", 'confirmed: "yes"', "confirmed", /feeds\.da_hourly\.confirmed/);
  expectMistake("iso: TEST", "iso: test", "iso:", /iso.*upper-case/);
  expectMistake("H: HUB", "H: hub", "kinds:", /vocabularies\.kinds\.H.*a word like HUB/);
  expectMistake("unit: kV", "unit: 1V", "volts", /voltage_kv\.unit.*letters/);
  expectMistake("from: price", 'from: ""', "from: price", /lmp_total\.from/);
  expectMistake('["YYYY-MM-DDTHH:mm:ss"]', '["DD.MM.YYYY"]', "begin", /interval_start_utc\.timestamp/);
  expectMistake('"] }', '"], clock: utc }', "begin", /interval_start_utc\.clock: is not a known key/);
});

test("a key that is not known, or missing, is named with its line", () => {
  const swapped = mistakes(VALID.replace("table: energy", "tabel: energy"));
  assert.deepEqual(swapped, [
    `own.yaml:${lineOf("title: Day-ahead")}: feeds.da_hourly.table: is missing`,
    `own.yaml:${lineOf("table:")}: feeds.da_hourly.tabel: is not a known key`,
  ]);
  expectMistake(
    "    market: DA",
    "    market: DA\n    colour: red",
    "interval_min",
    /feeds\.da_hourly\.colour/,
  );
  expectMistake("{ from: name }", "{ from: name, form: x }", "name }", /columns\.location\.form/);
});

test("mistakes in what the columns mean", () => {
  expectMistake(
    "      lmp_total: { from: price }\n",
    "",
    "interval_start_utc",
    /no column for lmp_total, which is required/,
  );
  expectMistake(
    "location: { from: name }",
    "zone: { from: name }",
    "interval_start_utc",
    /no column for location,/,
  );
  expectMistake("vocabulary: kinds", "vocabulary: sorts", "from: kind", /names the vocabulary sorts/);
  expectMistake(
    "version: { from",
    "lmp_totl: { from",
    "revision",
    /lmp_totl is not a column of table energy/,
  );
  expectMistake(
    "version: { from",
    "hour_ending: { from",
    "interval_start_utc",
    /has hour_ending beside interval_start_utc/,
  );
  expectMistake(', timestamp: ["YYYY-MM-DDTHH:mm:ss"]', "", "begin", /needs `timestamp`, the forms/);
  expectMistake(
    "{ from: revision }",
    "{ from: revision, unit: X }",
    "revision",
    /version cannot have a unit/,
  );
  expectMistake(
    "{ from: price }",
    "{ from: price, vocabulary: kinds }",
    "from: price",
    /cannot have a vocabulary/,
  );
  expectMistake(
    "{ from: price }",
    "{ from: price, timestamp: [M/D/YYYY H:mm] }",
    "from: price",
    /is not a time stamp/,
  );
  expectMistake("from: price", "from: NAME", "from: price", /lmp_total reads name, as location does/);
});

test("a YAML mistake is told with its line, and so is a key that comes twice", () => {
  const broken = mistakes(VALID.replace("title: Test market", "title: [Test market"));
  assert.ok(
    broken.some((line) => /^own\.yaml:\d+: /.test(line)),
    broken.join("\n"),
  );
  const twice = mistakes(VALID.replace("market: DA", "market: DA\n    market: RT"));
  assert.equal(twice.length, 1);
  assert.match(twice[0]!, new RegExp(`^own\\.yaml:${lineOf("market: DA") + 1}: .*unique`));
  assert.match(mistakes("just a text")[0]!, /^own\.yaml:1: /);
  assert.match(mistakes("")[0]!, /^own\.yaml:1: /);
});

test("every mistake is told at once", () => {
  const text = VALID.replace("market: DA", "market: XX").replace(
    "interval_minutes: 60",
    "interval_minutes: 7",
  );
  assert.equal(mistakes(text).length, 2);
});

test("the built-in feeds are valid and sorted", () => {
  const feeds = loadFeeds();
  assert.ok(feeds.some((feed) => feedKey(feed) === "PJM/da_hourly"));
  assert.equal(new Set(feeds.map(feedKey)).size, feeds.length);
  const isos = feeds.map(({ iso }) => iso);
  assert.deepEqual(isos, [...isos].sort());
});

test("an own folder adds feeds, and replaces built-in ones of the same name", (t) => {
  const own = folder(t);
  put(own, "test.yaml", VALID);
  put(own, "pjm.yml", VALID.replace("iso: TEST", "iso: PJM").replace("Day-ahead prices", "Mine"));
  put(own, "notes.txt", "not: [yaml");
  const before = loadFeeds();
  const feeds = loadFeeds(own);
  const alone = (list: typeof feeds) => list.filter(({ isoNames }) => isoNames.length === 0).length;
  assert.equal(alone(feeds), alone(before) + 1);
  assert.equal(feeds.find((feed) => feedKey(feed) === "TEST/da_hourly")?.timeZone, "America/Chicago");
  assert.equal(feeds.find((feed) => feedKey(feed) === "PJM/da_hourly")?.title, "Mine");
  const others = (list: typeof feeds) =>
    list.filter((feed) => feed.iso === "PJM" && feed.feed !== "da_hourly");
  assert.deepEqual(others(feeds), others(before));
});

test("a mistake in an own folder names its file", (t) => {
  const own = folder(t);
  const path = put(own, "test.yaml", VALID.replace("market: DA", "market: XX"));
  assert.throws(
    () => loadFeeds(own),
    (error: GridparquetError) =>
      error.code === "bad-config" && error.message.includes(`${path}:${lineOf("market:")}: `),
  );
});

test("a folder that is missing, has no definitions or cannot be read is said", (t) => {
  const root = folder(t);
  const bad = (path: string, message: RegExp) =>
    assert.throws(
      () => loadFeeds(path),
      (error: unknown) =>
        error instanceof GridparquetError && error.code === "bad-config" && message.test(error.message),
    );
  bad(join(root, "none"), /no such file or folder/);
  mkdirSync(join(root, "empty"));
  bad(join(root, "empty"), /there are no feed definitions/);
  bad(put(root, "file.yaml", VALID), /cannot read the feed definitions/);
  mkdirSync(join(root, "odd", "folder.yaml"), { recursive: true });
  bad(join(root, "odd"), /folder\.yaml/);
});

const WALL_CLOCK = `iso: TEST
title: Test market
time_zone: America/Chicago
feeds:
  reserves:
    title: Reserve prices
    table: ancillary
    market: DA
    interval_minutes: 60
    confirmed: false
    repeated_hour: by_order
    preamble: [Reserves]
    record_types: { column: K, data: D, other: [C], trailer: T }
    only: { unit: Price }
    columns:
      operating_date: { from: day, date: [M/D/YYYY] }
      hour_ending: { from: hour }
      repeated_hour: { from: flag, yes: "Y" }
      region: { from: area, prefixes: { N_: NORTH, "": SOUTH } }
    products: { "REGUP ": REG_UP, SPIN: SPIN }
    optional_products: { New Reserve ($/MW): CONTINGENCY }
    with: [mark]
    without: [other mark]
`;

test("a wall clock, record types, products and what else a definition can say", () => {
  const [feed] = parseFeeds(WALL_CLOCK, "own.yaml");
  assert.deepEqual(feed!.columns, [
    { to: "operating_date", from: "day", reading: { kind: "date", forms: ["M/D/YYYY"] } },
    { to: "hour_ending", from: "hour", reading: { kind: "hour_ending" } },
    { to: "repeated_hour", from: "flag", reading: { kind: "repeated_hour", yes: "Y" } },
    { to: "region", from: "area", reading: { kind: "text", prefixes: { N_: "NORTH", "": "SOUTH" } } },
  ]);
  assert.equal(feed!.repeatedHour, "by_order");
  assert.deepEqual(feed!.preamble, ["Reserves"]);
  assert.deepEqual(feed!.recordTypes, { column: "K", data: "D", other: ["C"], trailer: "T" });
  assert.deepEqual(feed!.only, { unit: "Price" });
  assert.deepEqual(feed!.products, [
    { from: "REGUP ", product: "REGUP", standard: "REG_UP" },
    { from: "SPIN", product: "SPIN", standard: "SPIN" },
    { from: "New Reserve ($/MW)", product: "New Reserve", standard: "CONTINGENCY", optional: true },
  ]);
  assert.deepEqual([feed!.with, feed!.without], [["mark"], ["other mark"]]);
});

test("an interval is told in one way, and nothing stands beside it that says nothing", () => {
  const told = (from: string, to: string): string => mistakes(WALL_CLOCK.replace(from, to)).join("\n");
  const hour = "      hour_ending: { from: hour }\n";
  assert.match(told(hour, ""), /tells the interval in 0 ways/);
  const utc = "      interval_end_utc: { from: end, timestamp: [M/D/YYYY H:mm] }\n";
  assert.match(told(hour, hour + utc), /tells the interval in 2 ways/);
  assert.match(told(hour, utc), /has operating_date beside interval_end_utc.*\n.*has repeated_hour beside/);
  assert.match(told(', yes: "Y"', ""), /repeated_hour needs `yes`/);
  assert.match(told(", date: [M/D/YYYY]", ""), /operating_date needs `date`/);
});

const BY_HOUR = `iso: TEST
title: Test market
time_zone: Etc/GMT+5
feeds:
  lmp:
    title: Prices by hour
    table: energy
    market: DA
    interval_minutes: 60
    confirmed: false
    date_above: [M/D/YYYY]
    hours: { header: HE * }
    columns:
      location: { from: "#1" }
    components: { column: Value, measures: { LMP: lmp_total, MCC: lmp_congestion } }
    remainders: [lmp_energy]
    constants: { location_type: NODE }
`;

/** BY_HOUR with some things changed must give these mistakes, each with the line of the text that it is on. */
function expectMistakes(changes: [string, string][], expected: [string, RegExp][]): void {
  let text = BY_HOUR;
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), from);
    text = text.replace(from, to);
  }
  const found = mistakes(text);
  assert.equal(found.length, expected.length, found.join("\n"));
  for (const [index, [part, message]] of expected.entries()) {
    const line = text.split("\n").findIndex((one) => one.includes(part)) + 1;
    assert.ok(
      found[index]!.startsWith(`own.yaml:${line}: feeds.lmp`),
      `${found[index]} is not of line ${line}`,
    );
    assert.match(found[index]!, message);
  }
}

test("hours as columns: the header of each, the day above or in a column", () => {
  const [feed] = parseFeeds(BY_HOUR, "own.yaml");
  assert.deepEqual(feed!.hours, { header: "HE *", last: 24 });
  assert.deepEqual(hourHeaders(feed!).slice(0, 2), ["HE 1", "HE 2"]);
  assert.equal(hourHeaders(feed!).length, 24);
  assert.deepEqual(feed!.dateAbove, ["M/D/YYYY"]);
  assert.deepEqual(feed!.components, {
    column: "Value",
    measures: { LMP: "lmp_total", MCC: "lmp_congestion" },
    value: null,
  });
  const day = BY_HOUR.replace("    date_above: [M/D/YYYY]\n", "").replace(
    "columns:",
    "columns:\n      operating_date: { from: Day, date: [YYYY-MM-DD] }",
  );
  assert.deepEqual(parseFeeds(day, "own.yaml")[0]!.dateAbove, []);
  const long = BY_HOUR.replace("Etc/GMT+5", "America/Chicago").replace("HE * }", "HE *, last: 25 }");
  assert.equal(parseFeeds(long, "own.yaml")[0]!.hours!.last, 25);
});

test("hours as columns: what cannot be read together is told with its line", () => {
  const feed = "title: Prices by hour";
  const columns = "location:";
  const above = "    date_above: [M/D/YYYY]\n";
  expectMistakes([[above, ""]], [[columns, /columns has no operating_date, and no date_above tells it/]]);
  expectMistakes(
    [["columns:", "columns:\n      operating_date: { from: Day, date: [M/D/YYYY] }"]],
    [["operating_date", /columns has operating_date beside date_above, which tells the interval alone/]],
  );
  expectMistakes(
    [["columns:", "columns:\n      hour_ending: { from: Hour }"]],
    [["hour_ending", /has hour_ending beside date_above/]],
  );
  expectMistakes(
    [
      [above, ""],
      ["columns:", "columns:\n      interval_start_utc: { from: begin, timestamp: [M/D/YYYY H:mm] }"],
    ],
    [
      ["interval_start_utc", /has interval_start_utc beside operating_date/],
      ["interval_start_utc", /has no operating_date, and no date_above tells it/],
    ],
  );
  expectMistakes(
    [["Value, m", "Value, value: MW, m"]],
    [[feed, /has both hours and a `value` of components/]],
  );
  expectMistakes([["s: 60", "s: 15"]], [[feed, /has hours as columns and intervals of another length/]]);
  expectMistakes(
    [["Etc/GMT+5", "America/Chicago"]],
    [[feed, /has 24 hours as columns, and the clock's long day has 25: `last: 25`/]],
  );
  expectMistakes(
    [["    components: { column: Value, measures: { LMP: lmp_total, MCC: lmp_congestion } }\n", ""]],
    [
      [columns, /has no column for lmp_total, which is required/],
      [feed, /does not say by `components` which measures they are of/],
    ],
  );
  expectMistakes([["LMP: lmp_total, ", ""]], [[columns, /has no column for lmp_total, which is required/]]);
});

test("hours and products both as columns, and what only hours have", () => {
  const reserves = BY_HOUR.replace("table: energy", "table: ancillary")
    .replace(/ {4}components: .*\n {4}remainders: .*\n {4}constants: .*\n/, "")
    .replace('location: { from: "#1" }', 'region: { from: "#1" }');
  const found = mistakes(`${reserves}    products: { REGUP: REG_UP }\n`);
  assert.deepEqual(found, ["own.yaml:6: feeds.lmp has both hours and products as columns"]);
  const hours = "    hours: { header: HE * }\n";
  expectMistakes(
    [
      [hours, ""],
      ["columns:", "columns:\n      interval_start_utc: { from: begin, timestamp: [M/D/YYYY H:mm] }"],
    ],
    [
      ["title: Prices", /has date_above, which only columns by hour need/],
      ["title: Prices", /has components and no `value`, the column that they are in/],
    ],
  );
  expectMistakes([["HE * }", "HE }"]], [["HE }", /hours\.header: must have one \* for the hour's number/]]);
  expectMistakes([["HE * }", "HE *, last: 23 }"]], [["last: 23", /hours\.last/]]);
  expectMistakes([["[M/D/YYYY]", "[DD.MM.YYYY]"]], [["date_above", /date_above/]]);
});

test("components, remainders and constants that are no columns of the table", () => {
  expectMistakes(
    [
      ["MCC: lmp_congestion", "MCC: lmp_congestoin"],
      ["[lmp_energy]", "[version]"],
      ["location_type: NODE", "location_tpye: NODE"],
    ],
    [
      ["components", /components\.measures\.MCC names no such column of table energy/],
      ["remainders", /remainders\.0 names no such column of table energy/],
      ["constants", /constants\.location_tpye names no such column of table energy/],
    ],
  );
});
