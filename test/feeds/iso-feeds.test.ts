import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { TABLES } from "../../src/arrow/tables.js";
import { feedKey } from "../../src/feeds/feed-definition.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { type RecognisedFile, recogniseFile } from "../../src/feeds/recognise.js";
import { type Decoded, decodeFiles, decoderOf } from "../helpers/decode.js";
import { folder, put } from "../helpers/folder.js";
import type { Row } from "../helpers/rows.js";

/*
 * A short and a long day of every feed, made up in the layout of the real files: test/fixtures/ISO/NAME, with the rows
 * that must come of it in NAME.rows and the records that must be rejected in NAME.rejects (line, column, a part of the
 * reason, with tabs between). A new pair of files is a new test.
 */

const FIXTURES = fileURLToPath(new URL("../../../test/fixtures/", import.meta.url));
const FEEDS = loadFeeds();

/** By fixture: its feed. Of files that a name decides about, the name is part of the fixture. */
const FEED_OF: [RegExp, string][] = [
  [/^dam_spp/, "ERCOT/dam_spp"],
  [/^rtm_spp/, "ERCOT/rtm_spp"],
  [/^rt_sced/, "ERCOT/rt_sced"],
  [/^dam_as_yearly/, "ERCOT/dam_as_yearly"],
  [/^dam_as-/, "ERCOT/dam_as"],
  [/damlbmp_zone/, "NYISO/damlbmp_zone"],
  [/rtlbmp_zone/, "NYISO/rtlbmp_zone"],
  [/realtime_zone/, "NYISO/realtime_zone"],
  [/^WW_DALMP_ISO/, "ISONE/da_hourly"],
  [/damlbmp_gen/, "NYISO/damlbmp_gen"],
  [/rtlbmp_gen/, "NYISO/rtlbmp_gen"],
  [/realtime_gen/, "NYISO/realtime_gen"],
  [/damasp/, "NYISO/damasp"],
  [/rtasp/, "NYISO/rtasp"],
  [/^lmp_rt_final/, "ISONE/rt_hourly_final"],
  [/^lmp_rt_prelim/, "ISONE/rt_hourly_prelim"],
  [/^(DA-LMP-SL|spp)/, "SPP/da_lmp_sl"],
  [/^RTBM-LMP-DAILY-SL/, "SPP/rt_lmp_sl"],
  [/^DA-LMP-B/, "SPP/da_lmp_b"],
  [/^RTBM-LMP-DAILY-B/, "SPP/rt_lmp_b"],
  [/^DA-MCP/, "SPP/da_mcp"],
  [/^RTBM-MCP/, "SPP/rt_mcp"],
  [/^as_hourly/, "CAISO/as_hourly"],
  [/^as_15min/, "CAISO/as_15min"],
  [/^da_hrl_lmps/, "PJM/da_hourly"],
  [/^rt_hrl_lmps/, "PJM/rt_hourly"],
  [/^rt_fivemin_hrl_lmps/, "PJM/rt_5min"],
  [/^rt_unverified_fivemin/, "PJM/rt_5min_unverified"],
  [/^ancillary_services-/, "PJM/as_hourly"],
  [/^ancillary_services_fivemin/, "PJM/as_5min_verified"],
  [/^da_ancillary_services/, "PJM/da_as_hourly"],
  [/^reserve_market_results-/, "PJM/as_5min"],
  [/^reserve_market_results_hourly/, "PJM/reserve_hourly"],
  [/^da_reserve_market_results/, "PJM/da_reserve_hourly"],
  // Exports of gridstatus: of those that several ISOs could have made the folder's name tells the ISO.
  [/^nodes_dam/, "CAISO/gridstatus_da_hourly"],
  [/^zones_da/, "NYISO/gridstatus_da_hourly"],
  [/^zones_rt_5min/, "NYISO/gridstatus_rt_5min"],
  [/^points_rt15/, "ERCOT/gridstatus_rt_spp_15min"],
  [/^runs_sced/, "ERCOT/gridstatus_rt_sced"],
  [/^pnodes_rt/, "PJM/gridstatus_rt_hourly"],
  [/^locations_da/, "SPP/gridstatus_da_hourly"],
  [/^cpnodes_rt_final/, "MISO/gridstatus_rt_hourly_final"],
  [/^lmp_da/, "ISONE/gridstatus_da_hourly"],
  [/_da_expost_lmp/, "MISO/da_expost"],
  [/_rt_lmp_final/, "MISO/rt_final"],
  [/_asm_expost_damcp/, "MISO/as_da_expost"],
];

