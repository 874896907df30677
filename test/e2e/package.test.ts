import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digests, plainEnvironment, ROOT, tempFolder, writeDays } from "./helpers.js";

/* The package as npm delivers it: packed, installed elsewhere, used by command and by import. */

const windows = process.platform === "win32";

/** Environment for npm: none of the variables that `npm test` sets for its own package. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const own = /^(npm_package_|npm_lifecycle_|npm_config_local_prefix$|npm_command$|INIT_CWD$)/;
  return Object.fromEntries(Object.entries(plainEnvironment()).filter(([name]) => !own.test(name)));
}

function npm(cwd: string, ...args: string[]): string {
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  return execFileSync("npm", [...args, ...quiet], {
    cwd,
    env: npmEnvironment(),
    encoding: "utf8",
    shell: windows,
  });
}

/** A program that uses the package by import: converts with progress, then aborts a second run. */
const PROGRAM = `
import { convert, EXIT, GridparquetError, loadFeeds } from "gridparquet";

const [, , input, out] = process.argv;
const events = [];
const summary = await convert({ inputs: [input], out, threads: 2, onProgress: (event) => events.push(event) });
const last = events.at(-1).jobs[0];
const abort = new AbortController();
const aborted = convert({
  inputs: [input],
  out: out + "-aborted",
  rowGroupSize: 100,
  signal: abort.signal,
});
setImmediate(() => abort.abort());
const error = await aborted.then(() => null, (reason) => reason);
const early = AbortSignal.abort();
const never = await convert({ inputs: [input], out: out + "-never", signal: early }).then(() => null, (e) => e);
console.log(JSON.stringify({
  status: summary.status,
  rows: summary.totals.rowsWritten,
  files: summary.files.length,
  last,
  aborted: error instanceof GridparquetError && [error.code, error.exitCode],
  never: never instanceof GridparquetError && never.code,
  complete: EXIT.complete,
  feeds: loadFeeds().length,
}));
`;

const TYPED = `
import { type ConvertSummary, convert, DEFAULTS, GridparquetError, type RunProgress } from "gridparquet";
const onProgress = (progress: RunProgress): number => progress.jobs.length;
const summary: Promise<ConvertSummary> = convert({ inputs: ["in"], out: "out", years: [2025], onProgress });
export const rows: Promise<number> = summary.then(({ totals }) => totals.rowsWritten + DEFAULTS.batchSize);
export const isOurs = (error: unknown): boolean => error instanceof GridparquetError && error.code === "usage";
// @ts-expect-error the option is a list
convert({ inputs: "in", out: "out" });
`;

test("packed and installed: the command, the import and the types", async (t) => {
  const folder = tempFolder(t);
  // The scripts would build anew and pull the files from under the other tests.
  const [packed] = JSON.parse(
    npm(ROOT, "pack", "--json", "--ignore-scripts", "--pack-destination", folder),
  ) as { filename: string; files: { path: string }[] }[];
  const names = packed!.files.map(({ path }) => path);
  for (const needed of [
    "LICENSE",
    "README.md",
    "config/pjm.yaml",
    "docs/README.md",
    "dist/man/gridparquet.1",
    "dist/src/cli.js",
    "dist/joined/writer.cjs",
    "dist/threads/writer.cjs",
    "dist/THIRD-PARTY-LICENSES.txt",
  ]) {
    assert.ok(names.includes(needed), needed);
  }
  assert.deepEqual(
    names.filter((name) => /^(src|test|bench|dist\/(test|bench))\//.test(name)),
    [],
  );

  const licences = readFileSync(join(ROOT, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const joined of ["commander", "hyparquet", "hyparquet-writer", "parquet-wasm", "d3-scale"])
    assert.match(licences, new RegExp(`^${joined} \\d+\\.\\d+\\.\\d+ \\(`, "m"));

  const app = join(folder, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  npm(app, "install", "--prefer-offline", join(folder, packed!.filename));
  await writeDays(join(app, "in"), [{ feed: "da_hourly", date: "2025-03-09", nodeCount: 40 }]);

  await t.test("the installed command converts", () => {
    const bin = join(app, "node_modules", ".bin", windows ? "gridparquet.cmd" : "gridparquet");
    const text = execFileSync(bin, ["convert", "in", "--out", "out"], {
      cwd: app,
      env: plainEnvironment(),
      encoding: "utf8",
      shell: windows,
      stdio: ["ignore", "pipe", "pipe"],
    });
    assert.match(text, /rows read 920 = 920 written/);
    assert.equal(Object.keys(digests(join(app, "out"))).length, 1);
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    assert.equal(
      execFileSync(bin, ["--version"], { env: plainEnvironment(), encoding: "utf8", shell: windows }),
      `${version}\n`,
    );
  });

  await t.test("the import converts, reports progress, and stops when told", () => {
    writeFileSync(join(app, "program.js"), PROGRAM);
    const text = execFileSync(process.execPath, ["program.js", "in", "out-2"], {
      cwd: app,
      env: plainEnvironment(),
      encoding: "utf8",
    });
    const { feeds, last, ...said } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(said, {
      status: "complete",
      rows: 920,
      files: 1,
      aborted: ["aborted", 130],
      never: "aborted",
      complete: 0,
    });
    assert.ok(Number(feeds) >= 3);
    const { state, filesDone, rowsDecoded, bytesDone, bytesTotal } = last as Record<string, unknown>;
    assert.deepEqual([state, filesDone, rowsDecoded, bytesDone === bytesTotal], ["done", 1, 920, true]);
    assert.deepEqual(digests(join(app, "out-2")), digests(join(app, "out")));
    for (const stopped of ["out-2-aborted", "out-2-never"]) assert.deepEqual(digests(join(app, stopped)), {});
  });

  await t.test("the types resolve and say what fits", () => {
    writeFileSync(join(app, "typed.ts"), TYPED);
    const modules = join(ROOT, "node_modules");
    const options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext"];
    const types = ["--types", "node", "--typeRoots", join(modules, "@types")];
    const compiler = join(modules, "typescript", "bin", "tsc");
    assert.ok(existsSync(compiler));
    execFileSync(process.execPath, [compiler, ...options, ...types, "typed.ts"], { cwd: app, stdio: "pipe" });
  });
});
