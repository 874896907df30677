import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { query } from "../helpers/duckdb.js";
import {
  assertNothingLeft,
  convertJson,
  filesBelow,
  runCli,
  runRecord,
  tempFolder,
  writeDays,
} from "./helpers.js";

/*
 * The lists of what was seen, and the words that no vocabulary has, of the built command line; the model reads the
 * same files with csv-parse, and takes the operating day from the wall clock that stands beside each UTC stamp.
 */

const DAYS = ["2024-12-31", "2025-01-01", "2025-03-09", "2025-11-02"];

interface Entry {
  location: string;
  location_id: number | null;
  location_type: string | null;
  zone: string | null;
  voltage_kv: number | null;
  first_day: string;
  last_day: string;
}

interface List {
  schema_version: string;
  iso: string;
  table: string;
  feeds: { feed: string; market: string; locations: Entry[] }[];
}

const listPath = (out: string): string => join(out, "_gridparquet", "locations", "pjm.json");
const readList = (out: string): List => JSON.parse(readFileSync(listPath(out), "utf8")) as List;

const TYPES: Record<string, string> = { GEN: "GENERATOR" };
const KNOWN = ["ZONE", "HUB", "LOAD", "GEN", "AGGREGATE", "INTERFACE", "EHV", "RESIDUAL_METERED_EDC"];

/** Entries of some CSV files, by feed, as text of everything in them; days outside `years` are passed over. */
function naive(files: readonly string[], years: readonly string[] | null = null): Record<string, string[]> {
  const feeds: Record<string, Map<string, [string, string]>> = {};
  for (const file of files) {
    const feed = basename(file).startsWith("da_") ? "da_hourly" : "rt_hourly";
    feeds[feed] ??= new Map();
    for (const row of parse(readFileSync(file), { columns: true }) as unknown as Record<string, string>[]) {
      const [month, date, year] = row.datetime_beginning_ept!.split(" ")[0]!.split("/");
      if (years !== null && !years.includes(year!)) continue;
      const day = `${year}-${month!.padStart(2, "0")}-${date!.padStart(2, "0")}`;
      const type = row.type!;
      const entity = [
        row.pnode_name,
        Number(row.pnode_id),
        KNOWN.includes(type) ? (TYPES[type] ?? type) : "OTHER",
        row.zone || null,
        row.voltage ? Number.parseFloat(row.voltage) : null,
      ];
      const [first, last] = feeds[feed].get(JSON.stringify(entity)) ?? [day, day];
      feeds[feed].set(JSON.stringify(entity), [day < first ? day : first, day > last ? day : last]);
    }
  }
  return Object.fromEntries(
    Object.entries(feeds).map(([feed, entities]) => [
      feed,
      [...entities].map(([key, days]) => `${key} ${days.join(" ")}`).sort(),
    ]),
  );
}

/** A list as the model has it. */
function spelled(list: List): Record<string, string[]> {
  return Object.fromEntries(
    list.feeds.map(({ feed, locations }) => [
      feed,
      locations
        .map(({ location, location_id, location_type, zone, voltage_kv, first_day, last_day }) => {
          const key = JSON.stringify([location, location_id, location_type, zone, voltage_kv]);
          return `${key} ${first_day} ${last_day}`;
        })
        .sort(),
    ]),
  );
}

/** Files of two feeds with more nodes day by day, and types that PJM has just thought of. */
async function writeInput(folder: string): Promise<string[]> {
  const paths = await writeDays(folder, [
    ...DAYS.map((date, i) => ({ feed: "da_hourly" as const, date, nodeCount: 12 + 9 * i })),
    { feed: "rt_hourly", date: DAYS[2]!, nodeCount: 8, revisedShare: 0.1 },
  ]);
  const renamed = (at: number, from: string, to: string) =>
    writeFileSync(paths[at]!, readFileSync(paths[at]!, "utf8").replaceAll(`,${from},`, `,${to},`));
  renamed(1, "LOAD", "STORAGE");
  renamed(2, "LOAD", "WIND_FARM");
  renamed(4, "GEN", "gen");
  return paths;
}

const WORDS = [
  { iso: "PJM", feed: "da_hourly", column: "location_type", value: "STORAGE" },
  { iso: "PJM", feed: "da_hourly", column: "location_type", value: "WIND_FARM" },
  { iso: "PJM", feed: "rt_hourly", column: "location_type", value: "gen" },
];

test("locations as a naive reader finds them; the same bytes for any threads and chunks", async (t) => {
  const folder = tempFolder(t);
  const paths = await writeInput(join(folder, "in"));
  let reference: Buffer | null = null;
  const ways = [
    ["--threads", "1"],
    ["--threads", "2", "--chunk-size", "7", "--row-group-size", "100"],
    ["--threads", "2", "--batch-size", "1"],
    ["--sequential", "--chunk-size", "1000"],
  ];
  for (const [at, way] of ways.entries()) {
    const out = join(folder, `out-${at}`);
    const { summary, run } = await convertJson([join(folder, "in"), "--out", out, ...way]);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(summary.unmapped, WORDS, way.join(" "));
    assert.equal(summary.totals.unmappedWords, 3);
    assert.deepEqual(runRecord(summary).unmapped, WORDS);
    const bytes = readFileSync(listPath(out));
    reference ??= bytes;
    assert.deepEqual(bytes, reference, way.join(" "));
    assertNothingLeft(out);
  }
  const list = readList(join(folder, "out-0"));
  assert.deepEqual([list.schema_version, list.iso, list.table], ["1", "PJM", "energy"]);
  assert.deepEqual(
    list.feeds.map(({ feed, market }) => [feed, market]),
    [
      ["da_hourly", "DA"],
      ["rt_hourly", "RT"],
    ],
  );
  assert.deepEqual(spelled(list), naive(paths));
  assert.ok(spelled(list).da_hourly!.some((text) => text.includes('"OTHER"')));
});

