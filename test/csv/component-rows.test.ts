import assert from "node:assert/strict";
import { test } from "node:test";
import { TABLES } from "../../src/arrow/tables.js";
import { decodeFiles, decoderOf } from "../helpers/decode.js";
import { builtIn } from "../helpers/feeds.js";
import { forSeedsAsync, type Random } from "../helpers/random.js";
import type { Row } from "../helpers/rows.js";

const FEED = builtIn("CAISO", "da_hourly");
const HEADER =
  "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,NODE,MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP".split(
    ",",
  );
const MEASURES = TABLES.energy.measures.map(({ name }) => name);
const TYPES: Record<string, string> = {
  LMP: "lmp_total",
  MCE: "lmp_energy",
  MCC: "lmp_congestion",
  MCL: "lmp_loss",
  MGHG: "lmp_ghg",
};
const HOUR_MS = 3_600_000;
/** Eight hours before New Year in California, so that there are two operating years. */
const BEGIN = Date.UTC(2024, 11, 31, 24);

interface Price {
  node: string;
  hour: number;
  type: string;
  /** Null for a cell without a number. */
  value: number | null;
}

interface Rest {
  item: string;
  pos: string;
  group: string;
}

function line({ node, hour, type, value }: Price, { item, pos, group }: Rest): string {
  const [from, to] = [hour, hour + 1].map(
    (at) => `${new Date(BEGIN + at * HOUR_MS).toISOString().slice(0, 19)}-00:00`,
  );
  return `${from},${to},2025-01-01,1,0,${node},${node},${node},DAM,${type},${item},${node},ALL,${pos},${value ?? ""},${group}`;
}

const plain = (type: string): Rest => ({ item: `${type}_PRC`, pos: "1", group: "1" });

function bytesOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((text) => `${text}\n`).join(""));
}

/** Prices of nodes by hour and component, in the order of the loops that `by` names from the outermost on. */
function pricesOf(random: Random, by: "node" | "type" | "hour", hours: number): Price[] {
  const prices: Price[] = [];
  for (const node of ["A_1", "B_2", "C_3"]) {
    for (const type of Object.keys(TYPES)) {
      for (const hour of random.shuffle(Array.from({ length: hours }, (_, index) => index))) {
        prices.push({ node, hour, type, value: random.int(-9999, 9999) / 100 });
      }
    }
  }
  // Sorting is stable: what is not named keeps its order.
  if (by === "type") prices.sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
  if (by === "hour") prices.sort((a, b) => a.hour - b.hour);
  return prices;
}

/** Values by location and time: of each measure the one that came last. */
function joined(
  cells: Iterable<{ key: string; measure: number; value: number }>,
): Map<string, (number | null)[]> {
  const rows = new Map<string, (number | null)[]>();
  for (const { key, measure, value } of cells) {
    const row = rows.get(key) ?? MEASURES.map(() => null);
    row[measure] = value;
    rows.set(key, row);
  }
  return rows;
}

function cellsOfPrices(prices: readonly Price[]) {
  return prices.flatMap(({ node, hour, type, value }) =>
    value === null
      ? []
      : { key: `${node} ${BEGIN + hour * HOUR_MS}`, measure: MEASURES.indexOf(TYPES[type]!), value },
  );
}

function cellsOfRows(rows: readonly Row[]) {
  return rows.flatMap(({ entity, start, measures }) =>
    measures.flatMap((value, measure) =>
      value === null ? [] : { key: `${entity[0]} ${start}`, measure, value: Number(value) },
    ),
  );
}

test("components of a node that follow each other are one row each hour, in any order of the hours", async () => {
  await forSeedsAsync(30, async (random) => {
    for (const by of ["node", "hour"] as const) {
      const hours = random.int(1, 40);
      const prices = pricesOf(random, by, hours);
      const bytes = bytesOf(prices.map((price) => line(price, plain(price.type))));
      const decoder = decoderOf(FEED, HEADER, { readSize: random.int(300, 5000) });
      const { rows, counts, rejects } = await decodeFiles(decoder, [{ bytes }]);
      assert.deepEqual(rejects, []);
      assert.equal(rows.length, 3 * hours);
      assert.ok(rows.every(({ measures }) => measures.slice(0, 5).every((value) => value !== null)));
      assert.deepEqual(joined(cellsOfRows(rows)), joined(cellsOfPrices(prices)));
      assert.equal(counts[0]!.records, prices.length);
      assert.equal(counts[0]!.rows, 3 * hours);
    }
  });
});

