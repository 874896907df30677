import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { convertArguments } from "../../src/bench/convert-process.js";
import { defaultThreads, settingsOf } from "../../src/bench/options.js";
import { type BenchResult, compareSettings, type SettingRuns } from "../../src/bench/result.js";
import { benchPlot } from "../../src/cli/bench-plot.js";
import { benchText } from "../../src/cli/bench-text.js";
import { resolveBench } from "../../src/cli/resolve-bench.js";
import { resolveConvert } from "../../src/cli/resolve-options.js";
import { escapeXml } from "../../src/cli/svg.js";
import { DEFAULTS } from "../../src/run/options.js";
import { elementsOf } from "../helpers/xml.js";
import { folder, raw, surroundings, tooLong, usage } from "./helpers.js";

async function resolve(t: TestContext, argv: string[], env: NodeJS.ProcessEnv = {}, config?: string) {
  const cwd = folder(t);
  if (config !== undefined) writeFileSync(join(cwd, "gridparquet.config.yaml"), config);
  return resolveBench(raw("bench", ...argv), surroundings(cwd, env));
}

/** A setting that took so many seconds and bytes in its rounds. */
function runs(
  threads: number,
  seconds: number[],
  bytes: number,
  more: Partial<SettingRuns> = {},
): SettingRuns {
  return {
    ...{ threads, batchSize: 50, chunkSize: 100_000, status: "complete", error: null },
    runs: seconds.map((wall) => ({ wallSeconds: wall, elapsedSeconds: wall - 0.1, peakRssBytes: bytes })),
    ...more,
  };
}

function result(...measured: SettingRuns[]): BenchResult {
  return compareSettings(
    {
      input: { files: 12, bytes: 510_000_000, rows: 4_200_000 },
      compression: "zstd",
      rounds: 3,
      threadsUsed: 122,
      machine: {
        cores: 8,
        cpu: "A <fast> & \u0007cheap one",
        memoryBytes: 32e9,
        loadAverage: 4,
        node: "20.19.0",
        platform: "linux x64",
      },
    },
    measured,
  );
}

test("defaults: threads of the machine, one batch and chunk size", async (t) => {
  const { options } = await resolve(t, ["in"]);
  assert.deepEqual(options, {
    bench: {
      inputs: ["in"],
      compression: DEFAULTS.compression,
      threads: defaultThreads(availableParallelism()),
      batchSizes: [DEFAULTS.batchSize],
      chunkSizes: [DEFAULTS.chunkSize],
      rounds: 3,
      work: tmpdir(),
    },
  });
  assert.deepEqual([1, 2, 3, 8].map(defaultThreads), [[1], [1, 2], [1, 3], [1, 4, 8]]);
});

