import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import type { SelectTask } from "../../bench/layouts/duckdb-selects.js";
import { findLayoutSet, layoutFolder, makeLayoutSet } from "../../bench/layouts/layout-set.js";
import { layoutTable } from "../../bench/layouts/layout-table.js";
import { LAYOUTS, type Layout } from "../../bench/layouts/layouts.js";
import { marketOffsets } from "../../bench/layouts/market-offsets.js";
import { type LayoutResult, runLayouts } from "../../bench/layouts/run-layouts.js";
import { runScript } from "../../bench/measure.js";
import { folder } from "../helpers/folder.js";

/** A layout with few nodes, so that a megabyte is some days. */
function small(name: string, nodeCount = 20): Layout {
  return { ...LAYOUTS.find((layout) => layout.name === name)!, nodeCount };
}

test("an input has days until there is enough CSV, and is found again", async (t) => {
  const cache = folder(t);
  const layout = small("ISO-NE records", 300);
  const at = await layoutFolder(cache, layout, 1);
  assert.equal(await findLayoutSet(at), undefined);
  await makeLayoutSet(at, layout, 1);
  assert.equal(await layoutFolder(cache, layout, 1), at);
  const set = (await findLayoutSet(at))!;
  const names = (await readdir(set.folder)).sort();
  assert.deepEqual(names, ["WW_DALMP_ISO_20250101.csv", "WW_DALMP_ISO_20250102.csv"]);
  let bytes = 0;
  for (const name of names) bytes += (await stat(path.join(set.folder, name))).size;
  assert.deepEqual({ ...set, folder: "" }, { folder: "", days: 2, files: 2, csvBytes: bytes, bytes });
  assert.ok(bytes >= 1e6);
  assert.deepEqual(await readdir(cache), [path.basename(at)]);
});

test("an input has at least as many files as are asked for", async (t) => {
  const at = path.join(folder(t), "set");
  await makeLayoutSet(at, small("ERCOT small zips"), 0, 97);
  const { days, files, folder: input } = (await findLayoutSet(at))!;
  assert.deepEqual({ days, files }, { days: 2, files: 192 });
  assert.equal((await readdir(input)).length, 192);
});

test("each layout, size and number of nodes has a folder of its own", async () => {
  const folders = await Promise.all([
    ...LAYOUTS.map((layout) => layoutFolder("cache", layout, 1)),
    layoutFolder("cache", LAYOUTS[0]!, 2),
    layoutFolder("cache", LAYOUTS[0]!, 1, 5),
    layoutFolder("cache", small(LAYOUTS[0]!.name), 1),
  ]);
  assert.equal(new Set(folders).size, LAYOUTS.length + 3);
});

test("an input that could not be finished leaves nothing behind", async (t) => {
  const cache = folder(t);
  const layout: Layout = {
    ...small("SPP energy"),
    write: async () => {
      throw new Error("stopped");
    },
  };
  await assert.rejects(makeLayoutSet(path.join(cache, "input"), layout, 1), /stopped/);
  assert.deepEqual(await readdir(cache), []);
});

for (const name of ["PJM gzip", "PJM zip", "ERCOT small zips"]) {
  test(`${name}: inflating alone gives every byte of the CSV`, async (t) => {
    const at = path.join(folder(t), "set");
    await makeLayoutSet(at, small(name, 200), 1);
    const { folder: input, csvBytes, bytes } = (await findLayoutSet(at))!;
    assert.ok(bytes < csvBytes / 2);
    const inflated = JSON.parse(await runScript("./layouts/inflate-child.js", [input]));
    assert.equal(inflated.bytes, csvBytes);
    assert.ok(inflated.seconds > 0);
  });
}

