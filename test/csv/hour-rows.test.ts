import assert from "node:assert/strict";
import { test } from "node:test";
import { TABLES } from "../../src/arrow/tables.js";
import { parseFeeds } from "../../src/feeds/load-feeds.js";
import { type Decoded, decodeFiles, decoderOf } from "../helpers/decode.js";
import { builtIn } from "../helpers/feeds.js";
import {
  BY_HOUR,
  COMPONENTS,
  expectedOfHours,
  type HourLayout,
  type HourTrouble,
  layoutOf,
  type ModelDay,
  type Price,
  randomHourLines,
} from "../helpers/hour-files.js";
import { forSeedsAsync, type Random } from "../helpers/random.js";

const OWN = parseFeeds(BY_HOUR, "own.yaml");

const hourHeads = (head: string, count: number) =>
  Array.from({ length: count }, (_, hour) => `${head}${hour + 1}`);
const dateOf = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day) / 86_400_000;

/** Days with the time at which they begin, by hand. */
const STANDARD_DAYS: ModelDay[] = [
  { text: "12/31/2024", date: dateOf(2024, 12, 31), start: Date.parse("2024-12-31T05:00Z"), hours: 24 },
  { text: "01/01/2025", date: dateOf(2025, 1, 1), start: Date.parse("2025-01-01T05:00Z"), hours: 24 },
  { text: "3/9/2025", date: dateOf(2025, 3, 9), start: Date.parse("2025-03-09T05:00Z"), hours: 24 },
  { text: "11/2/2025", date: dateOf(2025, 11, 2), start: Date.parse("2025-11-02T05:00Z"), hours: 24 },
];
const CENTRAL_DAYS: ModelDay[] = [
  { text: "12/31/2024", date: dateOf(2024, 12, 31), start: Date.parse("2024-12-31T06:00Z"), hours: 24 },
  { text: "1/1/2025", date: dateOf(2025, 1, 1), start: Date.parse("2025-01-01T06:00Z"), hours: 24 },
  { text: "03/09/2025", date: dateOf(2025, 3, 9), start: Date.parse("2025-03-09T06:00Z"), hours: 23 },
  { text: "11/02/2025", date: dateOf(2025, 11, 2), start: Date.parse("2025-11-02T05:00Z"), hours: 25 },
];

const HE = hourHeads("HE ", 24);
const LMP = layoutOf(builtIn("MISO", "da_expost"), ["Node", "Type", "Value"], HE, [
  ["NODE", "TYPE", "VALUE", ...HE],
]);
const RESERVES = layoutOf(
  builtIn("MISO", "as_da_expost"),
  ["", "", "MCP Type"],
  HE.map((head) => ` ${head}`),
  [["Pnode", "Zone", "MCP Type", ...HE.map((head) => ` ${head}`)]],
);
const H = hourHeads("H", 25);
const OWN_LMP = layoutOf(OWN[0]!, ["Day", "Name", "Kind", "What"], H);
const OWN_RESERVES = layoutOf(OWN[1]!, ["Region", "Day", "Product"], H);

const CASES: [string, HourLayout, ModelDay[]][] = [
  ["LMPs, the day above", LMP, STANDARD_DAYS],
  ["reserves, the day above", RESERVES, STANDARD_DAYS],
  ["LMPs, the day in a column, 25 hours", OWN_LMP, CENTRAL_DAYS],
  ["reserves, the day in a column, 25 hours", OWN_RESERVES, CENTRAL_DAYS],
];

const WORDS: Record<string, string> = { Hub: "HUB", Loadzone: "ZONE", "New kind": "OTHER" };

/** The prices in decoded rows, in the order of the rows. */
function pricesOf(layout: HourLayout, decoded: Decoded): Price[] {
  const { measures } = TABLES[layout.feed.table];
  const meaning: Record<string, string> = {
    lmp_total: "LMP",
    lmp_congestion: "MCC",
    lmp_loss: "MLC",
    price: "",
  };
  return decoded.rows.flatMap((row) => {
    const name =
      layout.feed.table === "energy" ? [row.entity[0], row.entity[2]] : [row.entity[2], row.entity[0]];
    assert.equal(row.end - row.start, 3_600_000);
    return row.measures.flatMap((value, index): Price[] =>
      value === null
        ? []
        : [
            {
              start: row.start,
              date: row.date,
              hour: row.hour,
              name: name.join("|"),
              component: meaning[measures[index]!.name]!,
              value,
              file: row.file,
            },
          ],
    );
  });
}