const fixtures = readdirSync(FIXTURES, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".rows"))
  .map((name) => join(FIXTURES, name.slice(0, -".rows".length)))
  .sort();

async function recognise(path: string): Promise<RecognisedFile> {
  const bytes = readFileSync(path).length;
  const file = await recogniseFile({ path, bytes, entry: [], locations: [], gzip: false }, FEEDS);
  assert.ok("feed" in file, "reason" in file ? `${path} ${file.reason}` : "");
  return file;
}

/** A file recognised and decoded, a few bytes and rows at a time. */
async function decode(path: string, chunkSize = 1000): Promise<{ file: RecognisedFile; decoded: Decoded }> {
  const file = await recognise(path);
  const decoder = decoderOf(file.feed, file.header, { chunkSize });
  const bytes = readFileSync(path).subarray(file.dataStart);
  const { firstLine, day } = file;
  return { file, decoded: await decodeFiles(decoder, [{ bytes, sizes: () => 700 }], firstLine, day) };
}

/** A row in the columns that a .rows file names. */
function spell({ feed }: RecognisedFile, row: Row, columns: readonly string[]): string[] {
  const { entity, measures } = TABLES[feed.table];
  const values = new Map<string, string | number | null>([
    ["start", new Date(row.start).toISOString().replace(".000", "")],
    ["end", new Date(row.end).toISOString().replace(".000", "")],
    ["operating_date", new Date(row.date * 86_400_000).toISOString().slice(0, 10)],
    ["hour_ending", row.hour],
    ...entity.map(({ name }, index) => [name, row.entity[index]!] as const),
    ...measures.map(({ name }, index) => [name, row.measures[index]!] as const),
  ]);
  for (const [name, value] of values) {
    if (!columns.includes(name)) assert.equal(value, null, `${name} is not null`);
  }
  return columns.map((name) => spellValue(values.get(name) ?? null));
}

/** A negative zero is no zero: none may come of a turned sign. */
function spellValue(value: string | number | null): string {
  if (value === null) return "";
  return Object.is(value, -0) ? "-0" : String(value);
}

for (const path of fixtures) {
  const name = basename(path);
  const key = FEED_OF.find(([pattern]) => pattern.test(name))?.[1];
  // Components are rows only when they are joined: test/e2e/joined-fixtures.test.ts.
  if (FEEDS.some((feed) => feedKey(feed) === key && feed.components !== null)) continue;

  test(`${key} ${name}: the rows and rejects that are written beside it`, async () => {
    const { file, decoded } = await decode(path);
    assert.equal(feedKey(file.feed), key);
    const [columns, ...wanted] = parse(readFileSync(`${path}.rows`)) as unknown as string[][];
    const rows = decoded.rows.map((row) => spell(file, row, columns!));
    assert.deepEqual(rows.map(String).sort(), wanted.map(String).sort());

    const rejects = existsSync(`${path}.rejects`)
      ? readFileSync(`${path}.rejects`, "utf8").trimEnd().split("\n")
      : [];
    assert.deepEqual(
      decoded.rejects.map(({ line, column }) => `${line} ${column}`),
      rejects.map((line) => line.split("\t").slice(0, 2).join(" ")),
    );
    for (const [index, line] of rejects.entries()) {
      const [, , reason] = line.split("\t");
      assert.ok(decoded.rejects[index]!.reason.includes(reason!), decoded.rejects[index]!.reason);
    }
    const { rows: read, rejected } = decoded.counts[0]!;
    assert.equal(read, decoded.rows.length + rejected, "every row is written or rejected");
    const again = await decode(path, 7);
    assert.deepEqual(again.decoded.rows, decoded.rows, "the same in small batches");
  });
}

test("there is a short and a long day of every feed whose records are rows, and not parts of them", () => {
  const names = fixtures.map((path) => basename(path));
  // CAISO's LMPs, in UTC, and those of which nothing but another feed's title or name differs.
  const elsewhere = FEEDS.filter(({ components, hours }) => components !== null && hours === null);
  for (const feed of FEEDS) {
    if (elsewhere.includes(feed) || (feed.iso === "MISO" && !feed.confirmed)) continue;
    // Feeds that ISOs have in common differ in their clocks and in a column's value alone: one of a kind is enough.
    if (feed.isoNames.length > 0 && !feed.confirmed) continue;
    const patterns = FEED_OF.filter(([, key]) => key === feedKey(feed)).map(([pattern]) => pattern);
    const own = names.filter((name) => patterns.some((pattern) => pattern.test(name)));
    for (const day of [/short|both|20250309/, /long|both|20251102/])
      assert.ok(
        own.some((name) => day.test(name)),
        `${feedKey(feed)} has no ${day}`,
      );
  }
});

