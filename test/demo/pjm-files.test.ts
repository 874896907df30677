import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { type PjmDayOptions, pjmDayFile, pjmFileName, writePjmDay } from "../../src/demo/pjm-files.js";
import { GridparquetError } from "../../src/errors.js";

const DAY: PjmDayOptions = { feed: "da_hourly", date: "2024-06-12", nodeCount: 60, seed: 4 };

function textOf(options: PjmDayOptions): string {
  return [...pjmDayFile(options)].join("");
}

/** Rows of cells, without the header. */
function rowsOf(options: PjmDayOptions): string[][] {
  const lines = textOf(options).trimEnd().split(/\r?\n/);
  return lines.slice(1).map((line) => line.split(","));
}

function distinct(rows: string[][], column: number): string[] {
  return [...new Set(rows.map((row) => row[column]!))];
}

/** Cells of one node, one row per interval. */
function ofNode(rows: string[][], id: string): string[][] {
  return rows.filter((row) => row[2] === id);
}

test("the same options give the same bytes, another seed or date gives others", () => {
  const text = textOf(DAY);
  assert.equal(textOf({ ...DAY }), text);
  assert.notEqual(textOf({ ...DAY, seed: 5 }), text);
  assert.notEqual(textOf({ ...DAY, date: "2024-06-13" }), text);
});

test("a file is the same on every machine", () => {
  const digest = createHash("sha256").update(textOf(DAY)).digest("hex");
  assert.equal(digest, "3afd04ac3ae6d5e6da10b953a0a3de2522d7a6f7128db407e8ac397fa34f65fc");
});

test("header and line ends are those of Data Miner", () => {
  const columns =
    "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone," +
    "system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr";
  const website = textOf(DAY);
  assert.ok(
    website.startsWith(`${columns}\r\n6/12/2024 4:00:00 AM,6/12/2024 12:00:00 AM,1,PJM-RTO,,,ZONE,,`),
  );
  assert.equal(website.split("\n").length, website.split("\r\n").length);

  const api = textOf({ ...DAY, feed: "rt_5min", timestampForm: "YYYY-MM-DDTHH:mm:ss" });
  const start = "2024-06-12T04:00:00,2024-06-12T00:00:00,1,PJM-RTO,,,ZONE,,";
  assert.ok(api.startsWith(`${columns.replaceAll("_da", "_rt")}\n${start}`));
  assert.ok(!api.includes("\r"));
  assert.ok(textOf({ ...DAY, lineEnd: "\n" }).startsWith(`${columns}\n6/12/2024`));
});

test("a day has 23, 24 or 25 hours", () => {
  const hours = (date: string, feed: PjmDayOptions["feed"]) =>
    [...pjmDayFile({ ...DAY, date, feed })].length - 1;
  assert.equal(hours("2024-03-10", "da_hourly"), 23);
  assert.equal(hours("2024-06-12", "rt_hourly"), 24);
  assert.equal(hours("2024-11-03", "da_hourly"), 25);
  assert.equal(hours("2024-03-10", "rt_5min"), 23 * 12);
  assert.equal(hours("2024-11-03", "rt_5min"), 25 * 12);
});

test("the short day jumps from 1 to 3 AM, the long day has 1 AM twice", () => {
  const short = ofNode(rowsOf({ ...DAY, date: "2024-03-10" }), "1");
  assert.deepEqual(
    short.slice(0, 4).map((row) => row.slice(0, 2)),
    [
      ["3/10/2024 5:00:00 AM", "3/10/2024 12:00:00 AM"],
      ["3/10/2024 6:00:00 AM", "3/10/2024 1:00:00 AM"],
      ["3/10/2024 7:00:00 AM", "3/10/2024 3:00:00 AM"],
      ["3/10/2024 8:00:00 AM", "3/10/2024 4:00:00 AM"],
    ],
  );
  assert.deepEqual(short.at(-1)!.slice(0, 2), ["3/11/2024 3:00:00 AM", "3/10/2024 11:00:00 PM"]);

  const long = ofNode(rowsOf({ ...DAY, date: "2024-11-03" }), "1");
  assert.deepEqual(
    long.slice(1, 4).map((row) => row.slice(0, 2)),
    [
      ["11/3/2024 5:00:00 AM", "11/3/2024 1:00:00 AM"],
      ["11/3/2024 6:00:00 AM", "11/3/2024 1:00:00 AM"],
      ["11/3/2024 7:00:00 AM", "11/3/2024 2:00:00 AM"],
    ],
  );
  assert.deepEqual(long.at(-1)!.slice(0, 2), ["11/4/2024 4:00:00 AM", "11/3/2024 11:00:00 PM"]);
});