test("lists are whole numbers joined by commas, and swallow no inputs", async (t) => {
  const { options } = await resolve(t, ["--threads", "1,2, 4", "--batch-size", "7", "in", "--iso", "pjm"]);
  const { threads, batchSizes, inputs, isos } = options.bench;
  assert.deepEqual([threads, batchSizes, inputs, isos], [[1, 2, 4], [7], ["in"], ["PJM"]]);
  for (const text of ["", "1,", "1;2", "two", "1.5", "-1", "1 2"]) {
    const problem = usage(/^--threads must be whole numbers from 1 to 256, joined by commas, not '/);
    assert.throws(() => raw("bench", "in", `--threads=${text}`), problem, text);
  }
  assert.throws(() => raw("bench", "in", "--threads", "1,0"), usage(/, not 0$/));
  assert.throws(
    () => raw("bench", "in", "--threads", "--json"),
    usage(/no value/, /^Type: --threads N,\.\.\.$/),
  );
  assert.throws(() => raw("bench", "in", "--threads"), usage(/no value/, /^Type: --threads N,\.\.\.$/));
});

test("a plot is an SVG file, inputs are needed", async (t) => {
  assert.equal((await resolve(t, ["in", "--plot", "a/b.SVG"])).options.plot, "a/b.SVG");
  assert.throws(
    () => raw("bench", "in", "--plot", "b.png"),
    usage(/^--plot must be a file whose name ends in \.svg/),
  );
  await assert.rejects(resolve(t, []), usage(/^no inputs given$/, /^Type: gridparquet bench INPUT\.\.\.$/));
});

test("what is measured comes from the command line alone, the selection from everywhere", async (t) => {
  const env = { GRIDPARQUET_THREADS: "9", GRIDPARQUET_FEED: "rt_5min" };
  const { options } = await resolve(t, ["in", "--threads", "3"], env, "batch-size: 4\ncompression: none\n");
  assert.deepEqual(options.bench.threads, [3]);
  assert.deepEqual(options.bench.batchSizes, [DEFAULTS.batchSize]);
  assert.deepEqual([options.bench.feeds, options.bench.compression], [["rt_5min"], "none"]);
});

test("every combination once, in the order of the lists", () => {
  const settings = settingsOf({ threads: [2, 1, 2], batchSizes: [5, 6], chunkSizes: [7] });
  assert.deepEqual(
    settings.map(({ threads, batchSize, chunkSize }) => [threads, batchSize, chunkSize]),
    [
      [2, 5, 7],
      [2, 6, 7],
      [1, 5, 7],
      [1, 6, 7],
    ],
  );
});

test("the arguments of a run are those that convert reads as the same options", async (t) => {
  const argv = ["-odd", "b c", "--iso", "pjm", "caiso", "--year", "2024", "2025", "--compression", "none"];
  const { options } = await resolve(t, ["--", ...argv.slice(0, 2)]);
  assert.deepEqual(options.bench.inputs, ["-odd", "b c"]);
  const selected = await resolve(t, ["x", ...argv.slice(2)]);
  const bench = { ...selected.options.bench, inputs: ["-odd", "b c"] };
  const setting = { threads: 3, batchSize: 5, chunkSize: 7 };
  // what the configuration file says about these must not be what is measured
  const cwd = folder(t);
  writeFileSync(
    join(cwd, "gridparquet.config.yaml"),
    "dry-run: true\nthreads: 8\nfeed: da_hourly\nyear: 2020\n",
  );
  const read = await resolveConvert(raw(...convertArguments(bench, "o", setting)), surroundings(cwd));
  const { inputs, out, isos, feeds, years, threads, batchSize, chunkSize, compression, dryRun } =
    read.options;
  assert.deepEqual({ threads, batchSize, chunkSize }, setting);
  assert.deepEqual([inputs, out, compression, dryRun], [["-odd", "b c"], "o", "none", false]);
  assert.deepEqual([isos, feeds, years], [["PJM", "CAISO"], ["da_hourly"], [2024, 2025]]);
  assert.deepEqual([read.view.json, read.view.progress], [true, false]);
  const { years: _, ...all } = bench;
  const plan = await resolveConvert(raw(...convertArguments(all, "o", null)), surroundings(cwd));
  assert.deepEqual([plan.options.dryRun, plan.options.years], [true, undefined]);
});

test("medians, speed-up against the first setting, the best of both", () => {
  const { settings, fastest, leastMemory, status, exitCode } = result(
    runs(1, [4, 9, 5], 200e6),
    runs(2, [2.5, 2.4, 2.6], 250e6),
  );
  assert.deepEqual([status, exitCode, fastest, leastMemory], ["complete", 0, 1, 0]);
  assert.deepEqual(settings[1]!.median, {
    ...{ wallSeconds: 2.5, elapsedSeconds: 2.4, peakRssBytes: 250e6 },
    ...{ bytesPerSecond: 204e6, rowsPerSecond: 1.68e6, speedUp: 2 },
  });
});

test("the table, and what is best", () => {
  const text = benchText(result(runs(1, [4, 9, 5], 200e6), runs(2, [2.5, 2.4, 2.6], 250e6)));
  assert.equal(
    text,
    `12 files, 510.0 MB, 4,200,000 rows; zstd; medians of 3 rounds after a warm-up

threads  batch    chunk  seconds  MB/s  rows/s  speed-up  peak memory
      1     50  100,000     5.00   102  840.0k     1.00x     200.0 MB
      2     50  100,000     2.50   204    1.7M     2.00x     250.0 MB

Fastest: 2 threads (2.50 s); least memory: 1 thread (200.0 MB).
`,
  );
});

test("text fits 80 columns, says what failed and leaves out what is the same for all", () => {
  const gone: Partial<SettingRuns> = {
    error: `no room ${"on the disk ".repeat(10)}`,
    status: "failed",
    runs: [],
  };
  const wide = { chunkSize: 10_000_000, batchSize: 100_000 };
  const some = result(
    runs(256, [], 0, { ...gone, ...wide }),
    runs(256, [12345.6, 12345.6], 123_456e6, { status: "partial", ...wide }),
    runs(256, [13000], 124_000e6, wide),
  );
  assert.deepEqual([some.status, some.exitCode, some.fastest], ["partial", 2, 1]);
  const text = benchText({ ...some, threadsUsed: 1, machine: { ...some.machine, loadAverage: 4.04 } });
  assert.deepEqual(tooLong(text), []);
  assert.match(text, /\n {4}256 +100,000 +10,000,000 +failed +- +- +- +-\n/);
  assert.match(text, /1\.00x/);
  assert.match(text, /\nFailed: 256 threads: no room on the disk/);
  assert.match(text, /\nThe runs were partial: /);
  assert.match(text, /\nThe machine was busy before \(load average 4\.0, 8 cores\): /);
  assert.match(text, /\nSo little input is worth 1 thread: /);
  assert.match(text, /\nFastest, and with the least memory: 256 threads \(/);
  const none = result(runs(1, [], 0, gone));
  assert.deepEqual([none.status, none.exitCode, none.fastest, none.leastMemory], ["failed", 1, null, null]);
  assert.doesNotMatch(benchText(none), /Fastest|NaN|null/);
  assert.doesNotMatch(benchText(result(runs(1, [2], 1e6))), /Fastest/);
});

test("the picture: two panels, a series for each combination, well-formed and without scripts", () => {
  const one = benchPlot(result(runs(1, [4, 9, 5], 200e6), runs(2, [2.5, 2.4, 2.6], 250e6)));
  const names = elementsOf(one);
  assert.equal(names[0], "svg");
  assert.deepEqual([...new Set(names)].sort(), ["desc", "g", "line", "path", "rect", "svg", "text", "title"]);
  assert.match(one, />A &lt;fast&gt; &amp; {2}cheap one, 8 cores, 32 GB; /);
  assert.doesNotMatch(one, /NaN|undefined|Infinity/);
  for (const text of [
    "threads",
    "MB of input per second",
    "peak resident memory (MB)",
    "102",
    "204",
    "250",
  ]) {
    assert.ok(one.includes(`>${text}</text>`), text);
  }
  const other = { batchSize: 5 };
  const two = benchPlot(
    result(runs(1, [4], 2e8), runs(1, [5], 2e8, other), runs(2, [2], 2e8), runs(2, [3], 2e8, other)),
  );
  elementsOf(two);
  for (const text of ["batches of 50 files", "batches of 5 files"])
    assert.ok(two.includes(`>${text}</text>`), text);
});

test("the picture's axis shows what differs when the threads do not", () => {
  const picture = benchPlot(result(runs(2, [4], 2e8, { chunkSize: 1000 }), runs(2, [5], 2e8)));
  for (const text of ["chunk size (rows)", "1,000", "100,000"])
    assert.ok(picture.includes(`>${text}</text>`), text);
  elementsOf(benchPlot(result(runs(1, [4], 2e8))));
});

test("text in a picture cannot become markup", () => {
  assert.equal(escapeXml('<a b="c">&\u0000\u001b\ud800'), "&lt;a b=&quot;c&quot;&gt;&amp;   ");
});
