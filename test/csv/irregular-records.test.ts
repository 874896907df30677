import assert from "node:assert/strict";
import { test } from "node:test";
import { findRecordEnd, MAX_RECORD_BYTES } from "../../src/csv/irregular-records.js";
import { recordEnd } from "../helpers/csv-model.js";
import { decodeFiles, decoderOf } from "../helpers/decode.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { forSeeds } from "../helpers/random.js";

const HEADER = DA_HOURLY.columns.map(({ from }) => from);
const GOOD = [
  "2024-01-01T05:00:00",
  "1",
  "PJM-RTO",
  "138 KV",
  "ZONE",
  "AEP",
  "21.26",
  "21.02",
  "-0.34",
  "0.10",
  "1",
];

/** The one reject of a file with a good record before and after `record`; nothing else may be lost. */
async function rejectOf(
  record: string | Buffer,
  lineBreak = "\n",
): Promise<{ column: string | null; reason: string }> {
  const good = Buffer.from(`${GOOD.join(",")}${lineBreak}`);
  const bytes = Buffer.concat([good, Buffer.from(record), Buffer.from(lineBreak), good]);
  const { rows, rejects } = await decodeFiles(decoderOf(DA_HOURLY, HEADER), [{ bytes }]);
  assert.equal(rows.length, 2);
  assert.equal(rejects.length, 1);
  const { line, column, reason, raw } = rejects[0]!;
  assert.equal(line, 3);
  assert.equal(raw, record.toString("utf8"));
  return { column, reason };
}

/** The good record with one cell changed. */
function withCell(column: string, cell: string): string {
  return GOOD.with(HEADER.indexOf(column), cell).join(",");
}

test("a cell that does not fit is rejected with its column and the reason", async () => {
  const cases: [string, string, RegExp][] = [
    ["total_lmp_da", "", /^is empty$/],
    ["pnode_name", "  ", /^is empty$/],
    ["total_lmp_da", "1e5", /"1e5" is in exponent notation/],
    ["total_lmp_da", "NaN", /stands for no number/],
    ["congestion_price_da", "(1.25)", /is in parentheses/],
    ["marginal_loss_price_da", '"1,234.50"', /"1,234.50" has thousands separators/],
    ["system_energy_price_da", "1.2.3", /"1.2.3" is not a number/],
    ["total_lmp_da", "9".repeat(400), /is not a number/],
    ["version_nbr", "1.0", /is not a whole number of 32 bits/],
    ["version_nbr", "2147483648", /is not a whole number of 32 bits/],
    ["pnode_id", "x1", /"x1" is not a whole number/],
    ["voltage", "138 MW", /is not a number of KV/],
    ["pnode_name", '"a\tb"', /control character/],
    ["zone", "z".repeat(257), /longer than 256 bytes/],
    [
      "datetime_beginning_utc",
      "2/30/2024 1:00:00 AM",
      /"2\/30\/2024 1:00:00 AM" is not a time of this feed's forms/,
    ],
    ["datetime_beginning_utc", "2024-01-01T05:30:00", /is not at a whole 60 minutes/],
    ["datetime_beginning_utc", "1989-12-31T05:00:00", /is not in a year from 1990 to 2100/],
    ["datetime_beginning_utc", "2101-06-01T05:00:00", /is not in a year from 1990 to 2100/],
    ["datetime_beginning_utc", "", /is not a time/],
  ];
  for (const [column, cell, reason] of cases) {
    const rejected = await rejectOf(withCell(column, cell));
    assert.equal(rejected.column, column, cell);
    assert.match(rejected.reason, reason, cell);
  }
});