test("components far apart, given twice, without a value or in other files and batches keep what each record says", async () => {
  await forSeedsAsync(60, async (random) => {
    const by = random.pick(["node", "type", "hour"] as const);
    const files = Array.from({ length: random.int(1, 3) }, () => {
      const prices = pricesOf(random, by, random.int(1, 20)).filter(() => random.chance(0.95));
      for (let i = 0; i < 5; i++)
        prices.splice(random.int(0, prices.length), 0, { ...random.pick(prices), value: 7 });
      for (let i = 0; i < 3; i++) random.pick(prices).value = null;
      return prices;
    });
    const settings = { chunkSize: random.int(1, 200), readSize: random.int(300, 5000) };
    const decoder = decoderOf(FEED, HEADER, settings);
    const encoded = files.map((prices) => ({
      bytes: bytesOf(prices.map((price) => line(price, plain(price.type)))),
    }));
    const { rows, counts } = await decodeFiles(decoder, encoded);
    assert.deepEqual(joined(cellsOfRows(rows)), joined(cellsOfPrices(files.flat())));
    for (const [index, prices] of files.entries()) {
      const totals = prices.filter(({ type, value }) => type === "LMP" && value !== null).length;
      assert.equal(counts[index]!.rows, totals);
      assert.equal(counts[index]!.records, prices.length);
    }
    // A decoder that knows nodes and times already gives the same.
    const again = await decodeFiles(decoder, encoded);
    assert.deepEqual(joined(cellsOfRows(again.rows)), joined(cellsOfPrices(files.flat())));
  });
});

test("rows of a year that is not wanted are counted by their totals", async () => {
  await forSeedsAsync(20, async (random) => {
    const prices = pricesOf(random, random.pick(["node", "type", "hour"] as const), 20);
    const bytes = bytesOf(prices.map((price) => line(price, plain(price.type))));
    const { rows, counts } = await decodeFiles(decoderOf(FEED, HEADER, { years: [2025] }), [{ bytes }]);
    const wanted = prices.filter(({ hour }) => hour >= 8);
    assert.deepEqual(joined(cellsOfRows(rows)), joined(cellsOfPrices(wanted)));
    assert.equal(counts[0]!.filtered, 3 * 8);
    assert.equal(counts[0]!.rows, 3 * 20);
  });
});

test("columns that are not used may say anything that is text, and cost their record when they are not", async () => {
  await forSeedsAsync(30, async (random) => {
    const texts = ["1", "1", "2", "é", '"a,b"', '"say ""x"""', " ", ""];
    const prices = pricesOf(random, "node", 6);
    const broken = random.int(0, prices.length - 1);
    const lines = prices.map((price, index) => {
      const rest = { item: random.pick(texts), pos: random.pick(texts), group: random.pick(texts) };
      if (index === broken) rest[random.pick(["item", "pos", "group"] as const)] = "\u0001";
      return line(price, rest);
    });
    const bytes = bytesOf(lines);
    // a byte that no UTF-8 text has
    bytes[bytes.indexOf(1)] = 255;
    const { rows, rejects } = await decodeFiles(decoderOf(FEED, HEADER), [{ bytes }]);
    assert.deepEqual(
      rejects.map(({ line: number, reason }) => [number, reason]),
      [[broken + 2, "the record is not UTF-8 text"]],
    );
    const taken = prices.filter((_, index) => index !== broken);
    assert.deepEqual(joined(cellsOfRows(rows)), joined(cellsOfPrices(taken)));
  });
});

test("a component that the feed does not know is refused by name, after ones that it knows", async () => {
  const prices = ["LMP", "MCE", "XYZ", "MCC"].map((type) => ({ node: "A_1", hour: 0, type, value: 1 }));
  const bytes = bytesOf(prices.map((price) => line(price, plain(price.type))));
  const { rows, rejects } = await decodeFiles(decoderOf(FEED, HEADER), [{ bytes }]);
  assert.deepEqual(
    rejects.map(({ line: number, column, reason }) => [number, column, reason]),
    [[4, "LMP_TYPE", '"XYZ" is no component of this feed\'s prices']],
  );
  assert.equal(rows.length, 1);
});
