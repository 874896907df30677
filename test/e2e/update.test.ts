import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { caisoLmpFile, writeCaisoLmp } from "../../src/demo/caiso-files.js";
import { zipFile } from "../../src/demo/zip-file.js";
import { type ConvertOptions, convert, type UpdateSummary, update, verifyDataset } from "../../src/index.js";
import { changeDigit, dayLines, digests, filesBelow, runCli, tempFolder, writeDays } from "./helpers.js";

/* What `update` does beside the days that come one after the other; see update-model.test.ts for those. */

const DAYS = ["2024-12-31", "2025-01-01", "2025-01-02", "2025-01-03"];

const dayFiles = (folder: string) =>
  writeDays(
    folder,
    DAYS.map((date) => ({ feed: "da_hourly" as const, date, nodeCount: 5 })),
  );

/** Converts some inputs, updates with all of them, and checks that the bytes are those of one conversion of all. */
async function checkUpdate(
  t: TestContext,
  first: string[],
  all: string[],
  options: Partial<ConvertOptions> = {},
): Promise<{ out: string; summary: UpdateSummary }> {
  const folder = tempFolder(t);
  const [out, whole] = [join(folder, "out"), join(folder, "whole")];
  await convert({ inputs: first, out, threads: 1, ...options });
  await convert({ inputs: all, out: whole, threads: 1, ...options });
  const summary = await update({ inputs: all, out, threads: 1 });
  assert.deepEqual(digests(out), digests(whole));
  const again = await update({ inputs: all, out, threads: 1 });
  assert.equal(again.totals.files, 0);
  assert.deepEqual(digests(out), digests(whole));
  return { out, summary };
}

test("settings of the output are those of the files that are there", async (t) => {
  const files = await dayFiles(join(tempFolder(t), "in"));
  const first = [files[0]!, files[2]!];
  for (const options of [
    { compression: "snappy", rowGroupSize: 50 },
    { compression: "none", encoder: "parquet-wasm", rowGroupSize: 130 },
  ] as const) {
    const { out, summary } = await checkUpdate(t, first, files, options);
    assert.equal(summary.update.filesUnchanged, 2);
    const { totals, findings } = await verifyDataset({ out, threads: 1 });
    assert.deepEqual([totals.errors, totals.warnings], [0, 0], JSON.stringify(findings));
  }
});

test("components of prices that come in two updates are joined, those without a total are kept out", async (t) => {
  const input = join(tempFolder(t), "in");
  await writeCaisoLmp(input, { date: "2025-01-01", nodeCount: 3 });
  const [before] = filesBelow(input).map((name) => join(input, name));
  const [columns, ...lines] = [...caisoLmpFile({ date: "2025-01-02", nodeCount: 3 })]
    .join("")
    .trimEnd()
    .split("\n");
  const isTotal = (line: string) => line.includes(",LMP_PRC,");
  const [totals, parts] = [join(input, "totals.csv"), join(input, "parts.csv")];
  writeFileSync(totals, `${[columns, ...lines.filter(isTotal)].join("\n")}\n`);
  writeFileSync(parts, `${[columns, ...lines.filter((line) => !isTotal(line))].join("\n")}\n`);
  await checkUpdate(t, [before!, totals], [before!, totals, parts], { rowGroupSize: 30 });
  const { summary } = await checkUpdate(t, [before!, parts], [before!, totals, parts], { rowGroupSize: 30 });
  assert.equal(summary.totals.rowsRejected, 0, "what was rejected for its total has it now");
});

test("files in zip archives, and files that have been moved, are known again", async (t) => {
  const folder = tempFolder(t);
  const plain = await dayFiles(join(folder, "plain"));
  const input = join(folder, "in");
  mkdirSync(input);
  const zips = DAYS.map((day) => join(input, `${day}.zip`));
  for (const [index, path] of zips.entries())
    writeFileSync(path, zipFile([{ name: "prices.csv", content: readFileSync(plain[index]!) }]));
  const { out } = await checkUpdate(t, zips.slice(0, 2), zips, { rowGroupSize: 100 });
  const moved = join(folder, "moved");
  renameSync(input, moved);
  const summary = await update({ inputs: [moved], out });
  assert.deepEqual([summary.totals.files, summary.update.filesUnchanged], [0, 4]);
});

test("a file in whose place is another of its size and time is read again, and no other", async (t) => {
  const files = await dayFiles(join(tempFolder(t), "in"));
  const written = 1_700_000_000;
  for (const path of files) utimesSync(path, written, written);
  const folder = tempFolder(t);
  const [out, whole] = [join(folder, "out"), join(folder, "whole")];
  await convert({ inputs: files, out, threads: 1 });
  changeDigit(files[2]!);
  utimesSync(files[2]!, written, written);
  const summary = await update({ inputs: files, out, threads: 1 });
  assert.deepEqual(
    summary.files.map(({ file, rowsReplaced }) => [file, rowsReplaced]),
    [[files[2], 1]],
  );
  await convert({ inputs: files, out: whole, threads: 1 });
  assert.deepEqual(digests(out), digests(whole));
  assert.equal((await update({ inputs: files, out, threads: 1 })).update.filesUnchanged, 4);
});

