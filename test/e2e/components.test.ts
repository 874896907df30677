import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { query } from "../helpers/duckdb.js";
import { checkAccounts, convertJson, digests, readRejects, tempFolder } from "./helpers.js";

/*
 * Files in which each record holds one component of a price (CAISO): the components of an interval and a node become
 * one row, wherever they lie.
 */

const HEADER =
  "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,NODE,MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP";
const NODES = ["EAST_1_N001", "WEST_1_N001", "TH_MADE_UP"];
const TYPES = ["LMP", "MCE", "MCC", "MCL"];
const HOURS = 96;

/** A made-up price in cents that is another one for each node, hour and component. */
function cents(node: number, hour: number, type: string): number {
  return (node + 1) * 1000 + hour * 10 + TYPES.indexOf(type);
}

/** Record of hour `hour` after midnight of 2024-03-09 in California. */
function record(node: number, hour: number, type: string, price = cents(node, hour, type) / 100): string {
  const start = Date.UTC(2024, 2, 9, 8) + hour * 3_600_000;
  const [from, to] = [start, start + 3_600_000].map(
    (at) => `${new Date(at).toISOString().slice(0, 19)}-00:00`,
  );
  const name = NODES[node]!;
  return `${from},${to},2024-03-09,1,0,${name},${name},${name},DAM,${type},${type}_PRC,${name},ALL,1,${price},1`;
}

function records(types: readonly string[]): string[] {
  const hours = Array.from({ length: HOURS }, (_, hour) => hour);
  return types.flatMap((type) => NODES.flatMap((_, node) => hours.map((hour) => record(node, hour, type))));
}

function write(folder: string, name: string, lines: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `${[HEADER, ...lines].join("\n")}\n`);
}

async function rowsOf(out: string): Promise<Record<string, unknown>[]> {
  const rows = await query(
    `SELECT location, epoch(interval_start_utc)::BIGINT AS start, lmp_total, lmp_energy, lmp_congestion, lmp_loss, lmp_ghg
     FROM read_parquet('${out}/energy/**/*.parquet', hive_partitioning = true)`,
  );
  const names = ["location", "start", "lmp_total", "lmp_energy", "lmp_congestion", "lmp_loss", "lmp_ghg"];
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
}

test("components of one file, far apart or in files of their own, give the same rows and the same bytes", async (t) => {
  const root = tempFolder(t);
  const all = records(TYPES);
  write(join(root, "one"), "one.csv", all);
  write(
    join(root, "mixed"),
    "mixed.csv",
    [...all].sort((a, b) => (a.slice(30) < b.slice(30) ? -1 : 1)),
  );
  for (const type of TYPES) write(join(root, "four"), `${type}.csv`, records([type]));
  const bytes: Record<string, string>[] = [];
  for (const input of ["one", "mixed", "four"]) {
    for (const options of [[], ["--row-group-size", "50", "--chunk-size", "7", "--threads", "2"]]) {
      const out = join(root, `${input}-${options.length}`);
      const { summary } = await convertJson([join(root, input), "--out", out, ...options]);
      checkAccounts(summary);
      assert.equal(summary.totals.recordsRead, all.length);
      assert.equal(summary.totals.rowsRead, NODES.length * HOURS);
      assert.equal(summary.totals.rowsWritten, NODES.length * HOURS);
      if (options.length > 0) bytes.push(digests(out));
      const rows = await rowsOf(out);
      assert.equal(rows.length, NODES.length * HOURS);
      for (const row of rows) {
        const node = NODES.indexOf(row.location as string);
        const hour = (Number(row.start) - Date.UTC(2024, 2, 9, 8) / 1000) / 3600;
        const expected = TYPES.map((type) => cents(node, hour, type) / 100);
        const found = [row.lmp_total, row.lmp_energy, row.lmp_congestion, row.lmp_loss];
        assert.deepEqual(found, expected, `${row.location} hour ${hour}`);
        assert.equal(row.lmp_ghg, null);
      }
    }
  }
  assert.deepEqual(bytes[1], bytes[0]);
  assert.deepEqual(bytes[2], bytes[0]);
});

