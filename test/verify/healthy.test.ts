import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DEMO_SETS, isoFolder } from "../../src/demo/demo-sets.js";
import { type ConvertOptions, convert } from "../../src/index.js";
import { type VerifyResult, verifyDataset } from "../../src/verify/verify-dataset.js";
import { folder } from "../helpers/folder.js";

/* Files that convert has written are healthy, whatever the ISO, the codec and the encoder. */

/** Converts the sample files of all ISOs and verifies what comes out. */
async function verifySample(t: TestContext, options: Partial<ConvertOptions>): Promise<VerifyResult> {
  const root = folder(t);
  const input = join(root, "in");
  for (const set of DEMO_SETS) await set.write(isoFolder(input, set));
  const out = join(root, "out");
  const summary = await convert({ inputs: [input], out, threads: 2, ...options });
  assert.deepEqual(summary.failures, []);
  const result = await verifyDataset({ out, threads: 2 });
  assert.equal(result.totals.rows, summary.totals.rowsWritten);
  assert.equal(result.totals.files, summary.outputs.length);
  return result;
}

/** The sample has ten days of a year: days are missing, and nothing else is to be found. */
function expectHealthy({ findings, exitCode }: VerifyResult): void {
  const others = findings.filter(({ check }) => check !== "missing-days");
  assert.deepEqual(others, []);
  assert.equal(exitCode, 0);
}

test("files of all ISOs", async (t) => {
  const result = await verifySample(t, {});
  assert.equal(new Set(result.findings.map(({ file }) => file.split("/")[1])).size, 7);
  expectHealthy(result);
});

const VARIANTS: Partial<ConvertOptions>[] = [
  { compression: "snappy", rowGroupSize: 700 },
  { compression: "none", encoder: "parquet-wasm", rowGroupSize: 5000 },
  { encoder: "parquet-wasm" },
];
for (const options of VARIANTS) {
  test(`with ${JSON.stringify(options)}`, async (t) => expectHealthy(await verifySample(t, options)));
}

test("converting again with fewer files leaves nothing of the old manifest", async (t) => {
  const root = folder(t);
  const input = join(root, "in");
  const out = join(root, "out");
  const set = DEMO_SETS.find(({ iso, feed }) => iso === "PJM" && feed === "da_hourly")!;
  const files = await set.write(input);
  await convert({ inputs: [input], out, threads: 1 });
  rmSync(files.at(-1)!.path);
  await convert({ inputs: [input], out, threads: 1 });
  expectHealthy(await verifyDataset({ out, threads: 1 }));
});

const REAL_DATA = process.env.GRIDPARQUET_REAL_DATA;

test("real files give no error", {
  skip: REAL_DATA === undefined && "GRIDPARQUET_REAL_DATA names no folder",
}, async (t) => {
  const out = folder(t);
  await convert({ inputs: [REAL_DATA!], out });
  const { findings, exitCode } = await verifyDataset({ out, threads: 2 });
  assert.deepEqual(
    findings.filter(({ severity }) => severity === "error"),
    [],
  );
  const checks = new Set(findings.map(({ check }) => check));
  assert.ok(
    [...checks].every((check) => ["missing-days", "hours-of-day", "location-gap"].includes(check)),
    [...checks].join(),
  );
  assert.equal(exitCode, 0);
});
