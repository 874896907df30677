import assert from "node:assert/strict";
import { test } from "node:test";
import { caisoAncillaryFile, caisoLmpFile } from "../../src/demo/caiso-files.js";
import type { DayOptions } from "../../src/demo/day-options.js";
import { ercotDamFile } from "../../src/demo/ercot-files.js";
import { isoneFile } from "../../src/demo/isone-files.js";
import { misoFile } from "../../src/demo/miso-files.js";
import { nyisoFile } from "../../src/demo/nyiso-files.js";
import { pjmAncillaryFile } from "../../src/demo/pjm-files.js";
import { sppLmpFile, sppMcpFile } from "../../src/demo/spp-files.js";
import { GridparquetError } from "../../src/errors.js";

type Generator = (options: DayOptions) => Iterable<string>;

const SHORT = "2025-03-09";
const LONG = "2025-11-02";
const SHORT_HOURS = [1, 2, ...Array.from({ length: 21 }, (_, i) => i + 4)];

const GENERATORS: Record<string, Generator> = {
  caisoLmpFile,
  caisoAncillaryFile,
  ercotDamFile,
  misoFile,
  nyisoDayAhead: (options) => nyisoFile({ feed: "damlbmp_zone", ...options }),
  nyisoRealTime: (options) => nyisoFile({ feed: "realtime_zone", ...options }),
  isoneFile,
  sppLmpFile,
  sppMcpFile,
  pjmAncillaryFile,
};

function textOf(generator: Generator, date: string, nodeCount = 30): string {
  return [...generator({ date, nodeCount })].join("");
}

/** Cells of the lines that a pattern fits; no generated cell has a comma in it. */
function cells(text: string, pattern: RegExp): string[][] {
  return text
    .split("\n")
    .filter((line) => pattern.test(line))
    .map((line) => line.replaceAll('"', "").split(","));
}

/** A price as a whole number of the smallest decimal in use. */
function units(price: string | undefined): number {
  return Math.round(Number(price) * 100_000);
}

for (const [name, generator] of Object.entries(GENERATORS)) {
  test(`${name}: the same options give the same bytes, another seed or date gives others`, () => {
    const text = textOf(generator, LONG);
    assert.equal(textOf(generator, LONG), text);
    assert.notEqual([...generator({ date: LONG, nodeCount: 30, seed: 2 })].join(""), text);
    assert.notEqual(textOf(generator, SHORT), text);
    assert.ok(/^[\x20-\x7e\r\n]*$/.test(text), "only plain characters");
  });

  test(`${name}: a date that does not exist is a usage error`, () => {
    const usage = (error: unknown) => error instanceof GridparquetError && error.code === "usage";
    for (const date of ["2025-02-29", "2025-1-1", ""]) assert.throws(() => textOf(generator, date), usage);
  });
}

test("a number of nodes out of range is a usage error", () => {
  const usage = (error: unknown) => error instanceof GridparquetError && error.code === "usage";
  for (const generator of [caisoLmpFile, ercotDamFile, misoFile, isoneFile, sppLmpFile, sppMcpFile]) {
    for (const nodeCount of [0, 1.5, 1e6]) assert.throws(() => textOf(generator, LONG, nodeCount), usage);
    assert.ok(textOf(generator, LONG, 1).length > 0);
  }
});

test("CAISO: a row per component, hours in no order, which add up", () => {
  const text = textOf(caisoLmpFile, LONG);
  const rows = cells(text, /^2025/);
  assert.equal(rows.length, 30 * 25 * 5);
  assert.match(
    text.split("\n")[1]!,
    /^2025-11-0\dT\d\d:00:00-00:00,2025-11-0\dT\d\d:00:00-00:00,2025-11-02,\d+,0,(\w+),\1,\1,DAM,LMP,LMP_PRC,\1,ALL,1,-?\d+(\.\d{1,5})?,1$/,
  );
  const starts = rows.slice(0, 25).map((row) => row[0]!);
  assert.equal(new Set(starts).size, 25);
  assert.notDeepEqual(starts, starts.toSorted());

  const prices = new Map<string, Record<string, number>>();
  for (const row of rows) {
    const key = `${row[0]} ${row[7]}`;
    prices.set(key, { ...prices.get(key), [row[9]!]: units(row[14]) });
  }
  assert.equal(prices.size, 30 * 25);
  for (const { LMP, MCC, MCE, MCL, MGHG } of prices.values()) assert.equal(LMP, MCC! + MCE! + MCL! + MGHG!);
});

