import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { resolveConvert, resolveDemo, resolveFeeds } from "../../src/cli/resolve-options.js";
import { DEFAULTS } from "../../src/run/options.js";
import { FEEDS, folder, raw, surroundings, usage } from "./helpers.js";

/** Resolves `convert` in a fresh folder that holds `files` (names ending in / are folders). */
async function resolve(
  t: TestContext,
  argv: string[],
  env: NodeJS.ProcessEnv = {},
  files: Record<string, string> = {},
) {
  const cwd = folder(t);
  for (const [name, text] of Object.entries(files)) {
    if (name.endsWith("/")) mkdirSync(join(cwd, name), { recursive: true });
    else writeFileSync(join(cwd, name), text);
  }
  return resolveConvert(raw("convert", ...argv), surroundings(cwd, env));
}

const config = (text: string) => ({ "gridparquet.config.yaml": text });

test("defaults", async (t) => {
  const { options, view, warnings } = await resolve(t, ["in", "--out", "o"]);
  assert.deepEqual(options, {
    inputs: ["in"],
    out: "o",
    ...DEFAULTS,
    sequential: false,
    dryRun: false,
    fresh: false,
    strict: false,
  });
  assert.deepEqual(view, {
    json: false,
    quiet: false,
    progress: true,
    cursor: true,
    logLevel: "warn",
    logFormat: "text",
  });
  assert.deepEqual(warnings, []);
});

test("flags win over the environment, which wins over the file", async (t) => {
  const file = config("threads: 2\nbatch-size: 3\nstrict: true\nout: from-file\n");
  const env = { GRIDPARQUET_THREADS: "4", GRIDPARQUET_BATCH_SIZE: "5" };
  const { options } = await resolve(t, ["in", "--threads", "6", "--no-strict"], env, file);
  assert.equal(options.threads, 6);
  assert.equal(options.batchSize, 5);
  assert.equal(options.strict, false);
  assert.equal(options.out, "from-file");
  assert.equal(options.chunkSize, DEFAULTS.chunkSize);
});

test("every kind of option comes from the environment", async (t) => {
  const env = {
    GRIDPARQUET_OUT: "o",
    GRIDPARQUET_ISOS: "pjm, caiso",
    GRIDPARQUET_YEAR: "2023 2024",
    GRIDPARQUET_NO_PROGRESS: "1",
    GRIDPARQUET_JSON: "false",
    GRIDPARQUET_COMPRESSION: "none",
    GRIDPARQUET_CHUNK_SIZE: "",
  };
  const { options, view } = await resolve(t, ["in"], env);
  assert.deepEqual(options.isos, ["PJM", "CAISO"]);
  assert.deepEqual(options.years, [2023, 2024]);
  assert.equal(options.compression, "none");
  assert.equal(options.chunkSize, DEFAULTS.chunkSize);
  assert.deepEqual([view.progress, view.json], [false, false]);
});

test("wrong values in the environment name the variable", async (t) => {
  const bad = (name: string, text: string) => resolve(t, ["in", "--out", "o"], { [name]: text });
  await assert.rejects(
    bad("GRIDPARQUET_THREADS", "many"),
    usage(/^GRIDPARQUET_THREADS must be a whole number/),
  );
  await assert.rejects(
    bad("GRIDPARQUET_STRICT", "maybe"),
    usage(/^GRIDPARQUET_STRICT must be true or false/),
  );
  await assert.rejects(
    bad("GRIDPARQUET_ISO", "PJN"),
    usage(/^GRIDPARQUET_ISO: 'PJN' is not a known ISO$/, /mean PJM/),
  );
});

test("a variable that looks misspelt is warned of; others are left alone", async (t) => {
  const env = { GRIDPARQUET_TREADS: "4", GRIDPARQUET_SOMETHING_ELSE: "1" };
  const { warnings } = await resolve(t, ["in", "--out", "o"], env);
  assert.deepEqual(warnings, ["GRIDPARQUET_TREADS is ignored; did you mean GRIDPARQUET_THREADS?"]);
});

test("--year and --all exclude each other within one source; across sources the stronger one wins", async (t) => {
  const out = ["in", "--out", "o"];
  await assert.rejects(resolve(t, [...out, "--all", "--year", "2024"]), usage(/--year and --all cannot/));
  await assert.rejects(
    resolve(t, out, {}, config("year: 2024\nall: true\n")),
    usage(/:1: year and .*:2: all cannot/),
  );
  assert.equal((await resolve(t, [...out, "--all"], {}, config("year: 2024\n"))).options.years, undefined);
  assert.deepEqual(
    (await resolve(t, [...out, "--year", "2024"], { GRIDPARQUET_ALL: "1" })).options.years,
    [2024],
  );
  assert.deepEqual(
    (await resolve(t, [...out, "--no-all"], {}, config("year: [2023]\n"))).options.years,
    [2023],
  );
});

