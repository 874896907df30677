import assert from "node:assert/strict";
import { test } from "node:test";
import { type RowBatch, unknownWords } from "../../src/arrow/row-batch.js";
import type { FileDecoder } from "../../src/csv/file-decoder.js";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { decoderOf, sourceOf } from "../helpers/decode.js";
import { builtIn, DA_HOURLY, PRODUCTS } from "../helpers/feeds.js";

/*
 * Words that a feed's vocabulary does not have reach the batches that their rows are in, whichever path reads the
 * record, in every file of a decoder that is used again.
 */

/** Decodes one file; the words of the rows that came of it, as the batches' codes have them. */
async function wordsOf(decoder: FileDecoder, lines: readonly string[]): Promise<string[]> {
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  const batches: RowBatch[] = [];
  const sink = {
    admit: async (capacity: number) => ({ capacity, buffers: [] }),
    batch: (batch: RowBatch) => void batches.push(batch),
    reject: () => {},
    progress: () => {},
  };
  decoder.begin(sink, bytes.length);
  await decoder.decode(sourceOf(bytes), { fileIndex: 0, line: 2, day: null });
  decoder.finish();
  const words = batches.flatMap((batch) => {
    const codes = new Set(batch.entityCodes);
    return unknownWords(batch.entities)
      .filter(({ code }) => codes.has(code))
      .map(({ column, word }) => `${column} ${word}`);
  });
  return words.sort();
}

const HEADER = ["datetime_beginning_utc", "pnode_id", "pnode_name", "voltage", "type", "zone"];
HEADER.push(
  "system_energy_price_da",
  "total_lmp_da",
  "congestion_price_da",
  "marginal_loss_price_da",
  "version_nbr",
);

function pjm(type: string, more: { name?: string; price?: string } = {}): string {
  const { name = "A", price = "1.25" } = more;
  return `1/1/2025 5:00:00 AM,1,${name},,${type},,1,${price},0,0,1`;
}

test("of plain records, quoted ones and such as only the careful reader takes", async () => {
  const decoder = decoderOf(DA_HOURLY, HEADER);
  assert.deepEqual(await wordsOf(decoder, [pjm("HUB"), pjm(""), pjm("FOO"), pjm("FOO")]), ["2 FOO"]);
  assert.deepEqual(await wordsOf(decoder, [pjm('"BAR"'), pjm(" BAZ ")]), ["2 BAR", "2 BAZ"]);
  // A doubled quote is for the careful reader alone.
  assert.deepEqual(await wordsOf(decoder, [pjm("QUX", { name: '"the ""old"" bus"' })]), ["2 QUX"]);
  assert.deepEqual(await wordsOf(decoder, [pjm('"a ""b"""')]), ['2 a "b"']);
});

test("of the files of a decoder that knows the entities already", async () => {
  const decoder = decoderOf(DA_HOURLY, HEADER);
  for (let file = 0; file < 3; file++) assert.deepEqual(await wordsOf(decoder, [pjm("FOO")]), ["2 FOO"]);
  assert.deepEqual(await wordsOf(decoder, [pjm("HUB")]), []);
});

test("not of records that are rejected, filtered, or have a field too many", async () => {
  const rejecting = decoderOf(DA_HOURLY, HEADER);
  const bad = [pjm("FOO", { price: "1e5" }), `${pjm("BAR")},1`, pjm("HUB,FOO"), pjm("HUB")];
  assert.deepEqual(await wordsOf(rejecting, bad), []);
  assert.deepEqual(await wordsOf(rejecting, [pjm("FOO")]), ["2 FOO"]);
  assert.deepEqual(await wordsOf(decoderOf(DA_HOURLY, HEADER, { years: [2020] }), [pjm("FOO")]), []);
});

test("of feeds whose describing columns do not lie side by side", async () => {
  const header = ["begin", "product", "price", "standard", "mw", "region"];
  const lines = ["A", "B"].map((product) => `2025-01-01T05:00:00,${product},1.5,X${product},2,W`);
  assert.deepEqual(await wordsOf(decoderOf(PRODUCTS, header), [...lines, ...lines]), ["1 XA", "1 XB"]);
});

test("of what a record with a column for each product says of all of them", async () => {
  const base = builtIn("ERCOT", "dam_as_yearly");
  const region = { kind: "text", map: { N: "NORTH" } } as const;
  const feed: FeedDefinition = {
    ...base,
    columns: [...base.columns, { to: "region", from: "Area", reading: region }],
  };
  const header = [
    "Delivery Date",
    "Hour Ending",
    "Repeated Hour Flag",
    "Area",
    "REGDN",
    "REGUP",
    "RRS",
    "NSPIN",
  ];
  const record = (area: string) => `01/01/2025,01:00,N,${area},1,2,3,4`;
  const decoder = decoderOf(feed, header);
  assert.deepEqual(await wordsOf(decoder, [record("N")]), []);
  assert.deepEqual(await wordsOf(decoder, [record("SOUTH")]), Array(4).fill("2 SOUTH"));
});
