import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { writePjmDay } from "../../src/demo/pjm-files.js";
import { CLI, plainEnvironment, tempFolder } from "./helpers.js";

/** A script that a thread loaded, as V8's coverage has it. */
interface Covered {
  url: string;
  functions: { functionName: string; ranges: { count: number }[] }[];
}

/** Converts a day of so many nodes; returns the scripts that each thread loaded, which V8 lists with its coverage. */
async function scriptsOf(t: TestContext, nodeCount: number, ...options: string[]): Promise<Covered[][]> {
  const folder = tempFolder(t);
  const coverage = join(folder, "coverage");
  const input = join(folder, "in");
  for (const date of ["2025-01-15", "2025-01-16"])
    await writePjmDay(input, { feed: "da_hourly", date, nodeCount });
  execFileSync(
    process.execPath,
    [CLI, "convert", input, "--out", join(folder, "out"), "--quiet", ...options],
    {
      env: { ...plainEnvironment(), NODE_V8_COVERAGE: coverage },
    },
  );
  return readdirSync(coverage).map((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), "utf8")) as { result: Covered[] };
    return result;
  });
}

/** Entry points of the threads beside main, a name for each thread. */
function threadsOf(scripts: readonly Covered[][]): string[] {
  const entries = scripts.flat().filter(({ url }) => /\/dist\/threads\/(pool|writer)\.cjs$/.test(url));
  return entries.map(({ url }) => basename(url)).sort();
}

function packagesOf(scripts: readonly Covered[][]): Set<string> {
  const names = scripts.flat().map(({ url }) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/** Modules among those that a thread's script is joined from that have been run, though only where they are needed. */
function lateModulesOf(scripts: readonly Covered[][]): Set<string> {
  const functions = scripts
    .flat()
    .flatMap((script) => (script.url.includes("/dist/joined/") ? script.functions : []));
  const run = functions.filter(({ ranges }) => ranges[0]!.count > 0);
  return new Set(run.map(({ functionName }) => functionName));
}

test("a small run starts one thread of the pool and loads no package that it does not use", async (t) => {
  const scripts = await scriptsOf(t, 4, "--threads", "4");
  assert.deepEqual(threadsOf(scripts), ["pool.cjs", "writer.cjs"]);
  const loaded = packagesOf(scripts);
  for (const name of ["piscina", "@bokuweb/zstd-wasm"]) assert.ok(loaded.has(name), name);
  const ofWriter = scripts.filter((each) => threadsOf([each]).includes("writer.cjs"));
  assert.deepEqual([...packagesOf(ofWriter)], []);
  const unused = [
    "apache-arrow",
    "yaml",
    "valibot",
    "csv-parse",
    "csv-stringify",
    "yauzl",
    "tinyglobby",
    "cli-progress",
  ];
  assert.deepEqual(
    unused.filter((name) => loaded.has(name)),
    [],
  );
  // Of those that are joined with the modules that use them, the run's own is, the plot's and parquet-wasm are not.
  const late = lateModulesOf(scripts);
  assert.ok(late.has("src/run/engine.js"));
  for (const name of ["src/cli/bench-plot.js", "src/parquet/parquet-wasm-chunks.js"])
    assert.ok(!late.has(name), name);
});
