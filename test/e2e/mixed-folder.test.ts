import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ConvertSummary, convert } from "../../src/index.js";
import { checkAccounts, digests, filesBelow, NEW_YEAR, ROOT, tempFolder, writeDays } from "./helpers.js";

/* One folder with files of all ISOs gives the same year files as converting ISO by ISO. */

const REAL_DATA = process.env.GRIDPARQUET_REAL_DATA ?? "";
const hasRealData = REAL_DATA !== "" && existsSync(REAL_DATA);

/** The fixtures of all ISOs, and generated days of PJM's prices: a folder for each ISO. */
async function fixtureFolder(t: TestContext): Promise<string> {
  const folder = join(tempFolder(t), "in");
  const isInput = (path: string) => !/\.(rows|rejects)$/.test(path);
  cpSync(join(ROOT, "test", "fixtures"), folder, { recursive: true, filter: isInput });
  for (const feed of ["da_hourly", "rt_hourly"] as const) {
    await writeDays(
      join(folder, "pjm", feed),
      NEW_YEAR.map((date) => ({ feed, date, nodeCount: 20, seed: 5 })),
    );
  }
  return folder;
}

/** ISOs of which something was written, in order. */
const isosOf = ({ outputs }: ConvertSummary): string[] => [...new Set(outputs.map(({ iso }) => iso))].sort();

/** What the runs did together. */
function together(runs: readonly ConvertSummary[]) {
  const sum = (of: (totals: ConvertSummary["totals"]) => number) =>
    runs.reduce((total, { totals }) => total + of(totals), 0);
  return {
    files: sum(({ files }) => files),
    rowsRead: sum(({ rowsRead }) => rowsRead),
    rowsWritten: sum(({ rowsWritten }) => rowsWritten),
    rowsRejected: sum(({ rowsRejected }) => rowsRejected),
    rowsDeduplicated: sum(({ rowsDeduplicated }) => rowsDeduplicated),
  };
}

/** Converts a folder at once, then each folder in it (one for each ISO, and one of exports), and compares. */
async function checkFolder(t: TestContext, input: string): Promise<{ whole: ConvertSummary; out: string }> {
  const root = tempFolder(t);
  const [out, apart] = [join(root, "at-once"), join(root, "apart")];
  const whole = await convert({ inputs: [input], out, threads: 2 });
  checkAccounts(whole);
  const runs: ConvertSummary[] = [];
  const folders = readdirSync(input, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of folders)
    runs.push(await convert({ inputs: [join(input, name)], out: apart, threads: 1, chunkSize: 5000 }));
  assert.equal(Object.keys(digests(out)).length, whole.outputs.length);
  assert.deepEqual(digests(apart), digests(out));
  assert.deepEqual(together(runs), together([whole]));
  return { whole, out };
}

test("a mixed folder of made-up files: the same bytes as ISO by ISO", async (t) => {
  const input = await fixtureFolder(t);
  const { whole, out } = await checkFolder(t, input);
  assert.deepEqual(isosOf(whole), ["CAISO", "ERCOT", "ISONE", "MISO", "NYISO", "PJM", "SPP"]);
  assert.deepEqual(whole.skipped, []);
  assert.equal(whole.totals.files, filesBelow(input).length);

  const chosen = join(tempFolder(t), "chosen");
  const runs: ConvertSummary[] = [];
  for (const iso of isosOf(whole).reverse()) {
    runs.push(await convert({ inputs: [input], out: chosen, isos: [iso], sequential: true }));
    assert.deepEqual(isosOf(runs.at(-1)!), [iso]);
  }
  assert.deepEqual(digests(chosen), digests(out));
  assert.deepEqual(together(runs), together([whole]));
});

test("a mixed folder of files as published: the same bytes as ISO by ISO", {
  skip: !hasRealData && "GRIDPARQUET_REAL_DATA names no folder",
}, async (t) => {
  const { whole } = await checkFolder(t, REAL_DATA);
  assert.equal(whole.status, "complete");
  assert.equal(whole.totals.rowsRejected, 0);
  assert.ok(isosOf(whole).length >= 7);
});
