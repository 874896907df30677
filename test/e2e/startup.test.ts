import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { writePjmDay } from "../../src/demo/pjm-files.js";
import { CLI, plainEnvironment, tempFolder } from "./helpers.js";

/** Converts a day of so many nodes; returns the scripts that each thread loaded, which V8 lists with its coverage. */
async function scriptsOf(t: TestContext, nodeCount: number, ...options: string[]): Promise<string[][]> {
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
    const { result } = JSON.parse(readFileSync(join(coverage, file), "utf8")) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => url);
  });
}

/** Entry points of the threads beside main, a name for each thread. */
function threadsOf(scripts: readonly string[][]): string[] {
  const entries = scripts.flatMap((urls) =>
    urls.filter((url) => /\/dist\/workers\/(encode|writer)\.cjs$/.test(url)),
  );
  return entries.map((url) => basename(url)).sort();
}

function packagesOf(scripts: readonly string[][]): Set<string> {
  const names = scripts.flat().map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

test("a small run starts one thread of the pool and loads no package that it does not use", async (t) => {
  const scripts = await scriptsOf(t, 4, "--threads", "4");
  assert.deepEqual(threadsOf(scripts), ["encode.cjs", "writer.cjs"]);
  const loaded = packagesOf(scripts);
  for (const name of ["piscina", "@bokuweb/zstd-wasm"]) assert.ok(loaded.has(name), name);
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
  // Those that are joined with the modules that use them: the plot's, and parquet-wasm.
  const joined = /\/chunks\/(main-bench-plot|pool-parquet[-_]wasm)[^/]*$/;
  assert.deepEqual(
    scripts.flat().filter((url) => joined.test(url)),
    [],
  );
});
