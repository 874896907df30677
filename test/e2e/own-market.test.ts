import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { query } from "../helpers/duckdb.js";
import { checkAccounts, convertJson, readRejects, runCli, tempFolder } from "./helpers.js";

/*
 * A market that gridparquet does not know, described by YAML alone: its own zone, hours named by their end with a
 * flag for the repeated one, and a column for each product.
 */

const CONFIG = `iso: RMPX
title: Rocky Mountain Power Exchange
time_zone: America/Denver

feeds:
  reserves:
    title: Day-ahead reserve prices
    table: ancillary
    market: DA
    interval_minutes: 60
    confirmed: true
    preamble: [Reserve prices]
    columns:
      operating_date: { from: Trade Date, date: [YYYY-MM-DD] }
      hour_ending: { from: HE }
      repeated_hour: { from: Second, yes: "1" }
      region: { from: Area }
    products: { Up Reg: REG_UP, Down Reg: REG_DOWN, Contingency: CONTINGENCY }
    ignored: [Note]
`;

const SHORT = "2025-03-09";
const LONG = "2025-11-02";
/** Hours as printed on the two days, and midnight in Denver as UTC. */
const DAYS = [
  { date: SHORT, midnight: Date.UTC(2025, 2, 9, 7), hours: ["01", "02", ...named(4)] },
  { date: LONG, midnight: Date.UTC(2025, 10, 2, 6), hours: ["01", "02", "02 again", ...named(3)] },
];
const PRODUCTS = [
  ["Up Reg", "REG_UP"],
  ["Down Reg", "REG_DOWN"],
  ["Contingency", "CONTINGENCY"],
] as const;
const AREAS = ["EAST", "WEST SLOPE"];

function named(from: number): string[] {
  return Array.from({ length: 25 - from }, (_, index) => String(from + index).padStart(2, "0"));
}

test("a market of one's own is converted with nothing but its YAML", async (t) => {
  const root = tempFolder(t);
  const [config, input, out] = ["config", "in", "out"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(config);
  mkdirSync(input);
  writeFileSync(join(config, "rmpx.yaml"), CONFIG);
  const wanted: unknown[] = [];
  for (const { date, midnight, hours } of DAYS) {
    const lines = [
      "Reserve prices",
      `For ${date}`,
      "",
      "Trade Date,HE,Second,Area,Up Reg,Note,Down Reg,Contingency",
    ];
    for (const [index, hour] of hours.entries()) {
      for (const [place, area] of AREAS.entries()) {
        const prices = PRODUCTS.map((_, product) => index + place / 2 + product / 4);
        // In one hour a product has no price and makes no row.
        const printed = prices.map((price, product) =>
          index === 5 && product === 1 ? "" : price.toFixed(2),
        );
        const again = hour.endsWith("again") ? "1" : "0";
        lines.push([date, hour.slice(0, 2), again, area, printed[0], "-", printed[1], printed[2]].join(","));
        const start = midnight + index * 3_600_000;
        for (const [product, [name, standard]] of PRODUCTS.entries()) {
          if (printed[product] === "") continue;
          wanted.push([
            start,
            start + 3_600_000,
            date,
            index + 1,
            name,
            standard,
            area,
            prices[product],
            null,
          ]);
        }
      }
    }
    lines.push(`${date},${date === SHORT ? "03" : "05"},${date === SHORT ? 0 : 1},EAST,1,-,2,3`);
    writeFileSync(join(input, `${date}.csv`), `${lines.join("\n")}\n`);
  }

  const { summary, run } = await convertJson([input, "--out", out, "--config", config]);
  assert.equal(run.code, 2, run.stderr);
  assert.deepEqual(summary.failures, []);
  assert.deepEqual(
    summary.outputs.map(({ path, table, iso, market, feed, year, rows }) => [
      path.startsWith(out),
      table,
      iso,
      market,
      feed,
      year,
      rows,
    ]),
    [[true, "ancillary", "RMPX", "DA", "reserves", 2025, wanted.length]],
  );
  // A record that is rejected stands for the rows that it would have made.
  checkAccounts(summary);
  assert.equal(summary.totals.rowsRejected, 2 * PRODUCTS.length);
  assert.equal(summary.totals.rowsRead, wanted.length + 2 * PRODUCTS.length);
  const rejects = readRejects(summary);
  assert.equal(rejects.length, 2);
  for (const { reason } of rejects) assert.match(reason, /a time that the market's clock does not show/);

  const stored = await query(`
    SELECT epoch_ms(interval_start_utc), epoch_ms(interval_end_utc), CAST(operating_date AS VARCHAR), hour_ending,
           product, product_standard, region, price, cleared_mw
    FROM read_parquet('${join(out, "**", "*.parquet")}', hive_partitioning = false)`);
  const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  assert.deepEqual(sorted(stored), sorted(wanted));

  const verified = await runCli([
    "verify",
    out,
    "--deep",
    input,
    "--config",
    config,
    "--iso",
    "rmpx",
    "--json",
  ]);
  assert.equal(verified.code, 0, verified.stderr);
  const { findings } = JSON.parse(verified.stdout) as { findings: { check: string; severity: string }[] };
  assert.deepEqual(
    findings.filter(({ check, severity }) => severity === "error" || check.startsWith("deep")),
    [],
  );

  const feeds = await runCli(["feeds", "--config", config]);
  assert.equal(feeds.code, 0, feeds.stderr);
  assert.match(feeds.stdout, /RMPX/);
});