/** Prices by what they are of, those of one key in their order: how rows are put together is left open. */
function byKey(prices: readonly Price[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { start, date, hour, name, component, value, file } of prices) {
    const key = [start, date, hour, name, component].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), `${value} of file ${file}`]);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Decodes random files in one go and compares with the model. */
async function check(
  random: Random,
  layout: HourLayout,
  days: ModelDay[],
  trouble: HourTrouble,
): Promise<void> {
  const years = random.pick([null, null, [2025], [2024], [1999]]);
  const firstLine = random.int(2, 9);
  const files = Array.from({ length: random.int(1, 4) }, () => {
    const lines = randomHourLines(random, layout, days, random.int(0, 40), trouble);
    return { lines, day: layout.day < 0 ? random.pick(days) : null };
  });
  const isEnergy = layout.feed.table === "energy";
  const expected = files.map(({ lines, day }, file) => {
    const found = expectedOfHours(layout, days, lines, { file, firstLine, day, years });
    for (const price of found.prices) {
      const [name, kind] = price.name.split("|") as [string, string];
      if (isEnergy) price.name = `${name}|${WORDS[kind]}`;
    }
    return found;
  });
  const chunkSize = random.pick([1, 24, 25, 60, 1000]);
  const decoder = decoderOf(layout.feed, layout.header, {
    chunkSize,
    years,
    readSize: random.pick([50, 4096]),
  });
  const newline = random.pick(["\n", "\r\n"]);
  const sources = files.map(({ lines, day }) => {
    const text = lines.join(newline) + (random.chance(0.8) ? newline : "");
    return { bytes: Buffer.from(text), sizes: () => random.int(1, 400), day: day?.date ?? null };
  });
  // A decoder that has been used is used again.
  for (let round = 0; round < 2; round++) {
    const decoded = await decodeFiles(decoder, sources, firstLine);
    const prices = expected.flatMap((one) => one.prices);
    assert.deepEqual(byKey(pricesOf(layout, decoded)), byKey(prices));
    assert.deepEqual(
      decoded.rejects.map(({ file, line, raw }) => ({ file, line, raw })),
      expected.flatMap(({ rejects }, file) => rejects.map((reject) => ({ file, ...reject }))),
    );
    for (const [file, { rejects, records, rows, filtered }] of expected.entries()) {
      const rejected = rejects.length * layout.hours;
      assert.deepEqual(
        decoded.counts[file],
        { records, skipped: 0, rows, rejected, filtered },
        `counts of file ${file}`,
      );
    }
    assert.ok(decoded.batchRows.every((rows) => rows <= Math.max(chunkSize, layout.hours)));
  }
}

for (const [name, layout, days] of CASES) {
  test(`${name}: the same values as a naive reading, whatever the chunks`, async () => {
    await forSeedsAsync(60, (random) =>
      check(random, layout, days, { missing: 0.05, bad: 0.08, between: 0.1 }),
    );
    await forSeedsAsync(15, (random) => check(random, layout, days, { missing: 0.9, bad: 0, between: 0 }));
  });
}

/** A record of a day, all hours with the same price. */
const record = (layout: HourLayout, lead: string[], price: string, hours = layout.hours) =>
  [...lead, ...Array.from({ length: layout.hours }, (_, hour) => (hour < hours ? price : ""))].join(",");

const textOf = (lines: readonly string[]) => Buffer.from(`${lines.join("\n")}\n`);

test("components of a day are in one row as far as the batch has room, and in order of time", async () => {
  const nodes = Array.from({ length: 40 }, (_, index) => `N${index}`);
  const lines = COMPONENTS.flatMap((component) =>
    nodes.map((node) => record(LMP, [node, "Hub", component], "1.25")),
  );
  const joined = await decodeFiles(decoderOf(LMP.feed, LMP.header), [{ bytes: textOf(lines) }], 2, 20_000);
  assert.equal(joined.rows.length, nodes.length * 24);
  assert.deepEqual(joined.counts, [{ records: 120, rows: 960, skipped: 0, rejected: 0, filtered: 0 }]);
  for (const { measures } of joined.rows) assert.deepEqual(measures.slice(0, 4), [1.25, null, 1.25, 1.25]);
  const apart = await decodeFiles(
    decoderOf(LMP.feed, LMP.header, { chunkSize: 24 }),
    [{ bytes: textOf(lines) }],
    2,
    20_000,
  );
  assert.equal(apart.rows.length, 3 * nodes.length * 24);
  assert.deepEqual(apart.counts, joined.counts, "the count of rows is the same");
});

