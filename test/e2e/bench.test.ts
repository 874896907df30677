import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { BenchResult } from "../../src/bench/result.js";
import { elementsOf } from "../helpers/xml.js";
import { dayLines, filesBelow, runCli, tempFolder, writeDays } from "./helpers.js";

/* `gridparquet bench` on small files: what it prints, draws and leaves behind. Never how long anything took. */

const DAY = { feed: "da_hourly", date: "2025-01-15", nodeCount: 4 } as const;

/** A folder with two day files in `in` and nothing else. */
async function twoDays(t: TestContext): Promise<string> {
  const cwd = tempFolder(t);
  await writeDays(join(cwd, "in"), [DAY, { ...DAY, date: "2025-01-16" }]);
  return cwd;
}

test("--json prints one object, --plot draws a picture, the outputs are removed", async (t) => {
  const cwd = await twoDays(t);
  const options = ["--rounds", "1", "--threads", "1,2", "--work", "work", "--plot", "pictures/cost.svg"];
  const run = await runCli(["bench", "in", ...options, "--json"], { cwd });
  assert.equal(run.code, 0, run.stderr);
  const result = JSON.parse(run.stdout) as BenchResult & { plot: string | null };
  assert.deepEqual(Object.keys(result), [
    ...["status", "exitCode", "input", "compression", "rounds", "threadsUsed", "machine", "settings"],
    ...["fastest", "leastMemory", "plot"],
  ]);
  const { status, exitCode, input, compression, rounds, threadsUsed, plot } = result;
  assert.deepEqual(
    { status, exitCode, compression, rounds, threadsUsed, plot },
    {
      status: "complete",
      exitCode: 0,
      compression: "zstd",
      rounds: 1,
      threadsUsed: 1,
      plot: "pictures/cost.svg",
    },
  );
  assert.deepEqual([input.files, input.rows], [2, 2 * 4 * 24]);
  assert.deepEqual(
    result.settings.map(({ threads, batchSize, chunkSize, status, error, runs }) => ({
      ...{ threads, batchSize, chunkSize, status, error, runs: runs.length },
    })),
    [1, 2].map((threads) => ({
      ...{ threads, batchSize: 50, chunkSize: 100_000, status: "complete", error: null, runs: 1 },
    })),
  );
  for (const { median, runs } of result.settings) {
    assert.ok(median !== null && median.peakRssBytes > 1e7 && median.wallSeconds >= median.elapsedSeconds);
    const { wallSeconds, elapsedSeconds, peakRssBytes } = median;
    assert.deepEqual(runs, [{ wallSeconds, elapsedSeconds, peakRssBytes }]);
  }
  for (const best of [result.fastest, result.leastMemory]) assert.ok(best === 0 || best === 1);

  const names = elementsOf(readFileSync(join(cwd, "pictures", "cost.svg"), "utf8"));
  assert.equal(names[0], "svg");
  assert.ok(!names.includes("script"));
  assert.deepEqual(filesBelow(join(cwd, "work")), []);
  assert.deepEqual(readdirSync(join(cwd, "work")), []);
  assert.equal(run.stderr.trimEnd().split("\n").length, 3, run.stderr);
});

test("text: a table and no progress when told", async (t) => {
  const cwd = await twoDays(t);
  const argv = ["bench", "in", "--rounds", "1", "--threads", "1", "--batch-size", "1,2"];
  const shown = await runCli([...argv, "--no-progress"], { cwd });
  assert.deepEqual([shown.code, shown.stderr], [0, ""]);
  assert.match(shown.stdout, /^2 files, .* 192 rows; zstd; 1 round after a warm-up\n\nthreads {2}batch /);
  assert.match(shown.stdout, /\n {6}1 {6}1 {2}100,000 /);
  assert.match(shown.stdout, /\nFastest.*: batches of \d files? \(/);
  assert.deepEqual(readdirSync(cwd), ["in"]);
  const quiet = await runCli([...argv, "--quiet"], { cwd });
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
});

test("nothing to measure: said before anything is run, with what to type", async (t) => {
  const cwd = await twoDays(t);
  writeFileSync(join(cwd, "notes.csv"), "a,b\n1,2\n");
  const cases: [string[], RegExp][] = [
    [["bench", "notes.csv"], /^gridparquet: no file can be converted:\n/],
    [["bench", "missing"], /^gridparquet: missing: there is no such file or folder\n/],
    [["bench", "in", "--work", "in/work"], /lies inside the input in\n {2}.*--work DIR\n$/],
    [
      ["bench", "in", "--work", "notes.csv/work"],
      /^gridparquet: cannot write to notes.csv\/work: .*\n {2}.*--work DIR\n$/,
    ],
    [
      ["bench", "in", "--plot", "notes.csv/a.svg"],
      /^gridparquet: cannot write notes.csv\/a.svg: .*\n {2}.*--plot FILE.svg\n$/,
    ],
  ];
  for (const [argv, message] of cases) {
    const run = await runCli(argv, { cwd });
    assert.deepEqual([run.code, run.stdout], [1, ""], argv.join(" "));
    assert.match(run.stderr, message);
  }
  assert.deepEqual(readdirSync(join(cwd, "in", "work")), []);
});

test("settings that fail are named with the reason, and nothing is drawn when all do", async (t) => {
  const cwd = tempFolder(t);
  const { header, records } = dayLines(DAY);
  const short = records[0]!.slice(0, records[0]!.lastIndexOf(","));
  writeFileSync(join(cwd, "day.csv"), `${[header, ...records.slice(1), short].join("\n")}\n`);
  const argv = ["bench", "day.csv", "--rounds", "1", "--threads", "1,2", "--work", "work", "--plot", "a.svg"];
  const partial = await runCli([...argv, "--no-progress"], { cwd });
  assert.equal(partial.code, 0, partial.stderr);
  assert.match(partial.stdout, /\nThe runs were partial: /);
  assert.match(partial.stdout, /\nPlot: a\.svg\n$/);

  // the run's other settings are those of the folder
  writeFileSync(join(cwd, "gridparquet.config.yaml"), "strict: true\n");
  const strict = await runCli([...argv, "--plot", "b.svg"], { cwd });
  assert.equal(strict.code, 1);
  assert.match(strict.stdout, /\nFailed: 1 thread: .*strict/);
  assert.match(strict.stdout, /\nFailed: 2 threads: .*strict/);
  assert.match(strict.stderr, /^warm-up: 2 threads, .*: failed\nround 1 of 1: 1 thread, .*: failed\n$/);
  assert.equal(existsSync(join(cwd, "b.svg")), false);
  assert.deepEqual(readdirSync(join(cwd, "work")), []);
});

test("an interruption ends the run at hand and removes what it wrote", async (t) => {
  const cwd = await twoDays(t);
  const run = await runCli(["bench", "in", "--rounds", "1000", "--threads", "1", "--work", "work"], {
    cwd,
    onStart: (child) => {
      child.stderr?.once("data", () => child.kill("SIGINT"));
    },
  });
  assert.deepEqual([run.code, run.stdout], [130, ""]);
  assert.match(run.stderr, /\ngridparquet: interrupted; the temporary outputs have been removed\n$/);
  assert.deepEqual(readdirSync(join(cwd, "work")), []);
});
