import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ConvertOptions, type ConvertSummary, convert } from "../../src/index.js";
import { outcome } from "./disturbed-runs.js";
import { dayLines, runCli, runRecord, tempFolder } from "./helpers.js";

/* Files by location, each with days of a whole year: their rows are spilled by month until all have come. */

const OPTIONS = { batchSize: 1, rowGroupSize: 400, threads: 2 };
const ARGS = ["--batch-size", "1", "--row-group-size", "400", "--threads", "2"];
const shared = mkdtempSync(join(tmpdir(), "gridparquet-e2e-"));
const input = join(shared, "in");
let undisturbed: ReturnType<typeof outcome>;
after(() => rmSync(shared, { recursive: true, force: true }));

/** A day of each month in a file for each node; of one node there are two, the second with other prices. */
function writeNodeFiles(folder: string): Map<string, string[]> {
  mkdirSync(folder, { recursive: true });
  const byNode = new Map<string, string[]>();
  let header = "";
  for (let month = 1; month <= 12; month++) {
    const date = `2024-${String(month).padStart(2, "0")}-15`;
    const day = dayLines({ feed: "da_hourly", date, nodeCount: 14 });
    header = day.header;
    for (const record of day.records) {
      const node = record.split(",")[2]!;
      byNode.set(node, [...(byNode.get(node) ?? []), record]);
    }
  }
  const [first] = [...byNode.values()] as [string[]];
  const revised = first.map((record) => record.split(",").with(9, "77.125").join(","));
  for (const [index, records] of [...byNode.values(), revised].entries())
    writeFileSync(
      join(folder, `${String(index).padStart(2, "0")}_da.csv`),
      [header, ...records, ""].join("\n"),
    );
  return byNode;
}

async function run(out: string, options: Partial<ConvertOptions> = {}): Promise<ConvertSummary> {
  return convert({ inputs: [input], ...OPTIONS, ...options, out });
}

before(async () => {
  writeNodeFiles(input);
  const out = join(shared, "whole");
  const summary = await run(out, { sequential: true, threads: 1 });
  undisturbed = outcome(summary, out);
  assert.equal(summary.status, "complete");
  assert.equal(summary.totals.rowsWritten, 12 * 24 * 14);
  assert.equal(summary.totals.rowsDeduplicated, 12 * 24);
});

for (const options of [{ threads: 2 }, { threads: 4, chunkSize: 100 }, { mergeFanIn: 2 }, { chunkSize: 1 }]) {
  test(`the same bytes and accounts with ${JSON.stringify(options)}`, async (t) => {
    const out = join(tempFolder(t), "out");
    assert.deepEqual(outcome(await run(out, options), out), undisturbed);
  });
}

for (const checkpointMs of [0, 60_000]) {
  test(`a thread that dies while it spills rows changes nothing, checkpoints ${checkpointMs} ms apart`, async (t) => {
    const folder = tempFolder(t);
    const [out, marker] = [join(folder, "out"), join(folder, "died")];
    process.env.GRIDPARQUET_FAULT = `exit,spill,2024,${marker}`;
    t.after(() => {
      delete process.env.GRIDPARQUET_FAULT;
    });
    const summary = await run(out, { checkpointMs });
    assert.ok(existsSync(marker), "rows were spilled");
    assert.deepEqual(outcome(summary, out), undisturbed);
    const record: object = runRecord(summary);
    assert.ok((record as { writing: { retries: number } }).writing.retries >= 1);
  });
}

for (const failpoint of ["part:appended:3", "part:appended:6", "checkpoint:done:9", "year:rewritten"]) {
  test(`killed at ${failpoint}, it goes on from rows that were spilled`, async (t) => {
    const out = join(tempFolder(t), "out");
    const killed = await runCli(["convert", input, "--out", out, ...ARGS], {
      env: { GRIDPARQUET_FAILPOINT: failpoint },
    });
    assert.equal(killed.signal, "SIGKILL", killed.stderr);
    const summary = await run(out, { checkpointMs: 0 });
    assert.ok(summary.resumed[0]!.filesDone > 0);
    assert.deepEqual(outcome(summary, out), undisturbed);
  });
}