test("the list agrees with the Parquet files, and DuckDB reads it", async (t) => {
  const folder = tempFolder(t);
  await writeInput(join(folder, "in"));
  const out = join(folder, "out");
  await convertJson([join(folder, "in"), "--out", out]);
  const listed = await query(
    `SELECT f.feed, l.location, l.location_id, l.location_type, l.zone, l.voltage_kv, l.first_day::VARCHAR, l.last_day::VARCHAR
     FROM (SELECT unnest(feeds) AS f FROM read_json('${listPath(out)}')), unnest(f.locations) AS u(l) ORDER BY ALL`,
  );
  const stored = await query(
    `SELECT feed, location, location_id, location_type, zone, voltage_kv,
            min(operating_date)::VARCHAR, max(operating_date)::VARCHAR
     FROM read_parquet('${out}/energy/**/*.parquet', hive_partitioning = true) GROUP BY ALL ORDER BY ALL`,
  );
  assert.ok(listed.length > 40);
  assert.deepEqual(listed, stored);
});

test("runs on one output add up: other feeds, years and locations stay, days widen", async (t) => {
  const folder = tempFolder(t);
  const paths = await writeInput(join(folder, "in"));
  const [eve, newYear, spring, autumn, realTime] = paths as [string, string, string, string, string];
  const all = join(folder, "all");
  await convertJson([...paths, "--out", all]);
  const out = join(folder, "out");
  const parts = [[spring], [eve, autumn], [realTime, newYear], [spring]];
  for (const part of parts) {
    const { run } = await convertJson([...part, "--out", out]);
    assert.equal(run.code, 0, run.stderr);
  }
  assert.deepEqual(readFileSync(listPath(out)), readFileSync(listPath(all)));

  const chosen = join(folder, "2025");
  await convertJson([...paths, "--out", chosen, "--year", "2025"]);
  assert.deepEqual(spelled(readList(chosen)), naive(paths, ["2025"]));
});

test("a damaged list is replaced, with a warning on stderr; a failed run leaves it alone", async (t) => {
  const folder = tempFolder(t);
  const paths = await writeInput(join(folder, "in"));
  const out = join(folder, "out");
  await convertJson([paths[0]!, "--out", out]);
  const whole = readFileSync(listPath(out));
  writeFileSync(listPath(out), whole.subarray(0, whole.length / 2));
  const again = await convertJson([paths[0]!, "--out", out]);
  assert.deepEqual([again.run.code, again.summary.status], [0, "complete"]);
  assert.match(again.run.stderr, /warning: .*locations\/pjm\.json is not JSON; it has been replaced/);
  assert.deepEqual(readFileSync(listPath(out)), whole);

  writeFileSync(paths[1]!, `${readFileSync(paths[1]!, "utf8")}not a record\n`);
  const strict = await convertJson([paths[1]!, "--out", out, "--strict"]);
  assert.equal(strict.run.code, 1);
  assert.deepEqual(readFileSync(listPath(out)), whole);
  assert.deepEqual(strict.summary.unmapped, []);

  const blocked = join(folder, "blocked");
  mkdirSync(listPath(blocked), { recursive: true });
  const partial = await convertJson([paths[0]!, "--out", blocked]);
  assert.deepEqual([partial.run.code, partial.summary.outputs.length], [2, 1]);
  assert.match(partial.summary.failures[0]!.message, /^the list of locations was not written/);
});

test("products are listed by the ISO's name, its word and the region", async (t) => {
  const folder = tempFolder(t);
  const header = "datetime_beginning_utc,datetime_beginning_ept,service,locale,mcp,reg_ccp";
  const line = (service: string, locale: string) =>
    `1/1/2025 5:05:00 AM,1/1/2025 12:05:00 AM,${service},${locale},1.25,`;
  const lines = [header, line("SR", "PJM_RTO"), line("SR", "MAD"), line("NEW", "MAD"), ""];
  writeFileSync(join(folder, "reserve_market_results.csv"), lines.join("\n"));
  const out = join(folder, "out");
  const { summary } = await convertJson([join(folder, "reserve_market_results.csv"), "--out", out]);
  const list = JSON.parse(readFileSync(join(out, "_gridparquet", "products", "pjm.json"), "utf8"));
  const days = { first_day: "2025-01-01", last_day: "2025-01-01" };
  assert.deepEqual(list.feeds, [
    {
      feed: "as_5min",
      market: "RT",
      products: [
        { product: "NEW", product_standard: "OTHER", region: "MAD", ...days },
        { product: "SR", product_standard: "SPIN", region: "MAD", ...days },
        { product: "SR", product_standard: "SPIN", region: "PJM_RTO", ...days },
      ],
    },
  ]);
  assert.deepEqual(summary.unmapped, [
    { iso: "PJM", feed: "as_5min", column: "product_standard", value: "NEW" },
  ]);
  assert.equal(
    filesBelow(out).some((name) => name.includes("locations")),
    false,
  );
  const text = await runCli([
    "convert",
    join(folder, "reserve_market_results.csv"),
    "--out",
    out,
    "--no-progress",
  ]);
  assert.match(text.stdout, /\n1 word of PJM products is not known yet \(written as OTHER\): NEW\n/);
});
