import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { findDataSet, makeDataSet } from "../../bench/data-set.js";
import { datasetTable } from "../../bench/dataset/dataset-table.js";
import { datasetTargets } from "../../bench/dataset/dataset-targets.js";
import { findNodeFiles, makeNodeFiles } from "../../bench/dataset/node-files.js";
import { type Part, runParts, type Step } from "../../bench/dataset/part.js";
import { sameBytes } from "../../bench/dataset/same-bytes.js";
import { untilYearEnd } from "../../bench/dataset/settings.js";
import {
  findMarketSet,
  locationsOf,
  MARKETS,
  makeMarketSet,
  marketSetFolder,
  rowGroupSizeOf,
} from "../../bench/dataset/seven-markets.js";
import { runScript, type Usage } from "../../bench/measure.js";

import { gapText } from "../../bench/target.js";
import { folder, put } from "../helpers/folder.js";
import { datasetRecord } from "./made-up-records.js";

test("targets are held against medians, and the gap says by how much", () => {
  assert.deepEqual(
    datasetTargets(datasetRecord()).map((target) => [target.measured?.toFixed(2), gapText(target)]),
    [
      ["1.50", "met by 25 %"],
      ["2.00", "missed by 54 %"],
      ["2.00", "met by 20 %"],
      ["0.50", "met by 50 %"],
      ["5.50", "met by 10 %"],
      ["4.58", "missed by 8 %"],
    ],
  );
});

test("a part that failed has no measure, one that was not asked for no target", () => {
  const { inputs, results } = datasetRecord();
  const ofUpdate = datasetTargets({
    inputs: inputs.filter(({ part }) => part === "update"),
    results: results.filter(({ part }) => part === "status"),
  });
  assert.deepEqual(ofUpdate.map(gapText), ["not measured", "not measured"]);
});

test("the table has a line for each process and target, within 80 columns", () => {
  const lines = datasetTable(datasetRecord()).split("\n");
  assert.ok(lines.includes("update, one day             1.50      3.00       300"));
  assert.ok(lines.includes("status of seven ISOs          0.50 s         <= 1.00 s         met by 50 %"));
  assert.equal(lines.length, 4 + 2 + 10 + 2 + 6 + 1);
  for (const line of lines) assert.ok(line.length <= 80, line);
});

test("steps take turns, the warm-up is checked and does not count", async () => {
  const log: string[] = [];
  const step = (name: string): Step => ({
    ...{ name, threads: 1 },
    prepare: async () => void log.push(`prepare ${name}`),
    run: async () => {
      log.push(name);
      return { wallSeconds: log.length, cpuSeconds: 0, peakRssBytes: 0 };
    },
    check: async () => void log.push(`check ${name}`),
  });
  const part = (name: "update" | "merge" | "status", ...steps: Step[]): Part => ({
    ...{ input: { part: name, what: "", files: 0, rows: 0, bytes: 0 }, steps },
  });
  const broken: Step = { ...step("c"), check: async () => assert.fail("other rows") };
  const parts = [part("update", step("a"), step("b")), part("merge", broken, step("d"))];
  const { results, failed } = await runParts(parts, 2, () => {});
  assert.deepEqual(failed, [{ name: "merge", reason: "warm-up c: other rows" }]);
  assert.deepEqual(
    log,
    [
      ...["prepare a", "a", "check a", "prepare b", "b", "check b", "prepare c", "c"],
      ...["prepare a", "a", "prepare b", "b", "prepare a", "a", "prepare b", "b"],
    ],
    "a part with a wrong output runs no more",
  );
  assert.deepEqual(
    results.map(({ name, runs }) => [name, runs.length]),
    [
      ["a", 2],
      ["b", 2],
    ],
  );
});

test("files by node have the rows of the files by day, in order of time", async (t) => {
  const root = folder(t);
  const parameters = untilYearEnd(3, 5);
  assert.equal(parameters.firstDay, "2024-12-29");
  await makeDataSet(path.join(root, "days"), parameters, () => {});
  await makeNodeFiles(path.join(root, "nodes"), parameters);
  const byDay = (await findDataSet(path.join(root, "days")))!;
  const byNode = (await findNodeFiles(path.join(root, "nodes")))!;
  const textsOf = (input: string) =>
    readdirSync(input).map((name) => readFileSync(path.join(input, name), "utf8"));
  const recordsOf = (texts: string[]) => texts.flatMap((text) => text.split("\r\n").slice(1)).filter(Boolean);
  const nodeTexts = textsOf(byNode.folder);
  const records = recordsOf(nodeTexts);
  assert.deepEqual(records.toSorted(), recordsOf(textsOf(byDay.folder)).toSorted());
  assert.equal(records.length, 3 * 24 * 5);
  assert.deepEqual([byNode.files, byNode.rows, byDay.rows], [5, records.length, records.length]);
  assert.equal(byNode.bytes, nodeTexts.join("").length);
  for (const text of nodeTexts) {
    const [first, last] = [recordsOf([text])[0]!, recordsOf([text]).at(-1)!];
    assert.match(first, /^12\/29\/2024 5:00:00 AM/);
    assert.match(last, /^1\/1\/2025 4:00:00 AM/);
  }
});

test("seven ISOs: all locations on the first day, few on the others", async (t) => {
  const cache = folder(t);
  const at = await marketSetFolder(cache, 2, 60);
  assert.equal(await marketSetFolder(cache, 2, 60), at);
  assert.notEqual(await marketSetFolder(cache, 2, 61), at);
  await makeMarketSet(at, 2, 60);
  const { files, folder: input } = (await findMarketSet(at))!;
  assert.equal(files, 14);
  assert.equal(readdirSync(input).length, 7);
  const sizes = readdirSync(path.join(input, "PJM"))
    .sort()
    .map((name) => readFileSync(path.join(input, "PJM", name), "utf8").split("\r\n").length - 2);
  assert.deepEqual(sizes, [24 * 60, 24 * 8]);
});

test("row groups of few locations are cut where the default cuts those of all", () => {
  const sizes = MARKETS.map((market) => {
    const { all, few } = locationsOf(market, 6260);
    return [market.iso, Math.floor(200_000 / all), Math.floor(rowGroupSizeOf(market, 6260) / few)];
  });
  for (const [iso, hours, ofFew] of sizes) assert.equal(hours, ofFew, `${iso}`);
  assert.deepEqual(locationsOf(MARKETS.find(({ iso }) => iso === "NYISO")!, 60), { all: 15, few: 15 });
});

test("files of the same bytes are told from others", async (t) => {
  const root = folder(t);
  const long = Buffer.alloc(3 << 20, 1);
  const file = put(root, "a", long);
  assert.equal(await sameBytes(file, put(root, "b", long)), true);
  assert.equal(await sameBytes(file, put(root, "c", long.subarray(1))), false);
  long[long.length - 1] = 2;
  assert.equal(await sameBytes(file, put(root, "d", long)), false);
});

test("a copy is measured without the start of its process", async (t) => {
  const root = folder(t);
  const from = put(root, "from", Buffer.alloc(1 << 20, 3));
  const to = path.join(root, "to");
  const usage: Usage = JSON.parse(await runScript("./dataset/copy-child.js", [from, to, "sync"]));
  assert.equal(await sameBytes(from, to), true);
  assert.ok(usage.wallSeconds > 0 && usage.peakRssBytes > 1 << 20);
});