test("of two cells that do not fit the first is named", async () => {
  const record = GOOD.with(HEADER.indexOf("pnode_id"), "x").with(HEADER.indexOf("total_lmp_da"), "y");
  assert.equal((await rejectOf(record.join(","))).column, "pnode_id");
  const noTime = record.with(HEADER.indexOf("datetime_beginning_utc"), "noon");
  assert.equal((await rejectOf(noTime.join(","))).column, "datetime_beginning_utc");
  const offGrid = GOOD.with(HEADER.indexOf("datetime_beginning_utc"), "2024-01-01T05:30:00");
  assert.equal((await rejectOf(offGrid.join(","))).column, "datetime_beginning_utc");
  const both = offGrid.with(HEADER.indexOf("total_lmp_da"), "y");
  assert.equal((await rejectOf(both.join(","))).column, "datetime_beginning_utc");
});

test("a record that is broken as a whole is rejected without a column", async () => {
  const cases: [string | Buffer, RegExp][] = [
    [`${GOOD.join(",")},more`, /has 12 fields, the header has 11/],
    [GOOD.slice(1).join(","), /has 10 fields, the header has 11/],
    ["   ", /has 1 fields/],
    [withCell("pnode_name", 'PJM"RTO'), /a quote stands inside an unquoted field/],
    [withCell("pnode_name", '"PJM" RTO'), /text follows a closing quote/],
    [withCell("pnode_name", "PJM\0RTO"), /NUL byte/],
    [Buffer.from(withCell("pnode_name", "Z\xfcrich"), "latin1"), /not UTF-8/],
  ];
  for (const [record, reason] of cases) {
    for (const lineBreak of ["\n", "\r\n"]) {
      const rejected = await rejectOf(record, lineBreak);
      assert.equal(rejected.column, null);
      assert.match(rejected.reason, reason);
    }
  }
});

test("bytes that are not UTF-8 reject the record in every column, used or not, plain or not", async () => {
  const header = [...HEADER, "equipment", "comment"];
  for (const plain of [true, false]) {
    for (const position of header.keys()) {
      const cells = [...GOOD, "T1", "c"].with(position, "\xff");
      // A doubled quote sends the record the careful way.
      if (!plain) cells[position === 2 ? 12 : 2] = '"a ""b"""';
      const bytes = Buffer.from(`${cells.join(",")}\n`, "latin1");
      const { counts, rejects } = await decodeFiles(decoderOf(DA_HOURLY, header), [{ bytes }]);
      assert.deepEqual(
        counts,
        [{ records: 1, rows: 1, skipped: 0, rejected: 1, filtered: 0 }],
        header[position],
      );
      assert.match(rejects[0]!.reason, /not UTF-8/);
    }
  }
});

test("a file that ends in the middle of a record says so", async () => {
  const bytes = Buffer.from(`${GOOD.join(",")}\n${GOOD.slice(0, 4).join(",")}`);
  const { rows, rejects } = await decodeFiles(decoderOf(DA_HOURLY, HEADER), [{ bytes }]);
  assert.equal(rows.length, 1);
  assert.match(rejects[0]!.reason, /the file ends in the middle of a record: 4 of 11 fields/);
});

test("the end of a record is found as the model finds it", () => {
  forSeeds(500, (random) => {
    const text = Array.from({ length: random.int(1, 40) }, () =>
      random.pick(['"', '"', ",", "\n", "\r", "a"]),
    ).join("");
    const bytes = Buffer.from(text);
    const start = random.int(0, bytes.length - 1);
    const end = findRecordEnd(bytes, start, bytes.length);
    if (end >= 0) assert.equal(end, recordEnd(text, start), JSON.stringify(text));
    else
      assert.ok(!text.slice(start).endsWith("\n") || text.slice(start).includes('"'), JSON.stringify(text));
  });
});

test("a record end is looked for only as far as told", () => {
  const bytes = Buffer.from('"a\nb",c\nrest');
  assert.equal(findRecordEnd(bytes, 0, bytes.length), 8);
  for (let end = 0; end < 8; end++) assert.equal(findRecordEnd(bytes, 0, end), -1, String(end));
  assert.equal(findRecordEnd(bytes, 8, bytes.length), -1);
  assert.equal(MAX_RECORD_BYTES, 1 << 20);
});
