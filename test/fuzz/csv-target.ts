import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { TABLES } from "../../src/arrow/tables.js";
import { inMemory } from "../../src/containers/random-access.js";
import { parseRecords } from "../../src/csv/csv-records.js";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { type RecognisedFile, recogniseFile } from "../../src/feeds/recognise.js";
import { fileRanges } from "../../src/plan/file-ranges.js";
import { COMPONENT_FEEDS, readRecords } from "../e2e/naive-components.js";
import { FEEDS } from "../e2e/naive-isos.js";
import { decoderOf } from "../helpers/decode.js";
import { Random } from "../helpers/random.js";
import type { Row, Value } from "../helpers/rows.js";
import { troubledFile, VALID, validFile } from "./csv-grammar.js";
import { checkAccount, decodeRanges, decodeWhole, type Outcome, spelled } from "./decode-outcome.js";
import type { FuzzInput, FuzzTarget } from "./fuzz-target.js";

/*
 * Files of prices: recognised and decoded as the pipeline does it. What comes of one must not depend on how its bytes
 * arrive, on the ranges it is cut into or on the spelling of its cells, every row must be accounted for, and a file
 * that is right must give the rows that a naive reader finds.
 */

export const csvTarget: FuzzTarget = {
  name: "csv",
  make: (random, seeds) => (random.chance(0.2) ? validFile(random) : troubledFile(random, seeds)),
  async check(input) {
    const files = await recognised(input);
    assert.ok(files.length > 0 || !input.name.endsWith(VALID), "the file is of a feed");
    for (const file of files) await checkFile(input, file);
  },
};

let feeds: FeedDefinition[] | undefined;

/** What the file is; the name begins with the ISO and the feed, which decide where nothing else does. */
async function recognised({ name, bytes }: FuzzInput): Promise<RecognisedFile[]> {
  feeds ??= loadFeeds();
  const [iso = "", feed = ""] = name.split(".");
  const source = { path: name, entry: [], bytes: bytes.length, locations: [], gzip: false };
  const at = { file: inMemory(bytes), head: null };
  const found = await recogniseFile(source, feeds, new Set([feed]), iso.toUpperCase(), at);
  if (!("feed" in found)) {
    assert.match(found.reason, /^\S.*\S$/s);
    return [];
  }
  return [found.feed, ...found.alsoOf].map((each) => ({ ...found, feed: each }));
}

async function checkFile({ name, bytes }: FuzzInput, file: RecognisedFile): Promise<void> {
  const { feed, header } = file;
  const random = new Random(crc32(bytes));
  const years = random.pick([null, null, [2025]]);
  const wide = { readSize: 1 << 16, chunkSize: 100_000, years };
  const whole = await decodeWhole(decoderOf(feed, header, wide), file, bytes);
  checkAccount(file, whole);
  const wanted = spelled(file, whole);

  const chunkSize = random.pick([1, 7, 100, 5000]);
  const narrow = decoderOf(feed, header, { readSize: random.int(1, 300), chunkSize, years });
  const split = await decodeWhole(narrow, file, bytes, () => random.int(1, 100));
  assert.deepEqual(spelled(file, split), wanted, "the same in small reads");

  const rangeBytes = random.int(1, Math.max(1, bytes.length >> 1));
  const ranges = fileRanges(file, Math.max(rangeBytes, bytes.length >> 6));
  if (ranges !== null)
    assert.deepEqual(
      spelled(file, await decodeRanges(narrow, file, bytes, ranges)),
      wanted,
      "the same in ranges",
    );

  const again = respelled(bytes.subarray(file.dataStart), random);
  if (again !== null) {
    const other = await decodeWhole(narrow, { ...file, dataStart: 0 }, again);
    const [got, before] = [other, whole].map((outcome) => withoutSpelling(spelled(file, outcome)));
    assert.deepEqual(got, before, "the same in another spelling");
  }
  if (name.endsWith(VALID) && years === null) checkNaive(feed, whole, bytes);
}

/**
 * The records as csv-parse reads them, with every cell in quotes or with spaces around it; null where csv-parse does
 * not read the file as one does record by record.
 */
