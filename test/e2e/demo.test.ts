import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { writeDemoFiles } from "../../src/demo/demo.js";
import { DEMO_DATES } from "../../src/demo/demo-sets.js";
import { Oracle, quoted } from "./duckdb.js";
import { checkAccounts, convertJson, readRejects, tempFolder } from "./helpers.js";

/** Hours of an operating day: MISO's clock does not change. */
function hoursOf(iso: string, date: string): number {
  if (iso === "MISO") return 24;
  return { "2025-03-09": 23, "2025-11-02": 25 }[date] ?? 24;
}

test("the sample of all ISOs converts whole, every location with every hour of its days", async (t) => {
  const { input, output, sets } = await writeDemoFiles(join(tempFolder(t), "demo"));
  const { summary, run } = await convertJson([input, "--out", output]);
  assert.equal(run.code, 0, run.stderr);
  assert.equal(summary.status, "complete");
  checkAccounts(summary);
  assert.deepEqual([summary.skipped, summary.failures, readRejects(summary)], [[], [], []]);
  assert.equal(summary.totals.rowsRejected, 0);
  const feeds = new Set(summary.outputs.map(({ iso, feed }) => `${iso} ${feed}`));
  assert.deepEqual([...feeds].sort(), sets.map(({ iso, feed }) => `${iso} ${feed}`).sort());

  const oracle = await Oracle.open();
  t.after(() => oracle.close());
  const energy = `read_parquet(${quoted(`${output}/energy/**/*.parquet`)}, hive_partitioning = true)`;
  await t.test("hours", async () => {
    const days = await oracle.rows(`
      WITH locations AS (
        SELECT iso, feed, CAST(operating_date AS VARCHAR) AS date, location, location_type, location_id,
               count(*) AS intervals, count(DISTINCT interval_start_utc) AS starts,
               count(DISTINCT hour_ending) AS hours, max(hour_ending) AS last,
               60 / min(date_diff('minute', interval_start_utc, interval_end_utc)) AS per_hour
        FROM ${energy} GROUP BY ALL)
      SELECT iso, feed, date, min(hours) AS low, max(hours) AS high, max(last) AS last, count(*)::INTEGER AS locations,
             bool_and(intervals = hours * per_hour AND starts = intervals) AS whole
      FROM locations GROUP BY ALL`);
    for (const { iso, feed, date, low, high, last, whole } of days) {
      const hours = String(hoursOf(iso as string, date as string));
      assert.deepEqual(
        [String(low), String(high), String(last), whole],
        [hours, hours, hours, true],
        `${iso} ${feed} ${date}`,
      );
    }
    const hourly = days.filter(({ feed }) => !/rtm_spp|realtime_zone|rt_5min/.test(feed as string));
    assert.equal(hourly.length, 8 * DEMO_DATES.length);
  });

  await t.test("components", async () => {
    const sums = await oracle.rows(`
      SELECT iso, count(lmp_energy)::INTEGER AS known, count(*)::INTEGER AS rows,
             max(abs(lmp_total - lmp_energy - lmp_congestion - lmp_loss - coalesce(lmp_ghg, 0))) AS off,
             count(lmp_ghg)::INTEGER AS ghg
      FROM ${energy} GROUP BY iso ORDER BY iso`);
    assert.equal(sums.length, 7);
    for (const { iso, known, rows, off, ghg } of sums) {
      assert.equal(known, iso === "ERCOT" ? 0 : rows, `${iso}: energy`);
      assert.equal(ghg, iso === "CAISO" ? rows : 0, `${iso}: greenhouse gas`);
      if (iso !== "ERCOT") assert.ok((off as number) < 1e-9, `${iso}: off by ${off}`);
    }
    const differing = await oracle.value(`
      SELECT count(*)::INTEGER FROM (
        SELECT iso, feed, interval_start_utc FROM ${energy} WHERE iso <> 'ERCOT'
        GROUP BY ALL HAVING max(lmp_energy) - min(lmp_energy) > 1e-9)`);
    assert.equal(differing, 0, "one energy price per interval");
  });
});