test("more locations than there is room for at first", async () => {
  const nodes = Array.from({ length: 1500 }, (_, index) => `N${index}`);
  const lines = COMPONENTS.flatMap((component, measure) =>
    nodes.map((node, index) => record(LMP, [node, "Hub", component], `${measure}.${index}`)),
  );
  const decoder = decoderOf(LMP.feed, LMP.header, { chunkSize: 100_000 });
  const { rows } = await decodeFiles(decoder, [{ bytes: textOf(lines) }], 2, 20_000);
  assert.equal(rows.length, nodes.length * 24);
  for (const { entity, measures } of rows) {
    const index = String(entity[0]).slice(1);
    const expected = [0, 1, 2].map((measure) => Number(`${measure}.${index}`));
    assert.deepEqual([measures[0], measures[2], measures[3]], expected);
  }
});

test("a price given twice stays twice, in the order of the file, for sorting to choose", async () => {
  const lines = [
    record(LMP, ["A", "Hub", "LMP"], "1"),
    record(LMP, ["A", "Hub", "MCC"], "2"),
    record(LMP, ["A", "Hub", "LMP"], "3"),
    record(LMP, ["A", "Hub", "MLC"], "4"),
  ];
  const { rows, counts } = await decodeFiles(
    decoderOf(LMP.feed, LMP.header),
    [{ bytes: textOf(lines) }],
    2,
    20_000,
  );
  assert.deepEqual(
    rows.slice(0, 2).map(({ measures }) => measures.slice(0, 4)),
    [
      [1, null, 2, null],
      [3, null, null, 4],
    ],
  );
  assert.equal(rows[0]!.start, rows[1]!.start);
  assert.equal(counts[0]!.rows, 48);
});

test("an hour that the day does not have: the whole record is rejected, and says which", async () => {
  const lead = (day: string) => [day, "A", "Hub", "LMP"];
  const lines = [
    record(OWN_LMP, lead("3/9/2025"), "1", 24),
    record(OWN_LMP, lead("3/9/2025"), "1", 23),
    record(OWN_LMP, lead("3/10/2025"), "1", 25),
    record(OWN_LMP, lead("3/10/2025"), "1", 24),
    record(OWN_LMP, lead("11/2/2025"), "1", 25),
  ];
  const { rows, counts, rejects } = await decodeFiles(decoderOf(OWN_LMP.feed, OWN_LMP.header), [
    { bytes: textOf(lines) },
  ]);
  assert.deepEqual(
    rejects.map(({ line, column, reason }) => [line, column, reason]),
    [
      [2, null, "has a value after hour 23, the day's last one"],
      [4, null, "has a value after hour 24, the day's last one"],
    ],
  );
  assert.equal(rows.length, 23 + 24 + 25);
  assert.deepEqual(counts, [{ records: 5, rows: 72 + 50, skipped: 0, rejected: 50, filtered: 0 }]);
});

test("a day above that no market has: every record is rejected for it", async () => {
  const lines = [record(LMP, ["A", "Hub", "LMP"], "1"), "1/1/2025", record(LMP, ["A", "Hub", "LMP"], "1")];
  const { rows, rejects } = await decodeFiles(
    decoderOf(LMP.feed, LMP.header),
    [{ bytes: textOf(lines) }],
    5,
    dateOf(1812, 1, 1),
  );
  assert.deepEqual(
    rejects.map(({ line, column, reason }) => [line, column, reason]),
    [[5, null, "the operating day is not in a year from 1990 to 2100"]],
  );
  assert.equal(rows.length, 24);
});

test("a clock half an hour off: hours that begin at half past are rejected, not moved", async () => {
  const [feed] = parseFeeds(BY_HOUR.replace("America/Chicago", "America/St_Johns"), "own.yaml");
  const line = record(OWN_LMP, ["1/1/2025", "A", "Hub", "LMP"], "1", 24);
  const { rows, rejects } = await decodeFiles(decoderOf(feed!, OWN_LMP.header), [{ bytes: textOf([line]) }]);
  assert.equal(rows.length, 0);
  assert.match(rejects[0]!.reason, /is not at a whole 60 minutes/);
});
