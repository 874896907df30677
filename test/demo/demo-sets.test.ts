import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { listContainer } from "../../src/containers/list-container.js";
import { DEMO_SETS } from "../../src/demo/demo-sets.js";
import { writeErcotDam, writeErcotRtm } from "../../src/demo/ercot-files.js";
import { writeIsone } from "../../src/demo/isone-files.js";
import type { SampleFile } from "../../src/demo/sample-file.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { findInputs } from "../../src/plan/discover-inputs.js";
import { planRun } from "../../src/plan/plan-run.js";
import { folder } from "../helpers/folder.js";

function digests(root: string, files: readonly SampleFile[]): Record<string, string> {
  return Object.fromEntries(
    files.map((file) => {
      const bytes = readFileSync(file.path);
      assert.equal(bytes.length, file.bytes, file.path);
      return [relative(root, file.path), createHash("sha256").update(bytes).digest("hex")];
    }),
  );
}

for (const set of DEMO_SETS) {
  test(`${set.iso} ${set.feed}: every file is recognised, and written again has the same bytes`, async (t) => {
    const [first, second] = [folder(t), folder(t)];
    const files = await set.write(first);
    assert.deepEqual(digests(first, files), digests(second, await set.write(second)));

    const options = { inputs: [first], out: join(folder(t), "out"), isos: null, feeds: null, batchSize: 50 };
    const { jobs, skipped, failures } = await planRun(options, await findInputs(options), loadFeeds());
    assert.deepEqual([skipped, failures], [[], []]);
    const planned = jobs.flatMap((job) => job.files);
    assert.deepEqual(
      [...new Set(planned.map(({ feed }) => `${feed.iso} ${feed.feed}`))],
      [`${set.iso} ${set.feed}`],
    );
    const containers = new Set(planned.map(({ source }) => source.path));
    assert.deepEqual([...containers].sort(), files.map((file) => file.path).sort());
  });
}

test("the sets are of all seven ISOs, each feed once", () => {
  const names = DEMO_SETS.map(({ iso, feed }) => `${iso} ${feed}`);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual([...new Set(DEMO_SETS.map(({ iso }) => iso))].sort(), [
    "CAISO",
    "ERCOT",
    "ISONE",
    "MISO",
    "NYISO",
    "PJM",
    "SPP",
  ]);
});

test("a real-time day of ERCOT is a zip per quarter of an hour, or those zips in one", async (t) => {
  const at = folder(t);
  const day = { date: "2025-11-02", nodeCount: 25 };
  const zips = await writeErcotRtm(join(at, "zips"), day);
  assert.equal(zips.length, 100);
  assert.equal(new Set(zips.map((file) => file.path)).size, 100);
  const [archive, ...more] = await writeErcotRtm(at, day, "archive");
  assert.deepEqual(more, []);
  assert.equal(
    archive!.csvBytes,
    zips.reduce((sum, file) => sum + file.csvBytes, 0),
  );
  const { entries, refused } = await listContainer(archive!.path);
  assert.deepEqual(refused, []);
  assert.equal(entries.length, 100);
  assert.equal(
    entries.reduce((sum, entry) => sum + entry.bytes, 0),
    archive!.csvBytes,
  );
  assert.match(
    entries[0]!.entry.join("/"),
    /^00012301_20251102_\d+_\d+\.zip\/cdr\.00012301\.0+\.20251102\..*\.csv$/,
  );
});

test("one text in any container", async (t) => {
  const at = folder(t);
  const options = { date: "2025-01-01", nodeCount: 10 };
  const plain = await writeIsone(at, options);
  const gzipped = await writeIsone(at, { ...options, container: "gz" });
  const zipped = await writeIsone(at, { ...options, container: "zip" });
  const names = [plain, gzipped, zipped].map((file) => relative(at, file.path));
  assert.deepEqual(names, [
    "WW_DALMP_ISO_20250101.csv",
    "WW_DALMP_ISO_20250101.csv.gz",
    "WW_DALMP_ISO_20250101.zip",
  ]);
  assert.deepEqual(gunzipSync(readFileSync(gzipped.path)), readFileSync(plain.path));
  assert.deepEqual([plain.csvBytes, gzipped.csvBytes, zipped.csvBytes], Array(3).fill(plain.bytes));
  const { entries } = await listContainer(zipped.path);
  assert.deepEqual(
    entries.map(({ entry, bytes }) => [...entry, bytes]),
    [["WW_DALMP_ISO_20250101.csv", plain.bytes]],
  );

  const dam = await writeErcotDam(at, { date: "2025-01-01", nodeCount: 10, container: "csv" });
  assert.equal(relative(at, dam.path), "cdr.00012331.0000000000000000.20241231.123100.DAMSPNP4190.csv");
});
