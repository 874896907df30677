import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { type DataSetParameters, dataSetFolder, findDataSet, makeDataSet } from "../../bench/data-set.js";
import { midnightOffsets } from "../../bench/peers/midnight-offsets.js";

const SMALL: DataSetParameters = { days: 4, nodes: 3, seed: 1, sixDecimals: false };

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "gridparquet-bench-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a data set lies around a New Year and is found again", () =>
  withFolder(async (cache) => {
    const folder = dataSetFolder(cache, SMALL);
    assert.equal(await findDataSet(folder), undefined);
    const days: number[] = [];
    await makeDataSet(folder, SMALL, (done) => days.push(done));
    assert.deepEqual(days, [1, 2, 3, 4]);

    const dataSet = (await findDataSet(folder))!;
    const names = (await readdir(dataSet.folder)).sort();
    const dates = ["2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"];
    assert.deepEqual(
      names,
      dates.map((date) => `da_hrl_lmps_${date}.csv`),
    );
    assert.equal(dataSet.rows, 4 * 24 * 3);
    let bytes = 0;
    for (const name of names) bytes += (await stat(path.join(dataSet.folder, name))).size;
    assert.equal(dataSet.bytes, bytes);
  }));

test("a data set may begin on a day of choice", () =>
  withFolder(async (cache) => {
    const parameters = { ...SMALL, days: 2, firstDay: "2024-02-28" };
    const folder = dataSetFolder(cache, parameters);
    await makeDataSet(folder, parameters, () => {});
    const { folder: input } = (await findDataSet(folder))!;
    assert.deepEqual((await readdir(input)).sort(), [
      "da_hrl_lmps_2024-02-28.csv",
      "da_hrl_lmps_2024-02-29.csv",
    ]);
  }));

test("each set of parameters has a folder of its own", () => {
  const others: DataSetParameters[] = [
    { ...SMALL, days: 5 },
    { ...SMALL, nodes: 4 },
    { ...SMALL, seed: 2 },
    { ...SMALL, sixDecimals: true },
    { ...SMALL, firstDay: "2024-12-30" },
  ];
  const folders = [SMALL, ...others].map((parameters) => dataSetFolder("cache", parameters));
  assert.equal(new Set(folders).size, folders.length);
});

test("a data set that could not be finished leaves nothing behind", () =>
  withFolder(async (cache) => {
    const folder = dataSetFolder(cache, SMALL);
    const stopped = makeDataSet(folder, SMALL, (done) => {
      if (done === 2) throw new Error("stopped");
    });
    await assert.rejects(stopped, /stopped/);
    assert.deepEqual(await readdir(cache), []);
  }));

test("a long data set has the days on which clocks change, and their offsets are known", () =>
  withFolder(async (cache) => {
    const parameters = { ...SMALL, days: 150, nodes: 1 };
    const folder = dataSetFolder(cache, parameters);
    await makeDataSet(folder, parameters, () => {});
    const dataSet = (await findDataSet(folder))!;
    // From 2024-10-18 to 2025-03-16: one day of 25 hours and one of 23.
    assert.equal(dataSet.rows, 150 * 24);
    // The days themselves still begin at the earlier offset.
    assert.deepEqual(await midnightOffsets(dataSet.folder), [
      { from: "2024-10-18", hours: 4 },
      { from: "2024-11-04", hours: 5 },
      { from: "2025-03-10", hours: 4 },
    ]);
  }));