test("files that a manifest of an earlier version lists, without a sample of them, are known", async (t) => {
  const files = await dayFiles(join(tempFolder(t), "in"));
  const out = join(tempFolder(t), "out");
  await convert({ inputs: files, out, threads: 1 });
  const manifests = join(out, "_gridparquet", "manifest");
  for (const name of filesBelow(manifests)) {
    const text = readFileSync(join(manifests, name), "utf8");
    const without = text.replaceAll(/,\{"sample":\d+\}/g, "");
    assert.notEqual(without, text);
    writeFileSync(join(manifests, name), without);
  }
  assert.equal((await update({ inputs: files, out, threads: 1 })).update.filesUnchanged, 4);
});

test("without a manifest the inputs are read again, and nothing but the manifest is written", async (t) => {
  const files = await dayFiles(join(tempFolder(t), "in"));
  const { out } = await checkUpdate(t, files.slice(0, 3), files, { rowGroupSize: 100 });
  const known = digests(out);
  rmSync(join(out, "_gridparquet", "manifest"), { recursive: true });
  const summary = await update({ inputs: files, out, rowGroupSize: 100 });
  assert.equal(summary.status, "complete");
  assert.equal(summary.totals.rowsDeduplicated, summary.totals.rowsRead, "all rows were there");
  assert.equal(summary.outputs.length, 0);
  assert.deepEqual(digests(out), known);
  assert.equal((await update({ inputs: files, out })).update.filesUnchanged, 4);
  const { totals } = await verifyDataset({ out, threads: 1 });
  assert.deepEqual([totals.errors, totals.warnings], [0, 0]);
});

test("a year file that is damaged is left as it is", async (t) => {
  const files = await dayFiles(join(tempFolder(t), "in"));
  const out = join(tempFolder(t), "out");
  await convert({ inputs: files.slice(1, 3), out, threads: 1, rowGroupSize: 100 });
  const [name] = Object.keys(digests(out));
  const path = join(out, name!);
  const bytes = readFileSync(path);
  bytes[100] = bytes[100]! ^ 1;
  writeFileSync(path, bytes);
  const summary = await update({ inputs: files, out, threads: 1 });
  assert.match(summary.failures[0]!.message, /row group 0 is not what was written/);
  assert.deepEqual(readFileSync(path), bytes);
});

test("years that were left out are read when they are asked for", async (t) => {
  const folder = tempFolder(t);
  const both = join(folder, "both.csv");
  const days = DAYS.slice(0, 2).map((date) => dayLines({ feed: "da_hourly", date, nodeCount: 5 }));
  writeFileSync(both, `${[days[0]!.header, ...days.flatMap(({ records }) => records)].join("\r\n")}\r\n`);
  await checkUpdate(t, [both], [both]);
  const [out, whole] = [join(folder, "out"), join(folder, "whole")];
  await convert({ inputs: [both], out, years: [2025], threads: 1 });
  assert.equal((await update({ inputs: [both], out, years: [2025] })).totals.files, 0);
  await update({ inputs: [both], out, threads: 1 });
  await convert({ inputs: [both], out: whole, threads: 1 });
  assert.deepEqual(digests(out), digests(whole));
});

test("the command line: what was added, what is missing, and back", async (t) => {
  const input = join(tempFolder(t), "in");
  const files = await dayFiles(input);
  const out = join(tempFolder(t), "out");
  const run = await runCli(["update", ...files.slice(0, 2), "--out", out]);
  assert.equal(run.code, 0, run.stderr);
  const before = digests(out);
  const later = await runCli(["update", files[3]!, "--out", out, "--keep-previous"]);
  assert.match(later.stdout, /^1 day added; 0 files unchanged\n {2}PJM\/da_hourly: added 3 January 2025\n/);
  assert.match(later.stdout, /1 still missing: 2 January 2025/);
  const same = await runCli(["update", files[3]!, "--out", out]);
  assert.match(same.stdout, /^nothing to add; 1 file unchanged\n/);
  const json = await runCli(["update", files[3]!, "--out", out, "--json"]);
  assert.deepEqual(JSON.parse(json.stdout).update.filesUnchanged, 1);
  const back = await runCli(["rollback", out]);
  assert.equal(back.code, 0, back.stderr);
  assert.match(back.stdout, /^1 year file put back/);
  assert.deepEqual(digests(out), before);
  assert.match((await runCli(["rollback", out])).stdout, /nothing to put back/);
});
