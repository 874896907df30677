import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import {
  type CsvFile,
  MUCH_TROUBLE,
  NO_TROUBLE,
  randomCsv,
  randomRecords,
  type Trouble,
} from "../helpers/csv-files.js";
import { expectedOf, parseWhole, splitRecords } from "../helpers/csv-model.js";
import { type Decoded, type DecodeSettings, decodeFiles, decoderOf } from "../helpers/decode.js";
import { DA_HOURLY, PRODUCTS } from "../helpers/feeds.js";
import { forSeedsAsync, type Random } from "../helpers/random.js";

/*
 * Files at random, decoded as the pipeline does it, against what csv-parse and a naive conversion make of them.
 */

/** Decodes a series of files of one header and compares everything that came of them with the model. */
async function check(
  files: readonly CsvFile[],
  settings: DecodeSettings,
  sizes?: () => number,
): Promise<Decoded> {
  const { feed, header } = files[0]!;
  const { years = null, chunkSize = 1000 } = settings;
  const decoder = decoderOf(feed, header, settings);
  const inputs = files.map(({ text }) => ({ bytes: Buffer.from(text, "latin1"), sizes }));
  const decoded = await decodeFiles(decoder, inputs);

  const expected = files.map(({ text }, file) =>
    expectedOf(text, feed, header, { years, firstLine: 2, file }),
  );
  const counts = expected.map(({ records, rejects, filtered }) => ({
    records,
    // One row for each record of these feeds.
    rows: records,
    skipped: 0,
    rejected: rejects.length,
    filtered,
  }));
  assert.deepEqual(decoded.counts, counts);
  assert.deepEqual(
    decoded.rejects.map(({ file, line, column, raw }) => ({ file, line, column, raw })),
    expected.flatMap(({ rejects }, file) => rejects.map((reject) => ({ file, ...reject }))),
  );
  assert.deepEqual(
    decoded.rows,
    expected.flatMap(({ rows }) => rows).sort((a, b) => a.start - b.start),
  );
  const accounted = decoded.rows.length + sum(counts, "rejected") + sum(counts, "filtered");
  assert.equal(sum(counts, "records"), accounted, "every record is a row, rejected or filtered");
  assert.ok(decoded.batchRows.every((rows) => rows > 0 && rows <= chunkSize));
  assert.equal(
    decoded.bytes,
    sum(
      inputs.map(({ bytes }) => ({ size: bytes.length })),
      "size",
    ),
  );
  return decoded;
}

function sum<K extends string>(items: readonly Record<K, number>[], key: K): number {
  return items.reduce((total, item) => total + item[key], 0);
}

const feedOf = (random: Random): FeedDefinition => random.pick([DA_HOURLY, DA_HOURLY, PRODUCTS]);

test("plain files: every record becomes a row with the values that csv-parse and Number give", async () => {
  let rows = 0;
  await forSeedsAsync(30, async (random) => {
    const file = randomCsv(random, feedOf(random), random.int(1, 300), NO_TROUBLE);
    const decoded = await check([file], { chunkSize: random.pick([1, 7, 100, 5000]) });
    rows += decoded.rows.length;
  });
  assert.ok(rows > 2500, `only ${rows} rows were compared`);
});

const HEADER = DA_HOURLY.columns.map(({ from }) => from);
const PRICES = HEADER.filter((name) => name.endsWith("_price_da") || name === "total_lmp_da");

/** A record of a location with these prices, in the order of the columns. */
function priceRecord(location: string, prices: readonly string[]): string {
  return HEADER.map((name) => {
    if (name === "datetime_beginning_utc") return "2024-06-01T05:00:00";
    if (name === "type") return "LOAD";
    if (name === "pnode_name") return location;
    return prices[PRICES.indexOf(name)] ?? "";
  }).join(",");
}

