import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { PjmDayOptions } from "../../src/demo/pjm-files.js";
import type { ConvertSummary, OutputFile } from "../../src/run/options.js";
import { ENERGY_TYPES, Oracle, pjmReference, quoted, REQUIRED_COLUMNS } from "./duckdb.js";
import {
  AUTUMN,
  assertNothingLeft,
  checkAccounts,
  convertJson,
  NEW_YEAR,
  SPRING,
  writeDays,
} from "./helpers.js";

/* The whole way through, compared row for row with what DuckDB reads from the same CSV files by its own means. */

const FEEDS = {
  da_hourly: { file: "da_hrl_lmps", market: "DA", suffix: "da", minutes: 60 },
  rt_hourly: { file: "rt_hrl_lmps", market: "RT", suffix: "rt", minutes: 60 },
  rt_5min: { file: "rt_fivemin_hrl_lmps", market: "RT", suffix: "rt", minutes: 5 },
} as const;
type Feed = keyof typeof FEEDS;

const SHORT_DAYS = ["2024-03-10", "2025-03-09"];
const LONG_DAYS = ["2024-11-03", "2025-11-02"];
const DATES = [...NEW_YEAR, ...SPRING, ...AUTUMN, "2024-02-29", ...SHORT_DAYS, ...LONG_DAYS];

/** Website and API times, CRLF and LF, revised and six-decimal prices, in turn over the days. */
function days(): PjmDayOptions[] {
  return (Object.keys(FEEDS) as Feed[]).flatMap((feed) =>
    [...new Set(DATES)].map((date, index) => ({
      feed,
      date,
      nodeCount: feed === "rt_5min" ? 9 : 60,
      seed: 11,
      timestampForm: index % 2 === 0 ? ("M/D/YYYY h:mm:ss AM" as const) : ("YYYY-MM-DDTHH:mm:ss" as const),
      lineEnd: index % 4 < 2 ? ("\r\n" as const) : ("\n" as const),
      revisedShare: feed === "da_hourly" ? 0 : 0.05,
      sixDecimalAggregates: index % 3 === 0,
    })),
  );
}

function reverseRecords(file: string): void {
  const text = readFileSync(file, "utf8");
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const [header, ...records] = text.trimEnd().split(lineEnd);
  writeFileSync(file, [header, ...records.reverse(), ""].join(lineEnd));
}

