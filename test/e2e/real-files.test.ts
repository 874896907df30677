import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ENERGY_TYPES, Oracle, pjmReference, quoted } from "./duckdb.js";
import { assertNothingLeft, checkAccounts, convertJson, readRejects, tempFolder } from "./helpers.js";

/* Files as PJM published them, where a collection of them is at hand. */

const REAL_DATA = process.env.GRIDPARQUET_REAL_DATA ?? "";
const PJM = join(REAL_DATA, "PJM");
const skip =
  REAL_DATA !== "" && existsSync(PJM)
    ? false
    : "GRIDPARQUET_REAL_DATA does not name a folder with published files in PJM/";

const FEEDS = [
  { feed: "da_hourly", folder: "da_hrl_lmps", suffix: "da", minutes: 60 },
  { feed: "rt_hourly", folder: "rt_hrl_lmps", suffix: "rt", minutes: 60 },
  { feed: "rt_5min", folder: "rt_fivemin_hrl_lmps", suffix: "rt", minutes: 5 },
] as const;

const PRICES = ["lmp_total", "lmp_energy", "lmp_congestion", "lmp_loss", "lmp_ghg"];

/** Counts, bounds and sums of a table. */
function figures(from: string): string {
  const sums = PRICES.map(
    (name) => `sum(${name}) AS ${name}, CAST(count(${name}) AS INTEGER) AS ${name}_count`,
  );
  return `
    SELECT CAST(count(*) AS INTEGER) AS rows, CAST(count(DISTINCT location_id) AS INTEGER) AS locations,
           CAST(min(interval_start_utc) AS VARCHAR) AS first, CAST(max(interval_end_utc) AS VARCHAR) AS last,
           CAST(min(operating_date) AS VARCHAR) AS first_day, CAST(max(operating_date) AS VARCHAR) AS last_day,
           ${sums.join(", ")}
    FROM ${from}`;
}

test("PJM's own files: the figures and the rows are those of DuckDB's reading", { skip }, async (t) => {
  const out = join(tempFolder(t), "out");
  const folders = FEEDS.map(({ folder }) => join(PJM, folder)).filter((folder) => existsSync(folder));
  const { summary, run } = await convertJson([...folders, "--out", out]);
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(summary.failures, []);
  assert.deepEqual(readRejects(summary), []);
  const accounts = checkAccounts(summary);
  assertNothingLeft(out);
  const all = folders.flatMap((folder) => readdirSync(folder, { withFileTypes: true }));
  assert.equal(accounts.length + summary.skipped.length, all.filter((entry) => entry.isFile()).length);
  for (const { reason } of summary.skipped) assert.ok(reason.length > 0);

  const oracle = await Oracle.open();
  t.after(() => oracle.close());
  for (const { feed, folder, suffix, minutes } of FEEDS) {
    if (!existsSync(join(PJM, folder))) continue;
    const csv = join(PJM, folder, "*.csv");
    await oracle.run(`CREATE TABLE wanted_${feed} AS ${pjmReference({ csv, suffix, minutes })}`);
    const lines = await oracle.value(
      `SELECT CAST(count(*) AS INTEGER) FROM read_csv(${quoted(csv)}, header = true, all_varchar = true)`,
    );
    const ofFeed = accounts.filter((account) => account.feed === feed);
    assert.equal(
      ofFeed.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
      lines,
      `${feed}: rows read`,
    );

    const files = join(out, "energy", "**", "*.parquet");
    const parquet = `(SELECT * FROM read_parquet(${quoted(files)}, hive_partitioning = true)
                      WHERE feed = '${feed}')`;
    const [got] = await oracle.rows(figures(parquet));
    const [wanted] = await oracle.rows(figures(`wanted_${feed}`));
    for (const [name, value] of Object.entries(wanted!)) {
      if (!PRICES.includes(name)) assert.equal(got![name], value, `${feed}: ${name}`);
      else if (value === null) assert.equal(got![name], null);
      else {
        const difference = Math.abs(Number(got![name]) - Number(value));
        assert.ok(difference <= 1e-6 * Math.abs(Number(value)), `${feed}: sum of ${name}`);
      }
    }
    const columns = ENERGY_TYPES.map(([name]) => name).join(", ");
    const mine = `SELECT ${columns} FROM ${parquet}`;
    const theirs = `SELECT ${columns} FROM wanted_${feed}`;
    assert.deepEqual(await oracle.rows(`(${theirs}) EXCEPT ALL (${mine}) LIMIT 3`), [], `${feed}: lost`);
    assert.deepEqual(await oracle.rows(`(${mine}) EXCEPT ALL (${theirs}) LIMIT 3`), [], `${feed}: invented`);
    const types = await oracle.rows(`DESCRIBE ${mine}`);
    assert.deepEqual(
      types.map(({ column_name, column_type }) => [column_name, column_type]),
      ENERGY_TYPES,
    );
  }
});