for (const layout of LAYOUTS.filter(({ duckdb }) => duckdb !== null)) {
  test(`${layout.name}: DuckDB and gridparquet find the same values, over the change of the clock`, async (t) => {
    const at = path.join(folder(t), "set");
    const few = { ...layout, nodeCount: 12 };
    await makeLayoutSet(at, few, 0, 75);
    const set = (await findLayoutSet(at))!;
    const settings = { rounds: 1, threads: 2, work: path.join(folder(t), "work"), say: () => {} };
    const { results, failed } = await runLayouts([{ layout: few, set }], settings);
    assert.deepEqual(failed, []);
    assert.ok(results[0]!.rows > 75 * 20);
    assert.equal(results[0]!.duckdbRuns!.length, 1);
    const { own, duckdb } = results[0]!.outputBytes!;
    assert.ok(own > 1000 && own < set.csvBytes && duckdb! > 1000);
  });
}

test("a layout of which DuckDB finds other values is not measured", async (t) => {
  const at = path.join(folder(t), "set");
  const layout = small("SPP energy");
  await makeLayoutSet(at, layout, 0, 2);
  const { select, ...duckdb } = layout.duckdb!;
  const other = (task: SelectTask) => select(task).replace("lmp_total,", "lmp_total + 1 AS lmp_total,");
  const settings = { rounds: 1, threads: 2, work: path.join(folder(t), "work"), say: () => {} };
  const inputs = [
    { layout: { ...layout, duckdb: { ...duckdb, select: other } }, set: (await findLayoutSet(at))! },
  ];
  assert.deepEqual(await runLayouts(inputs, settings), {
    results: [],
    failed: [{ name: "SPP energy", reason: "DuckDB writes other values" }],
  });
});

test("offsets of a market's clock: by time, the first pass of the repeated hour, and the days that have one", () => {
  assert.deepEqual(marketOffsets("2025-01-01", 400, "America/New_York"), {
    offsets: [
      { from: "2025-01-01 00:00:00", hours: 5 },
      { from: "2025-03-09 03:00:00", hours: 4 },
      { from: "2025-11-02 02:00:00", hours: 5 },
    ],
    midnights: [
      { from: "2025-01-01", hours: 5 },
      { from: "2025-03-10", hours: 4 },
      { from: "2025-11-03", hours: 5 },
    ],
    longDays: ["2025-11-02"],
  });
  assert.deepEqual(marketOffsets("2025-01-01", 400, "Etc/GMT+5").offsets, [
    { from: "2025-01-01 00:00:00", hours: 5 },
  ]);
});

test("the table compares the time with DuckDB's, within 80 columns", () => {
  const usages = (seconds: number[]) =>
    seconds.map((wallSeconds) => ({ wallSeconds, cpuSeconds: 9, peakRssBytes: 400e6 }));
  const result = (
    name: string,
    megabytes: number,
    seconds: number[],
    duckdb: number[],
    inflateSeconds: number[],
    outputBytes: NonNullable<LayoutResult["outputBytes"]>,
  ): LayoutResult => ({
    name,
    input: { days: 1, files: 12_345, csvBytes: megabytes * 1e6, bytes: 1 },
    rows: 1_234_000,
    runs: usages(seconds),
    duckdbRuns: usages(duckdb),
    inflateSeconds,
    outputBytes,
  });
  const lines = layoutTable([
    result("NYISO five minutes", 100, [1, 2, 9], [4, 8, 5], [], { own: 123e6, duckdb: 100e6 }),
    result("ERCOT small zips", 200, [2], [], [0.5], { own: 5e6, duckdb: null }),
  ]).split("\n");
  assert.deepEqual(
    lines.map((line) => line.trim().replaceAll(/ +/g, " ")),
    [
      "MB files wall s MB/s peak inflate DuckDB s x out MB out x",
      "NYISO five minutes 100 12345 2.00 50 400 5.00 0.40 123.00 1.23",
      "ERCOT small zips 200 12345 2.00 100 400 0.50 5.00",
      "",
    ],
  );
  for (const line of lines) assert.ok(line.length <= 80, line);
});