test("more than two ISOs at once are warned of and become two", async (t) => {
  const { options, warnings } = await resolve(t, ["in", "--out", "o", "--max-parallel", "5"]);
  assert.equal(options.maxParallel, 2);
  assert.match(warnings[0]!, /--max-parallel is 5, but at most 2 ISOs run at once/);
});

test("lists give back the inputs that they swallowed", async (t) => {
  const files = { "data/": "", plain: "", "2024/": "" };
  const one = await resolve(t, ["--iso", "pjm", "data/", "--out", "o"], {}, files);
  assert.deepEqual([one.options.isos, one.options.inputs], [["PJM"], ["data/"]]);
  const two = await resolve(t, ["--feed", "DA_HOURLY", "plain", "not-there/*.csv", "--out", "o"], {}, files);
  assert.deepEqual([two.options.feeds, two.options.inputs], [["da_hourly"], ["plain", "not-there/*.csv"]]);
  const three = await resolve(t, ["--year", "2023,2024", "2025", "data", "2024", "--out", "o"], {}, files);
  assert.deepEqual(
    [three.options.years, three.options.inputs],
    [
      [2023, 2024, 2025],
      ["data", "2024"],
    ],
  );
});

test("a word that is neither value nor path is refused with a suggestion", async (t) => {
  const run = (...argv: string[]) => resolve(t, [...argv, "--out", "o"], {}, { "2024/": "" });
  await assert.rejects(
    run("--iso", "PJM", "CASO"),
    usage(/--iso: 'CASO' is not a known ISO, nor an existing/, /mean CAISO\?/),
  );
  await assert.rejects(
    run("in", "--iso", "PJM", "--feed", "as_monthly"),
    usage(/not a known feed/, /^Known: da_hourly, rt_5min\.$/),
  );
  await assert.rejects(
    run("in", "--iso", "PJM", "--feed", "as_hourly"),
    usage(/not a known feed/, /^It is a feed of CAISO, which --iso leaves out\.$/),
  );
  for (const year of ["1989", "2101", "24", "2024.5", "20x4"]) {
    await assert.rejects(run("in", "--year", year), usage(/is not a year from 1990 to 2100/), year);
  }
  await assert.rejects(run("--iso", "data/"), usage(/--iso has no ISO: data\/ is an input/, /--iso ISO/));
});

test("missing inputs and --out say what to type", async (t) => {
  const files = { "2024/": "" };
  await assert.rejects(
    resolve(t, []),
    usage(/no inputs and no --out/, /gridparquet convert INPUT\.\.\. --out DIR/),
  );
  await assert.rejects(resolve(t, ["my data"]), usage(/no --out/, /gridparquet convert 'my data' --out DIR/));
  await assert.rejects(
    resolve(t, ["--out", "o"]),
    usage(/no inputs/, /gridparquet convert INPUT\.\.\. --out o/),
  );
  const swallowed = resolve(t, ["--year", "2024", "--out", "o"], {}, files);
  await assert.rejects(
    swallowed,
    usage(/no inputs/, /2024 was read as a value of an option; inputs go before/),
  );
});

test("--config must be a folder", async (t) => {
  const run = (dir: string) =>
    resolve(t, ["in", "--out", "o", "--config", dir], {}, { "own/": "", file: "" });
  assert.equal((await run("own")).options.configDir, "own");
  await assert.rejects(run("missing"), usage(/--config: missing does not exist/));
  await assert.rejects(run("file"), usage(/--config: file is not a folder/));
});

test("the demo takes its folder from the command line only", async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, "gridparquet.config.yaml"), "out: lake\nthreads: 3\n");
  const around = surroundings(cwd, { GRIDPARQUET_OUT: "lake" });
  assert.deepEqual((await resolveDemo(raw("demo"), around)).options, {
    folder: "gridparquet-demo",
    threads: 3,
  });
  assert.deepEqual((await resolveDemo(raw("demo", "--out", "x"), around)).options, {
    folder: "x",
    threads: 3,
  });
});

test("feeds hands over the definitions", async (t) => {
  const { options, view } = await resolveFeeds(raw("feeds", "--json"), surroundings(folder(t)));
  assert.deepEqual(options.feeds, FEEDS);
  assert.equal(view.json, true);
});