test("numbers of every length, with a sign, a point or neither, in every column", async () => {
  assert.equal(PRICES.length, 4);
  const numbers: string[] = [];
  for (let whole = 0; whole <= 17; whole++) {
    for (let fraction = -1; fraction <= 17; fraction++) {
      const point = fraction < 0 ? "" : `.${"9012345678901234567".slice(0, fraction)}`;
      const text = "1234567890123456789".slice(0, whole) + point;
      if (/\d/.test(text)) numbers.push(text, `-${text}`, ` ${text} `);
    }
  }
  const record = (number: string, place: number): string =>
    priceRecord(
      `${number.trim()} ${place}`,
      PRICES.map((_, column) => (column === place ? number : "1.5")),
    );
  const text = numbers.flatMap((number) => PRICES.map((_, place) => record(number, place))).join("\n");
  const decoded = await check([{ feed: DA_HOURLY, header: HEADER, text: `${text}\n` }], { chunkSize: 5000 });
  assert.equal(decoded.rows.length, numbers.length * PRICES.length);
});

test("numbers that are those of the records before, for a while, and others that begin or end alike", async () => {
  await forSeedsAsync(60, async (random) => {
    const like = ["1.5", "1.6", "1.50", "1.55", "-1.5", " 1.5", "1.5 ", "1", "15", "0", "-0", ""];
    const long = [
      "12345678.123456",
      "12345678.1234560",
      "123456789.12345",
      "-12345678.12345 ",
      "12345678.1234567",
    ];
    const prices = PRICES.map(() => "1.5");
    const records = Array.from({ length: random.int(1, 400) }, (_, record) => {
      for (const column of PRICES.keys())
        if (random.chance([0, 0.02, 0.2, 0.6][column]!))
          prices[column] = random.pick(random.chance(0.7) ? like : long);
      // The total is missing in no record.
      const total = PRICES.indexOf("total_lmp_da");
      if (prices[total] === "") prices[total] = "2";
      return priceRecord(`L${record}`, prices);
    });
    const text = records.join(random.pick(["\n", "\r\n"]));
    const sizes = random.chance(0.5) ? () => random.int(1, 200) : undefined;
    await check(
      [{ feed: DA_HOURLY, header: HEADER, text }],
      { chunkSize: random.pick([1, 50, 5000]) },
      sizes,
    );
  });
});

test("files with bad cells, wrong field counts and blank lines: the same rows, rejects and lines", async () => {
  let rejected = 0;
  await forSeedsAsync(60, async (random) => {
    const file = randomCsv(random, feedOf(random), random.int(1, 200), MUCH_TROUBLE);
    const decoded = await check([file], { chunkSize: random.pick([3, 100, 5000]) });
    rejected += decoded.rejects.length;
  });
  assert.ok(rejected > 500, `only ${rejected} rejects were compared`);
});

test("files with broken quotes, NUL bytes and broken UTF-8: each costs its own record", async () => {
  const trouble: Trouble = { badCells: 0.01, badCounts: 0.01, blanks: 0.03, bytes: 0.05 };
  await forSeedsAsync(150, async (random) => {
    const file = randomCsv(random, feedOf(random), random.int(1, 80), trouble);
    await check([file], { chunkSize: random.pick([3, 100]), readSize: random.pick([64, 1000, 1 << 16]) });
  });
});

test("the model reads records as csv-parse reads the whole file, wherever csv-parse takes it", async () => {
  let compared = 0;
  await forSeedsAsync(150, async (random) => {
    const trouble = { ...MUCH_TROUBLE, bytes: random.pick([0, 0.01]) };
    const { text } = randomCsv(random, DA_HOURLY, 60, trouble);
    const whole = parseWhole(text, 2);
    // csv-parse counts a lone CR as a line, and takes one at the end of a file, left of a line break, for data.
    if (whole === null || /\r(?!\n)/.test(text)) return;
    compared++;
    const split = splitRecords(text, 2).map(({ line, cells }) => ({ line, cells }));
    assert.deepEqual(split, whole);
  });
  assert.ok(compared > 80, `csv-parse took only ${compared} files`);
});

