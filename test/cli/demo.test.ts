import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DEMO_MARKER, demoDays, duckdbQuery, pandasQuery, writeDemoFiles } from "../../src/demo/demo.js";
import { GridparquetError } from "../../src/errors.js";
import { folder } from "./helpers.js";

const dataLines = (file: string): number => readFileSync(file, "utf8").trimEnd().split("\n").length - 1;

test("the sample days are around New Year and both clock changes, a few thousand rows each", async (t) => {
  const at = join(folder(t), "demo");
  const { input, output, files } = await writeDemoFiles(at);
  assert.equal(files.length, demoDays().length);
  assert.deepEqual(readdirSync(input).sort(), files.map((file) => file.slice(input.length + 1)).sort());
  assert.equal(existsSync(output), false);
  for (const file of files) {
    const rows = dataLines(file);
    assert.ok(rows >= 3000 && rows <= 7000, `${file}: ${rows}`);
  }
  const lines = (name: string) => dataLines(join(input, name));
  assert.equal(lines("da_hrl_lmps_2025-03-09.csv"), 23 * 150);
  assert.equal(lines("da_hrl_lmps_2025-11-02.csv"), 25 * 150);
  assert.equal(lines("rt_fivemin_hrl_lmps_2025-03-09.csv"), 23 * 12 * 20);
  assert.ok(lines("rt_hrl_lmps_2024-12-31.csv") > 24 * 150, "some prices are revised");
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
