import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { query } from "../helpers/duckdb.js";
import { checkAccounts, convertJson, ROOT, runCli, tempFolder } from "./helpers.js";

/* Exports of the library gridstatus, of which a name must tell the ISO. */

const FIXTURES = join(ROOT, "test", "fixtures", "gridstatus");
const HEADER = "Interval Start,Interval End,Market,Location,Location Type,LMP";

test("exports of several ISOs are placed by their names; one that is not makes the run partial", async (t) => {
  const root = tempFolder(t);
  const [input, out] = [join(root, "in"), join(root, "out")];
  for (const name of ["nyiso", "settlement", "pnodes", "caiso"])
    cpSync(join(FIXTURES, name), join(input, name), { recursive: true });
  const lost = join(FIXTURES, "spp", "locations_da-both.csv");
  cpSync(lost, join(input, basename(lost)));

  const { summary, run } = await convertJson([input, "--out", out]);
  assert.equal(run.code, 2, run.stderr);
  assert.deepEqual(
    summary.failures.map(({ file }) => file),
    [join(input, basename(lost))],
  );
  assert.match(summary.failures[0]!.message, /does not tell the ISO.*choose it with --iso/);
  assert.deepEqual(
    summary.outputs.map(({ iso, market, feed }) => `${iso} ${market} ${feed}`),
    [
      "CAISO DA gridstatus_da_hourly",
      "ERCOT RT gridstatus_rt_sced",
      "ERCOT RT gridstatus_rt_spp_15min",
      "NYISO DA gridstatus_da_hourly",
      "NYISO RT gridstatus_rt_5min",
      "PJM RT gridstatus_rt_hourly",
    ],
  );
  checkAccounts(summary);
  assert.deepEqual([summary.totals.rowsRejected, summary.passedOver], [0, []]);

  // The two NYISO files differ in the sign of their congestion alone: what is stored is the same.
  assert.equal(summary.totals.rowsDeduplicated, 24);
  const [caiso] = await query(`
    SELECT count(*), count(lmp_ghg), min(hour_ending), max(hour_ending)
    FROM read_parquet('${join(out, "energy", "iso=CAISO", "**", "*.parquet")}')`);
  // The file of the short day has greenhouse gas prices, that of the long day has none.
  assert.deepEqual(caiso!.map(Number), [40, 20, 1, 25]);

  const placed = await convertJson([join(input, basename(lost)), "--out", out, "--iso", "SPP"]);
  assert.equal(placed.run.code, 0, placed.run.stderr);
  assert.equal(placed.summary.outputs[0]!.iso, "SPP");
});

test("a file of two markets is read for both; records of a market past the samples are counted", async (t) => {
  const root = tempFolder(t);
  const [input, out] = [join(root, "in"), join(root, "out")];
  mkdirSync(input);
  const record = (minute: number, market: string, place: number) => {
    const stamp = (at: number) => new Date(Date.UTC(2024, 0, 2) + at * 60_000).toISOString().slice(0, 19);
    const [start, end] = [stamp(minute), stamp(minute + 60)].map((text) => `${text.replace("T", " ")}+00:00`);
    return `${start},${end},${market},PLACE ${place},Hub,${minute / 8}`;
  };
  const lines = (market: string, count: number) =>
    Array.from({ length: count }, (_, index) => record((index % 24) * 60, market, Math.floor(index / 24)));
  const mixed = [HEADER, ...lines("DAY_AHEAD_HOURLY", 480), ...lines("REAL_TIME_HOURLY", 240)];
  writeFileSync(join(input, "miso-mixed.csv"), `${mixed.join("\n")}\n`);
  const hidden = [HEADER, ...lines("REAL_TIME_15_MIN", 480)];
  hidden.splice(240, 0, ...lines("REAL_TIME_5_MIN", 7));
  writeFileSync(join(input, "caiso-hidden.csv"), `${hidden.join("\n")}\n`);

  const { summary, run } = await convertJson([input, "--out", out]);
  assert.equal(run.code, 0, run.stderr);
  checkAccounts(summary);
  assert.deepEqual(
    summary.outputs.map(({ iso, feed, rows }) => [iso, feed, rows]),
    [
      ["CAISO", "gridstatus_rt_15min", 480],
      ["MISO", "gridstatus_da_hourly", 480],
      ["MISO", "gridstatus_rt_hourly", 240],
    ],
  );
  assert.deepEqual(summary.passedOver, [
    { iso: "CAISO", feed: "gridstatus_rt_15min", records: 7, reason: "Market is not REAL_TIME_15_MIN" },
    { iso: "MISO", feed: "gridstatus_da_hourly", records: 240, reason: "Market is not DAY_AHEAD_HOURLY" },
    { iso: "MISO", feed: "gridstatus_rt_hourly", records: 480, reason: "Market is not REAL_TIME_HOURLY" },
  ]);
  assert.equal(summary.totals.recordsSkipped, 7 + 240 + 480);

  const said = await runCli(["convert", input, "--out", out]);
  assert.match(said.stdout, /7 CSV records of CAISO\/gridstatus_rt_15min passed over: Market is not/);
});

test("quantities among PJM's ancillary prices are counted as passed over", async (t) => {
  const root = tempFolder(t);
  const file = join(ROOT, "test", "fixtures", "pjm", "ancillary_services-long.csv");
  const { summary, run } = await convertJson([file, "--out", join(root, "out")]);
  assert.equal(run.code, 0, run.stderr);
  const others = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .filter((line) => !line.includes(",Price,")).length;
  assert.ok(others > 0);
  assert.deepEqual(summary.passedOver, [
    { iso: "PJM", feed: "as_hourly", records: others, reason: "unit is not Price" },
  ]);
});
