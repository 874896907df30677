import assert from "node:assert/strict";
import { before, test } from "node:test";
import { encodeRowGroup } from "../../src/parquet/encode-row-group.js";
import { FooterIndex } from "../../src/parquet/footer-index.js";
import { AS_WRITTEN, DamagedFileError, parseFooter } from "../../src/parquet/read-footer.js";
import { loadEncoders, parquetFile, sorted } from "../helpers/parquet-files.js";
import { ENERGY, energyRow } from "../helpers/rows.js";

before(loadEncoders);

const rowsOf = (hour: number): number => (hour % 3) + 1;

/** The footer of a file with a row group for each of some hours, of more rows each. */
async function footerOf(hours: number): Promise<Uint8Array> {
  const groups = [];
  for (let hour = 0; hour < hours; hour++) {
    const rows = Array.from({ length: rowsOf(hour) }, (_, i) =>
      energyRow(hour * 3_600_000, `N${i}`, i - hour),
    );
    groups.push(await encodeRowGroup(ENERGY, sorted(ENERGY, rows), "zstd"));
  }
  const file = parquetFile(ENERGY, groups, [
    { key: "who", value: "tést" },
    { key: "empty", value: "" },
  ]);
  return file.subarray(file.length - file.readUInt32LE(file.length - 8) - 8);
}

test("it finds what a reader of all finds", async () => {
  // The numbers of elements of a list are written in three ways.
  for (const hours of [1, 14, 15, 130]) {
    const bytes = await footerOf(hours);
    const metadata = parseFooter(bytes, AS_WRITTEN);
    const index = new FooterIndex(bytes, ["interval_start_utc", "location"]);
    assert.equal(index.rows, Number(metadata.num_rows));
    assert.deepEqual(
      [...index.keyValues],
      [
        ...[
          ["who", "tést"],
          ["empty", ""],
        ],
      ],
    );
    let at = 4;
    for (const [i, { rows, offset, length, bounds }] of index.rowGroups.entries()) {
      assert.deepEqual([rows, offset], [rowsOf(i), at]);
      at += length;
      const { min, max } = bounds.get("interval_start_utc")!;
      for (const bound of [min!, max!])
        assert.equal(Buffer.from(bound).readBigInt64LE(), BigInt(i) * 3_600_000_000n);
      assert.equal(Buffer.from(bounds.get("location")!.min!).toString(), "N0");
      assert.equal(bounds.size, 2);
    }
    assert.equal(index.rowGroups.length, hours);
    const { metadata_length: _, ...all } = metadata;
    const { metadata_length: __, ...same } = index.metadata(index.rowGroups);
    assert.deepEqual(same, all);
    assert.deepEqual(index.rowGroup(index.rowGroups.at(-1)!), metadata.row_groups.at(-1));
  }
});

test("put together from what it was taken apart into, a footer is the same; with other row groups it has those", async () => {
  const [bytes, longer] = [await footerOf(14), await footerOf(130)];
  const entries = (footer: Uint8Array) => new FooterIndex(footer).rowGroups.map(({ entry }) => entry);
  const index = new FooterIndex(bytes);
  assert.ok(Buffer.from(bytes).equals(index.withRowGroups(entries(bytes))));
  assert.deepEqual(
    parseFooter(index.withRowGroups(entries(longer)), AS_WRITTEN).row_groups,
    parseFooter(longer, AS_WRITTEN).row_groups,
  );
  assert.deepEqual(parseFooter(index.withRowGroups([]), AS_WRITTEN).row_groups, []);
});

test("a footer that is cut off or damaged is told, and nothing else happens", async () => {
  const bytes = await footerOf(2);
  const end = bytes.subarray(-8);
  for (let length = 0; length < bytes.length - 8; length++) {
    const cut = Buffer.concat([bytes.subarray(0, length), end]);
    assert.throws(() => new FooterIndex(cut), DamagedFileError, `after ${length} bytes`);
  }
  for (let at = 0; at < bytes.length - 8; at++) {
    const damaged = Uint8Array.from(bytes);
    damaged[at]! ^= 0xff;
    try {
      new FooterIndex(damaged, ["location"]);
    } catch (error) {
      assert.ok(error instanceof DamagedFileError, `byte ${at}: ${error}`);
    }
  }
});
