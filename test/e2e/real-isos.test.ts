import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { convert } from "../../src/index.js";
import { query } from "../helpers/duckdb.js";
import { checkAccounts, tempFolder } from "./helpers.js";
import { COMPONENT_FEEDS, readRecords } from "./naive-components.js";
import { FEEDS, type NaiveRow, type RealFeed } from "./naive-isos.js";

/*
 * Files as the ISOs published them, where a collection of them is at hand: folders ISO/kind with plain CSV files, and
 * zips that hold one. Each file is read once more by a naive reader and compared row for row.
 */

const REAL_DATA = process.env.GRIDPARQUET_REAL_DATA ?? "";

/** Which of two feeds with files in one folder a file is of: PJM's ancillary services. */
const TELLING: Record<string, string> = {
  "PJM/as_hourly": "ancillary_service,",
  "PJM/as_5min": "locale,service,",
};

/** The files in a zip: its directory read by hand, nothing of what the converter reads it with. */
function unzip(bytes: Buffer): { name: string; text: string }[] {
  const end = bytes.lastIndexOf("PK\x05\x06");
  let at = bytes.readUInt32LE(end + 16);
  return Array.from({ length: bytes.readUInt16LE(end + 10) }, () => {
    const [method, size, local] = [
      bytes.readUInt16LE(at + 10),
      bytes.readUInt32LE(at + 20),
      bytes.readUInt32LE(at + 42),
    ];
    const [name, extra, comment] = [28, 30, 32].map((place) => bytes.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(from, from + size);
    const found = {
      name: bytes.toString("utf8", at + 46, at + 46 + name),
      text: (method === 0 ? data : inflateRawSync(data)).toString("utf8"),
    };
    at += 46 + name + extra + comment;
    return found;
  });
}

/** The CSV text of a file, or of each CSV file in a zip. */
function textsOf(file: string): string[] {
  if (!file.endsWith(".zip")) return [readFileSync(file, "utf8")];
  return unzip(readFileSync(file)).flatMap(({ name, text }) => (name.endsWith(".csv") ? [text] : []));
}

/** The files of a feed. */
function filesOf({ iso, feed, folder }: RealFeed): string[] {
  const path = join(REAL_DATA, iso, folder);
  if (REAL_DATA === "" || !existsSync(path)) return [];
  const telling = TELLING[`${iso}/${feed}`] ?? "";
  return readdirSync(path)
    .filter((name) => /\.(csv|zip)$/.test(name))
    .sort()
    .map((name) => join(path, name))
    .filter((file) => textsOf(file).some((text) => text.slice(0, 2000).includes(telling)));
}

/** Everything that is stored of a row, in one text. */
function spell(feed: RealFeed, row: NaiveRow): string {
  const { clock, minutes } = feed;
  const when = [row.start, row.start + minutes * 60_000, clock.date(row.start), clock.hourEnding(row.start)];
  // "+ 0" makes a zero of a negative zero.
  const plain = row.values.map((value) => (typeof value === "number" ? value + 0 : value));
  return JSON.stringify([...when, ...row.key, ...plain]);
}

for (const feed of [...FEEDS, ...COMPONENT_FEEDS]) {
  const name = `${feed.iso} ${feed.feed} in ${feed.folder}/`;
  const files = filesOf(feed);
  const skip =
    files.length === 0 &&
    `GRIDPARQUET_REAL_DATA names no folder with CSV files in ${feed.iso}/${feed.folder}/`;

  test(`${name}: the files as published, row for row`, { skip }, async (t) => {
    const out = join(tempFolder(t), "out");
    const summary = await convert({ inputs: files, out, threads: 2 });
    // One of the zips at hand holds the same report as XML.
    assert.deepEqual(
      summary.skipped.filter(({ file }) => !file.endsWith(".xml")),
      [],
    );
    assert.deepEqual(summary.failures, []);
    assert.equal(summary.status, "complete");
    assert.equal(summary.rejects, null);
    assert.deepEqual(new Set(summary.outputs.map((output) => output.feed)), new Set([feed.feed]));

    const rows = files.map((file) => textsOf(file).flatMap((text) => feed.read(readRecords(text, feed.iso))));
    const accounts = checkAccounts(summary);
    for (const [index, file] of files.entries()) {
      const own = accounts.filter((account) => account.file === file || account.file.startsWith(`${file}/`));
      const read = own.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
      assert.equal(read, rows[index]!.length, `rows of ${basename(file)}`);
    }
    // Of two rows of one key that of the later file stays.
    const wanted = new Map(
      rows.flat().map((row) => [JSON.stringify([row.start, row.key]), spell(feed, row)]),
    );
    assert.equal(summary.totals.rowsDeduplicated, rows.flat().length - wanted.size);

    const parquet = `read_parquet('${join(out, "**", "*.parquet")}', hive_partitioning = false)`;
    const stored = await query(`
      SELECT epoch_ms(interval_start_utc), epoch_ms(interval_end_utc), operating_date - DATE '1970-01-01',
             hour_ending, ${[...feed.key, ...feed.values].join(", ")} FROM ${parquet}`);
    const got = new Set(stored.map((row) => JSON.stringify(row)));
    assert.equal(got.size, stored.length, "rows that are stored twice");
    const lost = [...wanted.values()].filter((row) => !got.has(row));
    assert.deepEqual(lost.slice(0, 3), [], `${lost.length} rows of ${wanted.size} are not stored`);
    assert.equal(stored.length, wanted.size);

    if (feed.minutes !== 60) return;
    const days = await query(`
      SELECT operating_date - DATE '1970-01-01' AS date, list(hour_ending ORDER BY hour_ending), ${feed.key.join(", ")}
      FROM ${parquet} GROUP BY ALL`);
    for (const [date, hours, ...key] of days) {
      const count = feed.clock.hoursInDay(date as number);
      if (count === 24) continue;
      const { items } = hours as unknown as { items: number[] };
      // Some of the files are the first rows of one: they have no gap either.
      const whole = items.length >= 23;
      const each = Array.from({ length: whole ? count : items.length }, (_, hour) => hour + 1);
      assert.deepEqual(items, each, `hours of ${key.join(" ")} on day ${date}`);
    }
  });
}

const OTHERS = ["SPP/other/DA-FUEL-ON-MARGIN-202502220100.csv", "PJM/ancillary/reg_market_results.csv"]
  .map((name) => join(REAL_DATA, name))
  .filter((path) => REAL_DATA !== "" && existsSync(path));

test("files that lie beside prices and hold none are skipped with a reason", {
  skip: OTHERS.length === 0 && "GRIDPARQUET_REAL_DATA names no folder with such files",
}, async (t) => {
  const converted = convert({ inputs: OTHERS, out: join(tempFolder(t), "out"), threads: 1 });
  await assert.rejects(converted, (error: Error) => {
    for (const path of OTHERS) assert.ok(error.message.includes(`${path} has `), error.message);
    return /no file can be converted/.test(error.message);
  });
});