test("CAISO: the repeated hour is 25, the short day leaves 3 out, times are UTC", () => {
  const hourOfStart = new Map(cells(textOf(caisoLmpFile, LONG), /^2025/).map((row) => [row[0], row[3]]));
  assert.equal(hourOfStart.get("2025-11-02T07:00:00-00:00"), "1");
  assert.equal(hourOfStart.get("2025-11-02T08:00:00-00:00"), "2");
  assert.equal(hourOfStart.get("2025-11-02T09:00:00-00:00"), "25");
  assert.equal(hourOfStart.get("2025-11-02T10:00:00-00:00"), "3");
  const short = new Set(cells(textOf(caisoLmpFile, SHORT), /^2025/).map((row) => Number(row[3])));
  assert.deepEqual(
    [...short].toSorted((a, b) => a - b),
    SHORT_HOURS,
  );
});

test("CAISO: ancillary prices for every hour, product and region", () => {
  const rows = cells(textOf(caisoAncillaryFile, LONG), /^2025/);
  assert.equal(rows.length, 25 * 6 * 6);
  assert.equal(new Set(rows.map((row) => [row[0], row[6], row[7]].join())).size, rows.length);
  assert.ok(rows.some((row) => row[6] === "NR" && row[9] === "NS_CLR_PRC"));
});

test("ERCOT: hour ending with a space before the price, Y in the second pass alone", () => {
  const text = textOf(ercotDamFile, LONG);
  assert.ok(text.startsWith("DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag\n"));
  const rows = cells(text, /^11/);
  assert.equal(rows.length, 30 * 25);
  for (const row of rows) assert.match(row[3]!, /^ -?\d+(\.\d{1,2})?$/);
  const hours = rows.filter((row) => row[2] === "HB_NORTH").map((row) => `${row[1]} ${row[4]}`);
  assert.deepEqual(hours.slice(0, 4), ["01:00 N", "02:00 N", "02:00 Y", "03:00 N"]);
  assert.equal(hours.at(-1), "24:00 N");
  const short = cells(textOf(ercotDamFile, SHORT), /,HB_NORTH,/).map((row) => Number(row[1]!.slice(0, 2)));
  assert.deepEqual(short, SHORT_HOURS);
});

test("MISO: four lines, then 24 hours in columns in blocks of LMP, MCC and MLC, on every day", () => {
  for (const date of [SHORT, LONG]) {
    const lines = textOf(misoFile, date).trimEnd().split("\n");
    assert.equal(lines[0], "Day Ahead Market ExPost LMPs");
    assert.match(lines[1]!, /^\d\d\/\d\d\/2025$/);
    assert.deepEqual(lines.slice(2, 4), ["", ",,,All Hours-Ending are Eastern Standard Time (EST)"]);
    assert.match(lines[4]!, /^Node,Type,Value,HE 1,.*,HE 24$/);
    const rows = lines.slice(5).map((line) => line.split(","));
    assert.deepEqual(
      rows.map((row) => row[2]),
      ["LMP", "MCC", "MLC"].flatMap((value) => Array.from({ length: 30 }, () => value)),
    );
    for (const row of rows) {
      assert.equal(row.length, 27);
      for (const price of row.slice(3)) assert.match(price, /^(0|-?([1-9]\d*)?(\.\d?[1-9])?)$/);
    }
    const energy = (node: number) =>
      Array.from({ length: 24 }, (_, hour) => {
        const [total, congestion, loss] = [0, 30, 60].map((block) => units(rows[block + node]![hour + 3]));
        return total! - congestion! - loss!;
      });
    for (let node = 1; node < 30; node++) assert.deepEqual(energy(node), energy(0));
  }
});