test("a missing component is null, a missing total rejects the row, a second download is a duplicate", async (t) => {
  const root = tempFolder(t);
  const lines = [
    ...TYPES.map((type) => record(0, 0, type)),
    ...["LMP", "MCE"].map((type) => record(0, 1, type)),
    ...["MCC", "MCL"].map((type) => record(1, 2, type)),
  ];
  write(join(root, "in"), "a.csv", lines);
  write(
    join(root, "in"),
    "b.csv",
    TYPES.map((type) => record(0, 0, type, 7)),
  );
  const out = join(root, "out");
  const { summary, run } = await convertJson([join(root, "in"), "--out", out]);
  assert.equal(run.code, 2);
  checkAccounts(summary);
  const { rowsRead, rowsWritten, rowsRejected, rowsDeduplicated } = summary.totals;
  assert.deepEqual(
    { rowsRead, rowsWritten, rowsRejected, rowsDeduplicated },
    {
      rowsRead: 4,
      rowsWritten: 2,
      rowsRejected: 1,
      rowsDeduplicated: 1,
    },
  );
  const rows = (await rowsOf(out)).sort((a, b) => Number(a.start) - Number(b.start));
  assert.deepEqual(
    rows.map((row) => [row.lmp_total, row.lmp_energy, row.lmp_congestion, row.lmp_loss]),
    [
      [7, 7, 7, 7],
      [cents(0, 1, "LMP") / 100, cents(0, 1, "MCE") / 100, null, null],
    ],
  );
  const [reject, ...more] = readRejects(summary);
  assert.equal(more.length, 0);
  assert.match(reject!.reason, /the total is missing for WEST_1_N001 at 2024-03-09T10:00:00/);
});

/** The real-time reports: their order of columns, the column of the price and the length of an interval. */
const REAL_TIME = [
  { feed: "hasp_15min", run: "HASP", minutes: 15, value: "MW", header: HEADER },
  { feed: "rtpd_15min", run: "RTPD", minutes: 15, value: "PRC", header: realTimeHeader("PRC") },
  { feed: "rtm_5min", run: "RTM", minutes: 5, value: "VALUE", header: realTimeHeader("VALUE") },
];

function realTimeHeader(value: string): string {
  return (
    "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,NODE_ID_XML,NODE_ID,NODE,MARKET_RUN_ID,LMP_TYPE," +
    `XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,${value},OPR_INTERVAL,GROUP`
  );
}

/** The days on which the clock is changed: midnight in California and the hours of the operating day. */
const CLOCK_CHANGES = [
  { date: "2025-03-09", midnight: Date.UTC(2025, 2, 9, 8), hours: 23 },
  { date: "2025-11-02", midnight: Date.UTC(2025, 10, 2, 7), hours: 25 },
];

for (const { feed, run, minutes, value, header } of REAL_TIME) {
  test(`${feed}: every interval of the short and the long day is there once, in its hour`, async (t) => {
    const root = tempFolder(t);
    const names = header.split(",");
    const wanted: unknown[][] = [];
    const lines = CLOCK_CHANGES.flatMap(({ date, midnight, hours }) =>
      TYPES.flatMap((type, place) =>
        Array.from({ length: (hours * 60) / minutes }, (_, index) => {
          const start = midnight + index * minutes * 60_000;
          const hour = Math.floor((index * minutes) / 60) + 1;
          if (place === 0)
            wanted.push([start, date, hour, minutes * 60_000, ...TYPES.map((_, part) => index + part / 4)]);
          const cells: Record<string, string> = {
            INTERVALSTARTTIME_GMT: `${new Date(start).toISOString().slice(0, 19)}-00:00`,
            OPR_DT: date,
            NODE: NODES[0]!,
            MARKET_RUN_ID: run,
            LMP_TYPE: type,
            [value]: `${index + place / 4}`,
          };
          return names.map((name) => cells[name] ?? "1").join(",");
        }),
      ),
    );
    mkdirSync(join(root, "in"));
    writeFileSync(join(root, "in", "a.csv"), `${[header, ...lines].join("\n")}\n`);
    const out = join(root, "out");
    const { summary, run: done } = await convertJson([join(root, "in"), "--out", out]);
    assert.equal(done.code, 0);
    checkAccounts(summary);
    assert.deepEqual(
      summary.outputs.map((output) => output.feed),
      [feed],
    );
    const rows = await query(
      `SELECT epoch_ms(interval_start_utc), operating_date::VARCHAR, hour_ending,
              epoch_ms(interval_end_utc) - epoch_ms(interval_start_utc),
              lmp_total, lmp_energy, lmp_congestion, lmp_loss
       FROM read_parquet('${out}/energy/**/*.parquet', hive_partitioning = true) ORDER BY 1`,
    );
    assert.deepEqual(
      rows.map(([start, date, hour, length, ...prices]) => [
        Number(start),
        date,
        hour,
        Number(length),
        ...prices,
      ]),
      wanted,
    );
  });
}