suite("PJM files and DuckDB", () => {
  let oracle: Oracle;
  let out: string;
  let summary: ConvertSummary;

  const folder = mkdtempSync(join(tmpdir(), "gridparquet-e2e-"));

  before(async () => {
    const input = join(folder, "input");
    mkdirSync(input);
    out = join(folder, "out");
    const files = await writeDays(input, days());
    // A revision may come before what it revises, and rows in any order.
    for (const file of files.filter((name) => name.endsWith("-02.csv"))) reverseRecords(file);
    oracle = await Oracle.open();
    const done = await convertJson([input, "--out", out, "--row-group-size", "2000"]);
    assert.equal(done.run.code, 0, done.run.stderr);
    summary = done.summary;
    for (const [feed, { file, suffix, minutes }] of Object.entries(FEEDS)) {
      const csv = join(input, `${file}_*.csv`);
      await oracle.run(`CREATE TABLE wanted_${feed} AS ${pjmReference({ csv, suffix, minutes })}`);
    }
  });
  after(() => {
    oracle.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const parquet = (feed: Feed): string =>
    `read_parquet(${quoted(join(out, "energy", "**", "*.parquet"))}, hive_partitioning = true)
       WHERE feed = '${feed}'`;
  const columns = ENERGY_TYPES.map(([name]) => name).join(", ");

  test("the run is complete and every row accounted for", () => {
    assert.equal(summary.status, "complete");
    assert.equal(summary.totals.files, days().length);
    assert.ok(summary.totals.rowsDeduplicated > 100, "some prices are revised");
    checkAccounts(summary);
    assertNothingLeft(out);
    const made = summary.outputs.map(({ feed, year }) => `${feed}/${year}`);
    assert.deepEqual(
      made.sort(),
      Object.keys(FEEDS)
        .flatMap((feed) => [`${feed}/2024`, `${feed}/2025`])
        .sort(),
    );
  });

  for (const feed of Object.keys(FEEDS) as Feed[]) {
    test(`${feed}: the same rows as DuckDB's own reading of the CSV, in both directions`, async () => {
      const got = `SELECT ${columns} FROM ${parquet(feed)}`;
      const wanted = `SELECT ${columns} FROM wanted_${feed}`;
      assert.deepEqual(await oracle.rows(`(${wanted}) EXCEPT ALL (${got}) LIMIT 3`), []);
      assert.deepEqual(await oracle.rows(`(${got}) EXCEPT ALL (${wanted}) LIMIT 3`), []);
      assert.ok(Number(await oracle.value(`SELECT count(*) FROM wanted_${feed}`)) > 10_000);
    });

    test(`${feed}: each operating day has its 23, 24 or 25 hours, in each location`, async () => {
      const perHour = 60 / FEEDS[feed].minutes;
      const counted = await oracle.rows(`
        SELECT CAST(operating_date AS VARCHAR) AS day, location_id, CAST(count(*) AS INTEGER) AS rows,
               CAST(count(DISTINCT hour_ending) AS INTEGER) AS hours, min(hour_ending) AS first,
               max(hour_ending) AS last, any_value(year) AS year
        FROM ${parquet(feed)} GROUP BY ALL`);
      assert.equal(new Set(counted.map(({ day }) => day)).size, new Set(DATES).size);
      for (const { day, rows, hours, first, last, year } of counted) {
        const wanted = SHORT_DAYS.includes(String(day)) ? 23 : LONG_DAYS.includes(String(day)) ? 25 : 24;
        assert.deepEqual([rows, hours, first, last], [wanted * perHour, wanted, 1, wanted], String(day));
        assert.equal(String(year), String(day).slice(0, 4));
      }
    });
  }

  test("the columns have the types of the table, and the partition columns are in the path alone", async () => {
    for (const { path } of summary.outputs) {
      const file = quoted(path);
      const inFile = await oracle.rows(
        `DESCRIBE SELECT * FROM read_parquet(${file}, hive_partitioning = false)`,
      );
      assert.deepEqual(
        inFile.map(({ column_name, column_type }) => [column_name, column_type]),
        ENERGY_TYPES,
      );
      const withPath = await oracle.rows(
        `DESCRIBE SELECT * FROM read_parquet(${file}, hive_partitioning = true)`,
      );
      const added = withPath.map(({ column_name }) => column_name).slice(ENERGY_TYPES.length);
      assert.deepEqual(added.sort(), ["feed", "iso", "market", "year"]);
      const schema = await oracle.rows(`SELECT name, repetition_type FROM parquet_schema(${file})`);
      const required = schema.filter(({ repetition_type }) => repetition_type === "REQUIRED");
      assert.deepEqual(
        required.map(({ name }) => name).filter((name) => ENERGY_TYPES.some(([known]) => known === name)),
        REQUIRED_COLUMNS,
      );
    }
  });

  test("the files name their iso, market, feed, year and schema in their metadata", async () => {
    for (const { path, market, feed, year } of summary.outputs) {
      const pairs = await oracle.rows(
        `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${quoted(path)})`,
      );
      const found = Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
      const wanted = {
        schema_version: "1",
        table: "energy",
        iso: "PJM",
        market,
        feed,
        year: String(year),
        time_zone: "America/New_York",
      };
      for (const [key, value] of Object.entries(wanted))
        assert.equal(found[`gridparquet.${key}`], value, key);
    }
  });

  test("a file is sorted as a whole and holds each key once", async () => {
    for (const { path, rows } of summary.outputs) {
      const key = "(interval_start_utc, location, coalesce(location_type, ''), coalesce(location_id, -1))";
      const wrong = await oracle.value(`
        WITH numbered AS (
          SELECT file_row_number AS place, row${key} AS key FROM read_parquet(${quoted(path)}, file_row_number = true)
        ), pairs AS (SELECT key, lag(key) OVER (ORDER BY place) AS previous FROM numbered)
        SELECT CAST(count(*) AS INTEGER) FROM pairs WHERE previous IS NOT NULL AND key <= previous`);
      assert.equal(wrong, 0, path);
      const distinct = await oracle.value(
        `SELECT CAST(count(DISTINCT ${key}) AS INTEGER) FROM read_parquet(${quoted(path)})`,
      );
      assert.equal(distinct, rows);
    }
  });

  test("row groups do not overlap, say how they are compressed, and can be skipped by their statistics", async () => {
    for (const output of summary.outputs) await checkRowGroups(oracle, output);
    // Each question prunes by statistics; wrong ones would lose rows.
    for (const feed of Object.keys(FEEDS) as Feed[]) {
      const [sample] = await oracle.rows(`
        SELECT CAST(interval_start_utc AS VARCHAR) AS start, location FROM wanted_${feed}
        ORDER BY hash(interval_start_utc, location_id) LIMIT 1`);
      const { start, location } = sample as { start: string; location: string };
      const conditions = [
        `interval_start_utc = TIMESTAMPTZ ${quoted(start)}`,
        `location = ${quoted(location)}`,
        `location > ${quoted(location)} AND interval_start_utc < TIMESTAMPTZ ${quoted(start)}`,
        "location_id > 2000000000",
        "operating_date = DATE '2025-11-02' AND hour_ending = 25",
        "zone IS NULL",
        "voltage_kv >= 500",
        "lmp_total < 0",
        "lmp_ghg IS NOT NULL",
        "version = 2",
      ];
      for (const condition of conditions) {
        const count = "SELECT CAST(count(*) AS INTEGER) FROM";
        assert.equal(
          await oracle.value(`${count} ${parquet(feed)} AND ${condition}`),
          await oracle.value(`${count} wanted_${feed} WHERE ${condition}`),
          `${feed}: ${condition}`,
        );
      }
    }
  });
});

async function checkRowGroups(oracle: Oracle, { path, rowGroups }: OutputFile): Promise<void> {
  const groups = await oracle.rows(`
    SELECT row_group_id, path_in_schema AS name, stats_min_value AS low, stats_max_value AS high, compression,
           dictionary_page_offset IS NOT NULL AS has_dictionary
    FROM parquet_metadata(${quoted(path)}) ORDER BY row_group_id`);
  assert.equal(new Set(groups.map(({ row_group_id }) => row_group_id)).size, rowGroups);
  assert.ok(rowGroups > 1);
  assert.deepEqual([...new Set(groups.map(({ compression }) => compression))], ["ZSTD"]);
  const starts = groups.filter(({ name }) => name === "interval_start_utc");
  for (const [index, { low, high }] of starts.entries()) {
    assert.ok(String(low) <= String(high));
    if (index > 0) assert.ok(String(starts[index - 1]!.high) < String(low), "row groups overlap");
  }
  const names = groups.filter(({ name }) => name === "location" || name === "location_type");
  assert.ok(
    names.every(({ has_dictionary }) => has_dictionary),
    "names are dictionary encoded",
  );
}
