import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { before, test } from "node:test";
import { crc32 } from "node:zlib";
import { type Manifest, manifestText, parseManifest, readManifest } from "../../src/dataset/manifest.js";
import { folder, put } from "../helpers/folder.js";
import { loadEncoders, metadataOf } from "../helpers/parquet-files.js";
import { energyRow } from "../helpers/rows.js";
import { YearFileBench } from "../helpers/year-files.js";

before(loadEncoders);

const MANIFEST: Manifest = {
  path: "energy/iso=PJM/market=DA/feed=da_hourly/year=2024/pjm_da_hourly_2024.parquet",
  rows: 30,
  bytes: 2000,
  rowGroups: [
    [4, 900, 20, 4_000_000_000],
    [904, 500, 10, 7],
  ],
  footer: { length: 596, crc32: 12 },
  gridparquet: "1.2.3",
  written: "2026-01-31T07:15:00.000Z",
};

test("a manifest comes back from its text, a row group a line", () => {
  const text = manifestText(MANIFEST);
  assert.deepEqual(parseManifest(text), MANIFEST);
  assert.match(text, /\n {4}\[904,500,10,7\]\n/);
  assert.deepEqual(parseManifest(manifestText({ ...MANIFEST, rowGroups: [] })), {
    ...MANIFEST,
    rowGroups: [],
  });
});

test("what is not a manifest is not taken for one", async (t) => {
  const out = folder(t);
  const wrong = [
    "",
    "null",
    "[]",
    "{}",
    manifestText(MANIFEST).replace('"format": 1', '"format": 2'),
    manifestText(MANIFEST).slice(0, -20),
    manifestText({ ...MANIFEST, rows: 1.5 }),
    JSON.stringify({ format: 1, ...MANIFEST, rowGroups: [[4, 900, 20]] }),
    JSON.stringify({ format: 1, ...MANIFEST, footer: null }),
  ];
  for (const text of wrong) {
    put(out, "_gridparquet/manifest/a.parquet.json", text);
    assert.equal(await readManifest(out, "a.parquet"), "damaged", text);
  }
  assert.equal(await readManifest(out, "b.parquet"), null);
});

test("a year file leaves a manifest that names each of its bytes", async (t) => {
  const out = folder(t);
  const bench = new YearFileBench(out, 24);
  // The second batch comes before the first: the file is written anew, with what it has.
  for (const month of [2, 0]) {
    await bench.add(
      Array.from({ length: 50 }, (_, hour) => energyRow(Date.UTC(2024, month, 5, hour), "A", hour)),
    );
  }
  const output = (await bench.file.publish())!;
  assert.deepEqual(bench.file.warnings, []);
  const bytes = readFileSync(output.path);
  const path = relative(out, output.path);
  const manifest = await readManifest(out, path);
  assert.ok(manifest !== null && manifest !== "damaged");
  const { rows, rowGroups, footer } = manifest;
  assert.deepEqual([manifest.path, rows, manifest.bytes], [path, 100, bytes.length]);
  const groups = metadataOf(bytes).row_groups;
  assert.deepEqual(
    rowGroups.map(([, , count]) => count),
    groups.map(({ num_rows }) => Number(num_rows)),
  );
  assert.ok(rowGroups.length >= 4);
  let at = 4;
  for (const [offset, length, , checksum] of rowGroups) {
    assert.equal(offset, at);
    assert.equal(crc32(bytes.subarray(offset, offset + length)), checksum);
    at += length;
  }
  assert.equal(footer.length, bytes.length - at);
  assert.equal(crc32(bytes.subarray(at)), footer.crc32);
  assert.ok(!Number.isNaN(Date.parse(manifest.written)));
});

test("a manifest that cannot be written is a warning; the year file is there", async (t) => {
  const out = folder(t);
  put(out, "_gridparquet/manifest", "a file where the folder would be");
  const bench = new YearFileBench(out, 24);
  await bench.add([energyRow(Date.UTC(2024, 0, 5), "A", 1)]);
  const output = (await bench.file.publish())!;
  assert.equal(readFileSync(output.path).length, output.bytes);
  assert.equal(bench.file.warnings.length, 1);
  assert.match(
    bench.file.warnings[0]!,
    /^the manifest of .*pjm_da_hourly_2024\.parquet was not written: a part of the path/,
  );
  assert.equal(await readManifest(out, join("energy", "x.parquet")), null);
});