function respelled(bytes: Buffer, random: Random): Buffer | null {
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes) || /\0|\r(?!\n)|\ufeff/.test(text)) return null;
  // A blank record in other words, or one whose first cell begins with a quote after a space, is read otherwise.
  let records: string[][];
  try {
    records = parseRecords(text);
  } catch {
    return null;
  }
  const pads = random.pick(["", " ", "\t "]);
  const lines = records.map((cells) =>
    cells
      .map((cell) =>
        pads === "" || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : pads + cell + pads,
      )
      .join(","),
  );
  const lineEnd = random.pick(["\n", "\r\n"]);
  return Buffer.from(lines.join(lineEnd) + (/\n$/.test(text) ? lineEnd : ""));
}

/** Reasons may quote a cell, and lines that are blank are gone. */
function withoutSpelling({ rejects, ...rest }: ReturnType<typeof spelled>): unknown {
  return { ...rest, rejects: rejects.map(({ column, reason }) => [column, reason]) };
}

/** Vocabularies of which the naive readers know only the words in the files at hand. */
const UNCOMPARED: Readonly<Record<string, readonly string[]>> = { "PJM/as_hourly": ["product_standard"] };

/** The rows are those of a reader that is too simple to be wrong. */
function checkNaive(feed: FeedDefinition, { rows, rejects, failure }: Outcome, bytes: Buffer): void {
  assert.deepEqual([rejects, failure], [[], null], "a file that is right has no rejects");
  const known = [...FEEDS, ...COMPONENT_FEEDS].find(
    (each) => each.iso === feed.iso && each.feed === feed.feed,
  );
  const naive = known ?? pjmDayAhead;
  assert.ok(naive === known || feed.feed === "da_hourly", `${feed.iso}/${feed.feed} has a naive reader`);
  const skipped = UNCOMPARED[`${feed.iso}/${feed.feed}`] ?? [];
  const columns = [...naive.key, ...naive.values];
  const compared = columns.filter((name) => !skipped.includes(name) && !feed.remainders.includes(name));
  const places = compared.map((name) => columns.indexOf(name));
  const wanted = naive.read(readRecords(bytes.toString("utf8"), feed.iso)).map(({ start, key, values }) => {
    const all = [...key, ...values];
    return JSON.stringify([start, ...places.map((place) => plain(all[place]))]);
  });
  const got = joined(feed, rows).map((row) => {
    const of = valuesOf(feed, row);
    return JSON.stringify([row.start, ...compared.map((name) => plain(of.get(name)))]);
  });
  assert.deepEqual(got.sort(), wanted.sort(), "the rows of a naive reader");
}

const plain = (value: Value | undefined): Value => (typeof value === "number" ? value + 0 : (value ?? null));

function valuesOf(feed: FeedDefinition, { entity, measures }: Row): Map<string, Value> {
  const table = TABLES[feed.table];
  return new Map([
    ...table.entity.map(({ name }, place) => [name, entity[place]!] as const),
    ...table.measures.map(({ name }, place) => [name, measures[place]!] as const),
  ]);
}

/** Components of one interval and location as one row. */
function joined(feed: FeedDefinition, rows: readonly Row[]): Row[] {
  if (feed.components === null) return [...rows];
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify([row.start, row.entity]);
    const known = byKey.get(key) ?? row;
    byKey.set(key, {
      ...known,
      measures: known.measures.map((value, place) => value ?? row.measures[place]!),
    });
  }
  return [...byKey.values()];
}

/** PJM's day-ahead prices, the one feed that is read in another place: test/helpers/csv-model.ts. */
const pjmDayAhead = {
  key: ["location", "location_id"],
  values: ["lmp_total", "lmp_energy", "lmp_congestion", "lmp_loss"],
  read: (records: Record<string, string>[]) =>
    records.map((cells) => ({
      start: Date.parse(`${cells.datetime_beginning_utc} UTC`),
      key: [cells.pnode_name!, Number(cells.pnode_id)] as Value[],
      values: [
        cells.total_lmp_da,
        cells.system_energy_price_da,
        cells.congestion_price_da,
        cells.marginal_loss_price_da,
      ].map(Number) as Value[],
    })),
};
