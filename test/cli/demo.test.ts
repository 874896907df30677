import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sampleText } from "../../src/cli/commands/demo.js";
import { DEMO_MARKER, duckdbQuery, pandasQuery, writeDemoFiles } from "../../src/demo/demo.js";
import { GridparquetError } from "../../src/errors.js";
import { folder } from "./helpers.js";

test("the sample is of all ISOs, a folder each, and small", async (t) => {
  const at = join(folder(t), "demo");
  const { input, output, sets } = await writeDemoFiles(at);
  assert.equal(existsSync(output), false);
  assert.deepEqual(readdirSync(input).sort(), ["CAISO", "ERCOT", "ISONE", "MISO", "NYISO", "PJM", "SPP"]);
  const files = sets.flatMap((set) => set.files);
  const found = readdirSync(input, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.includes("."),
  );
  assert.deepEqual(found.map((name) => join(input, name)).sort(), files.map((file) => file.path).sort());
  const bytes = files.reduce((sum, file) => sum + file.csvBytes, 0);
  assert.ok(bytes < 16e6, `${bytes} bytes of CSV`);
});

test("what was made is told in a table within 80 columns", async (t) => {
  const { sets } = await writeDemoFiles(join(folder(t), "demo"));
  const lines = sampleText("gridparquet-demo/input", sets).trimEnd().split("\n");
  assert.match(lines[0]!, /^\d+ sample files written to gridparquet-demo\/input, \d+\.\d MB$/);
  assert.equal(lines.length, 3 + sets.length);
  assert.match(lines[3]!, /^PJM {4}da_hourly +10 {2}csv, csv\.gz +row per hour and node$/);
  assert.match(lines[4]!, /^ {7}rt_hourly /);
  for (const line of lines) assert.ok(line.length <= 80, line);
});

test("a second demo replaces its own folders and nothing else", async (t) => {
  const at = folder(t);
  const { input, output } = await writeDemoFiles(at);
  writeFileSync(join(input, "stale.csv"), "");
  mkdirSync(output);
  writeFileSync(join(at, "notes.txt"), "mine");
  await writeDemoFiles(at);
  assert.deepEqual(readdirSync(at).sort(), [DEMO_MARKER, "input", "notes.txt"]);
  assert.equal(existsSync(join(input, "stale.csv")), false);
});

test("a folder with files of someone else is refused and left alone", async (t) => {
  const at = folder(t);
  mkdirSync(join(at, "input"));
  writeFileSync(join(at, "input", "mine.csv"), "mine");
  const refused = (error: unknown) =>
    error instanceof GridparquetError &&
    error.code === "output-not-writable" &&
    error.hint === "Choose another folder: gridparquet demo --out DIR";
  await assert.rejects(writeDemoFiles(at), refused);
  assert.deepEqual(readdirSync(at), ["input"]);
  assert.equal(readFileSync(join(at, "input", "mine.csv"), "utf8"), "mine");
  await assert.rejects(writeDemoFiles(join(at, "input", "mine.csv")), refused);
});

test("queries name the real paths, quoted, within 80 columns", () => {
  assert.match(duckdbQuery("it's/out").join("\n"), /read_parquet\('it''s\/out\/energy\/\*\*\/\*\.parquet',/);
  assert.match(pandasQuery('a"b\\out').join("\n"), /read_parquet\("a\\"b\/out\/energy",/);
  const lines = [...duckdbQuery("gridparquet-demo/output"), ...pandasQuery("gridparquet-demo/output")];
  for (const line of lines) assert.ok(line.length <= 78, line);
});