test("NYISO: total = energy + congestion + loss, with the sign of all other markets", async () => {
  for (const path of fixtures.filter((fixture) => /nyiso.*(lbmp|realtime)_/.test(fixture))) {
    const { decoded } = await decode(path);
    for (const { measures } of decoded.rows) {
      const [total, energy, congestion, loss] = measures as [number, number, number, number];
      assert.ok(Math.abs(total - (energy + congestion + loss)) < 1e-9);
    }
  }
});

test("ISO New England: the hour of the short day has one name, and the first one in a file stands", async (t) => {
  const path = join(FIXTURES, "isone", "WW_DALMP_ISO_20250309.csv");
  const lines = readFileSync(path, "utf8").split("\n");
  const without = lines.filter((line) => !/"03"|"02X"/.test(line));
  const trailer = `"T","${without.filter((line) => line.startsWith('"D"')).length} lines"`;
  const clean = put(folder(t), basename(path), [...without.slice(0, -1), trailer].join("\n"));
  const { decoded } = await decode(clean);
  assert.equal(decoded.rejects.length, 0);
  assert.deepEqual(
    [...new Set(decoded.rows.map(({ hour }) => hour))],
    [...Array(23).keys()].map((hour) => hour + 1),
  );
});

test("ISO New England: a trailer that tells of other records than there are fails the file", async (t) => {
  const path = join(FIXTURES, "isone", "WW_DALMP_ISO_20251102.csv");
  const text = readFileSync(path, "utf8");
  const root = folder(t);
  const records = text.split("\n").filter((line) => line.startsWith('"D"')).length;
  const wrong = put(root, "wrong.csv", text.replace(/"T",.*$/, `"T","${records + 1} lines"`));
  await assert.rejects(
    decode(wrong),
    new RegExp(`tells of ${records + 1} records of data and it has ${records}`),
  );
  // The records in the middle are gone, as when two halves of a file were pasted together.
  const lines = text.split("\n");
  const cut = put(root, "cut.csv", [...lines.slice(0, 20), ...lines.slice(30)].join("\n"));
  await assert.rejects(
    decode(cut),
    new RegExp(`tells of ${records} records of data and it has ${records - 10}`),
  );
});

test("ISO New England: a file without its trailer was cut off and fails", async (t) => {
  const text = readFileSync(join(FIXTURES, "isone", "WW_DALMP_ISO_20251102.csv"), "utf8");
  const missing = put(folder(t), "missing.csv", text.replace(/"T",.*$/, ""));
  await assert.rejects(decode(missing), /trailer|last line|cut/);
});

test("NYISO: a record of the repeated hour that is rejected does not make the second pass the first", async (t) => {
  const text = readFileSync(join(FIXTURES, "nyiso", "20251102rtlbmp_zone.csv"), "utf8");
  const first = text.split("\n").findIndex((line) => line.startsWith('"11/02/2025 01:00","MADE UP"'));
  const lines = text.split("\n");
  lines[first] = lines[first]!.replace(/,[-\d.]+$/, ",n/a");
  const path = put(folder(t), "20251102rtlbmp_zone.csv", lines.join("\n"));
  const { decoded } = await decode(path);
  assert.deepEqual(
    decoded.rejects.map(({ line }) => line),
    [first + 1],
  );
  const starts = decoded.rows.filter(({ entity }) => entity[0] === "MADE UP").map(({ hour }) => hour);
  assert.deepEqual(
    starts,
    [1, ...Array.from({ length: 23 }, (_, index) => index + 3)],
    "the first pass is missing, not the second one",
  );
});

test("NYISO: a stamp off the grid in the repeated hour is rejected once and costs no other hour", async () => {
  const path = join(FIXTURES, "nyiso", "20251102rtlbmp_zone.csv");
  const lines = readFileSync(path, "utf8").split("\n");
  const first = lines.findIndex((line) => line.startsWith('"11/02/2025 01:00","MADE UP"'));
  lines.splice(first + 1, 0, lines[first]!.replace("01:00", "01:30"));
  const { feed, header, dataStart, firstLine } = await recognise(path);
  const bytes = Buffer.from(lines.join("\n")).subarray(dataStart);
  const decoded = await decodeFiles(decoderOf(feed, header), [{ bytes }], firstLine);
  assert.deepEqual(
    decoded.rejects.map(({ line }) => line),
    [first + 2],
  );
  assert.equal(decoded.rows.filter(({ entity }) => entity[0] === "MADE UP").length, 25);
});