test("total is energy plus congestion plus loss, in whole cents", () => {
  const rows = rowsOf(DAY);
  assert.equal(rows.length, 24 * 60);
  for (const row of rows) {
    assert.match(row[8]!, /^-?\d+\.\d\d$/);
    for (const price of row.slice(9, 12)) assert.match(price, /^-?\d+\.\d\d0000$/);
    const [energy, total, congestion, loss] = row
      .slice(8, 12)
      .map((price) => Math.round(Number(price) * 100));
    assert.equal(total, energy! + congestion! + loss!);
  }
});

test("averages of aggregates may use six decimals, and still add up", () => {
  const rows = rowsOf({ ...DAY, feed: "rt_hourly", sixDecimalAggregates: true });
  const fine = new Set<string>();
  for (const row of rows) {
    const [energy, total, congestion, loss] = row
      .slice(8, 12)
      .map((price) => Math.round(Number(price) * 1e6));
    assert.equal(total, energy! + congestion! + loss!);
    if (congestion! % 10_000 !== 0) fine.add(row[6]!);
  }
  assert.deepEqual([...fine].sort(), ["AGGREGATE", "HUB", "ZONE"]);
});

test("one energy price per interval, many congestion prices", () => {
  const rows = rowsOf(DAY);
  for (const time of distinct(rows, 0)) {
    assert.equal(
      distinct(
        rows.filter((row) => row[0] === time),
        8,
      ).length,
      1,
      time,
    );
  }
  assert.ok(distinct(rows, 8).length > 12);
  assert.ok(distinct(rows, 10).length > 100);
});

test("rows are by time and then by unique node id, with ids beyond 32 bits", () => {
  const rows = rowsOf({ ...DAY, nodeCount: 400 });
  const ids = rows.slice(0, 400).map((row) => Number(row[2]));
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  );
  assert.ok(ids.at(-1)! > 2 ** 31);
  for (let hour = 1; hour < 24; hour++) {
    assert.deepEqual(
      rows.slice(hour * 400, hour * 400 + 400).map((row) => Number(row[2])),
      ids,
    );
  }
});

test("nodes have the types of PJM; zones and hubs have no voltage, equipment or zone", () => {
  const hour = rowsOf({ ...DAY, nodeCount: 400 }).slice(0, 400);
  const types = ["AGGREGATE", "EHV", "GEN", "HUB", "INTERFACE", "LOAD", "ZONE"];
  assert.deepEqual(distinct(hour, 6).sort(), types);
  assert.ok(distinct(hour, 3).length < 400, "some names are shared");
  for (const row of hour) {
    assert.match(row[3]!, /^[A-Z0-9 -]+$/);
    assert.match(row[4]!, /^(\d+ KV)?$/);
    if (row[6] === "ZONE" || row[6] === "HUB") assert.equal(row[4]! + row[5]! + row[7]!, "");
    if (row[6] === "LOAD") assert.ok(row[4] !== "" && row[5] !== "" && row[7] !== "");
  }
});

test("revised keys appear as False,1 and then as True,2", () => {
  const rows = rowsOf({ ...DAY, feed: "rt_hourly", revisedShare: 0.2 });
  const revised = rows.filter((row) => row[12] === "False").length;
  assert.ok(revised > 200 && revised < 400, `${revised} of 1440`);
  assert.equal(rows.length, 24 * 60 + revised);
  rows.forEach((row, index) => {
    const earlier = rows[index - 1];
    if (row[12] === "False") {
      assert.equal(row[13], "1");
      assert.equal(rows[index + 1]![12], "True");
    } else if (earlier?.[12] === "False") {
      assert.equal(row[13], "2");
      assert.deepEqual(row.slice(0, 3), earlier.slice(0, 3));
      assert.notEqual(row[9], earlier[9]);
    } else {
      assert.equal(row[13], "1");
    }
  });
});

test("a wrong date or number of nodes is a usage error", () => {
  const usage = (error: unknown) => error instanceof GridparquetError && error.code === "usage";
  for (const date of ["2023-02-29", "2024-1-1", "2024-13-01", ""]) {
    assert.throws(() => textOf({ ...DAY, date }), usage, date);
  }
  for (const nodeCount of [0, 1.5, -3, 50_001]) assert.throws(() => textOf({ ...DAY, nodeCount }), usage);
});

test("a day is written under the name that PJM's files have", async () => {
  assert.equal(pjmFileName({ feed: "rt_hourly", date: "2024-03-10" }), "rt_hrl_lmps_2024-03-10.csv");
  assert.equal(pjmFileName({ feed: "rt_5min", date: "2024-03-10" }), "rt_fivemin_hrl_lmps_2024-03-10.csv");
  const folder = await mkdtemp(path.join(tmpdir(), "gridparquet-pjm-"));
  try {
    const { path: file } = await writePjmDay(path.join(folder, "new"), DAY);
    assert.equal(file, path.join(folder, "new", "da_hrl_lmps_2024-06-12.csv"));
    assert.equal(await readFile(file, "utf8"), textOf(DAY));
  } finally {
    await rm(folder, { recursive: true });
  }
});