test("several files share batches, and each row knows its file", async () => {
  await forSeedsAsync(25, async (random) => {
    const first = randomCsv(random, feedOf(random), random.int(1, 100), MUCH_TROUBLE);
    const files = [first];
    for (let i = random.int(1, 4); i > 0; i--) {
      const text = randomRecords(random, first.feed, first.header, random.int(0, 60), MUCH_TROUBLE);
      files.push({ ...first, text });
    }
    await check(files, { chunkSize: random.pick([10, 77, 1000]) });
  });
});

test("rows of years that are not wanted are counted as filtered, bad ones still as rejected", async () => {
  let filtered = 0;
  await forSeedsAsync(25, async (random) => {
    const file = randomCsv(random, feedOf(random), random.int(50, 150), MUCH_TROUBLE);
    const years = random.pick([[2024], [1999, 2023], [2050]]);
    const { counts } = await check([file], { years, chunkSize: random.pick([10, 1000]) });
    filtered += counts[0]!.filtered;
  });
  assert.ok(filtered > 500, `only ${filtered} rows were filtered`);
});

test("a decoder that is used again decodes as a new one", async () => {
  await forSeedsAsync(10, async (random) => {
    const file = randomCsv(random, feedOf(random), 100, MUCH_TROUBLE);
    const decoder = decoderOf(file.feed, file.header, { chunkSize: 40 });
    for (let round = 0; round < 4; round++) {
      const text = randomRecords(random, file.feed, file.header, random.int(0, 100), MUCH_TROUBLE);
      const bytes = Buffer.from(text, "latin1");
      const again = await decodeFiles(decoder, [{ bytes }]);
      const fresh = await decodeFiles(decoderOf(file.feed, file.header, { chunkSize: 40 }), [{ bytes }]);
      // It knows how long records are, and shares the rows out among batches by that.
      assert.deepEqual({ ...again, batchRows: [] }, { ...fresh, batchRows: [] });
    }
  });
});

test("times that come back for each location are those of the record, with trouble in between", async () => {
  await forSeedsAsync(10, async (random) => {
    const header = DA_HOURLY.columns.map(({ from }) => from);
    const hours = Array.from({ length: 24 }, (_, hour) => hour).sort(() => random.int(0, 2) - 1);
    const lines: string[] = [];
    for (let node = 0; node < 30; node++) {
      for (const hour of hours) {
        const day = 1 + (node % 3);
        const time = `2024-01-0${day}T${String(hour).padStart(2, "0")}:00:00`;
        const trouble = random.int(0, 40);
        const shown = trouble === 0 ? `"${time}"` : trouble === 1 ? "2024-13-01T00:00:00" : time;
        lines.push(`${shown},${node},NODE ${node},,HUB,,${hour}.5, ${node}.25,-3\t,4,1`);
      }
    }
    const text = `${lines.join("\n")}\n`;
    const decoded = await check([{ feed: DA_HOURLY, header, text }], {
      chunkSize: random.pick([7, 100, 5000]),
      readSize: random.pick([200, 4096, 1 << 20]),
    });
    assert.ok(decoded.rows.length > 600);
  });
});

test("a file of short records makes as few batches as its rows need", async () => {
  const header = DA_HOURLY.columns.map(({ from }) => from);
  const text = "2024-01-01T05:00:00,1,A,,HUB,,1,2,3,4,1\n".repeat(20_000);
  const decoder = decoderOf(DA_HOURLY, header, { chunkSize: 100_000, readSize: 1 << 20 });
  const { batchRows } = await decodeFiles(decoder, [{ bytes: Buffer.from(text) }]);
  assert.equal(
    batchRows.reduce((sum, rows) => sum + rows),
    20_000,
  );
  assert.ok(batchRows.length <= 3, `${batchRows.length} batches`);
});