test("NYISO: quoted, the wall clock alone, energy = LBMP - losses + congestion", () => {
  const stamps = (date: string, feed: "damlbmp_zone" | "realtime_zone") =>
    cells([...nyisoFile({ feed, date })].join(""), /"WEST"/).map((row) => row[0]!.slice(11));
  assert.deepEqual(stamps(LONG, "damlbmp_zone").slice(0, 4), ["00:00", "01:00", "01:00", "02:00"]);
  assert.deepEqual(stamps(SHORT, "damlbmp_zone").slice(0, 4), ["00:00", "01:00", "03:00", "04:00"]);
  const long = stamps(LONG, "realtime_zone");
  assert.equal(long.length, 25 * 12);
  assert.deepEqual([long[0], long.at(-1)], ["00:05:00", "00:00:00"]);
  assert.equal(long.filter((stamp) => stamp === "01:05:00").length, 2);
  assert.equal(stamps(SHORT, "realtime_zone").length, 23 * 12);

  const text = textOf(GENERATORS.nyisoDayAhead!, LONG);
  assert.match(text, /^"11\/02\/2025 00:00","HUD VL",61758,-?\d+\.\d\d,-?\d+\.\d\d,-?\d+\.\d\d$/m);
  const rows = cells(text, /^"11/);
  const energy = rows.map(
    ([, , , total, loss, congestion]) => units(total) - units(loss) + units(congestion),
  );
  assert.equal(energy.length, 25 * 15);
  for (const [i, price] of energy.entries()) assert.equal(price, energy[i - (i % 15)], `row ${i}`);
});

test("ISO-NE: comment, header, data, a trailer with their number and no line end, hour 02X", () => {
  const text = textOf(isoneFile, LONG);
  const lines = text.split("\n");
  assert.deepEqual(
    lines.map((line) => line.slice(0, 3)),
    [...Array(4).fill('"C"'), ...Array(2).fill('"H"'), ...Array(30 * 25).fill('"D"'), '"T"'],
  );
  assert.equal(lines.at(-1), `"T","${30 * 25} lines"`);
  assert.match(lines[3]!, /generated: 11\/01\/2025 12:57:12 EDT"$/);
  const rows = cells(text, /^"D"/);
  assert.deepEqual([...new Set(rows.map((row) => row[2]))].slice(0, 4), ["01", "02", "02X", "03"]);
  for (const row of rows) {
    for (const price of row.slice(6)) assert.match(price, /^-?\d+\.\d{1,2}$/);
    const [total, energy, congestion, loss] = row.slice(6).map(units);
    assert.equal(total, energy! + congestion! + loss!);
  }
  const short = new Set(cells(textOf(isoneFile, SHORT), /^"D"/).map((row) => Number(row[2])));
  assert.deepEqual([...short], SHORT_HOURS);
});

test("SPP: interval ends by the wall clock and in UTC, LMP = loss + congestion + energy", () => {
  const text = textOf(sppLmpFile, LONG);
  assert.ok(text.startsWith("Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC\n"));
  const rows = cells(text, /^11/);
  assert.equal(rows.length, 30 * 25);
  const ends = rows.filter((row) => row[2] === "SPPNORTH_HUB").map((row) => row.slice(0, 2).join());
  assert.deepEqual(ends.slice(0, 3), [
    "11/02/2025 01:00:00,11/02/2025 06:00:00",
    "11/02/2025 02:00:00,11/02/2025 07:00:00",
    "11/02/2025 02:00:00,11/02/2025 08:00:00",
  ]);
  assert.equal(ends.at(-1), "11/03/2025 00:00:00,11/03/2025 06:00:00");
  for (const row of rows) {
    for (const price of row.slice(4)) assert.match(price, /^-?\d+\.\d{4}$/);
    const [total, loss, congestion, energy] = row.slice(4).map(units);
    assert.equal(total, loss! + congestion! + energy!);
  }
});

test("SPP: clearing prices of six reserve zones, a column per product", () => {
  const text = [...sppMcpFile({ date: SHORT })].join("");
  const rows = cells(text, /^03/);
  assert.equal(rows.length, 6 * 23);
  assert.deepEqual(
    rows.slice(0, 6).map((row) => row[2]),
    ["1", "2", "3", "4", "5", "SPP"],
  );
  for (const row of rows) assert.equal(row.length, 10);
});

test("PJM: ancillary prices in the layout of Data Miner", () => {
  const lines = textOf(pjmAncillaryFile, SHORT).split("\r\n");
  assert.equal(lines.length, 1 + 23 + 1);
  assert.match(
    lines[1]!,
    /^3\/9\/2025 5:00:00 AM,3\/9\/2025 12:00:00 AM,RTO Synchronized Reserve,Price,\d+\.\d\d0000,True,1$/,
  );
});
