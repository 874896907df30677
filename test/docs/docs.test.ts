import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { COMMAND_NAMES } from "../../src/cli/option-definition.js";
import { OPTIONS } from "../../src/cli/option-table.js";
import { CLI, plainEnvironment, ROOT, tempFolder } from "../e2e/helpers.js";
import { type Block, blocksOf, differsFromPage } from "./blocks.js";

/*
 * The pages of docs/, block by block: each page in a folder of its own that has downloads/ with the demo's sample files,
 * its blocks in their order.
 */

const DOCS = join(ROOT, "docs");
const PAGES = readdirSync(DOCS).filter((name) => name.endsWith(".md"));

const CONVERTED = "gridparquet convert downloads/ --out lake/ --quiet";
/** What a page takes for granted, as shell commands. */
const BEFORE: Readonly<Record<string, string>> = {
  "daily-update.md": CONVERTED,
  "querying.md": CONVERTED,
  "reading-a-report.md": `
    { head -n 1 downloads/PJM/da_hrl_lmps_2025-11-03.csv
      echo '11/3/2025 5:00:00 AM,11/3/2025 12:00:00 AM,1,PJM-RTO,,,ZONE,,30.74,n.a.,-0.78,0.03,True,1'
    } > downloads/PJM/broken.csv`,
  // killed when it has written for the second time
  "interrupted-runs.md": `
    GRIDPARQUET_FAILPOINT=part:appended:2 gridparquet convert downloads/ --out lake/ --iso PJM --quiet || true
    test -e lake/_gridparquet/journal/pjm.journal`,
};

/** Why blocks of a language are not run. */
const NOT_RUN: Readonly<Record<string, string>> = {
  python: "needs Python with polars, pandas or pyspark",
  r: "needs R with arrow and dplyr",
};
/** Blocks that are to be read only. */
const SHOWN_ONLY = ["text", "yaml", "cron", "csv"];

const hasBash = spawnSync("bash", ["-c", "exit 0"]).error === undefined && process.platform !== "win32";

let samples: string;

before(() => {
  const cleanUp: (() => void)[] = [];
  const folder = tempFolder({ after: (hook: () => void) => void cleanUp.push(hook) } as TestContext);
  process.on("exit", () => {
    for (const hook of cleanUp) hook();
  });
  execFileSync(process.execPath, [CLI, "demo", "--quiet", "--out", folder], { env: plainEnvironment() });
  samples = join(folder, "input");
});

for (const page of PAGES) {
  const blocks = blocksOf(readFileSync(join(DOCS, page), "utf8"));
  if (blocks.length === 0) continue;
  test(page, { skip: hasBash ? false : "needs bash" }, async (t) => {
    const folder = pageFolder(t);
    const first = BEFORE[page];
    if (first !== undefined) {
      const { status, stderr } = shell(`set -e\n${first}`, folder);
      assert.equal(status, 0, stderr);
    }
    for (const block of blocks) {
      const skip = block.settings["not-run"] ?? NOT_RUN[block.language] ?? false;
      await t.test(`${page}:${block.line} ${block.language}`, { skip }, async (blockTest) => {
        await run(block, folder, blockTest);
      });
    }
  });
}

/** A folder with the sample files, and with the built command in `bin`. */
function pageFolder(t: TestContext): string {
  const folder = tempFolder(t);
  cpSync(samples, join(folder, "downloads"), { recursive: true });
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "gridparquet"), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(join(bin, "gridparquet"), 0o755);
  return folder;
}

function shell(script: string, cwd: string): { status: number | null; stdout: string; stderr: string } {
  const path = [join(cwd, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = { ...plainEnvironment(), PATH: path, HOME: cwd, LC_ALL: "C" };
  const options = { cwd, env, encoding: "utf8", maxBuffer: 1 << 26 } as const;
  return spawnSync("bash", ["-uo", "pipefail", "-c", script], options);
}

async function run(block: Block, folder: string, t: TestContext): Promise<void> {
  const { language, text, settings, shown } = block;
  if (settings.file !== undefined) {
    mkdirSync(dirname(join(folder, settings.file)), { recursive: true });
    writeFileSync(join(folder, settings.file), `${text}\n`);
    return;
  }
  if (language === "sh") {
    const { status, stdout, stderr } = shell(`set -e\n${text}`, folder);
    assert.equal(status, Number(settings.exit ?? 0), `${stdout}${stderr}`);
    if (shown === null) return;
    const printed = settings.output === "stderr" ? stderr : stdout;
    const problem = differsFromPage(printed, shown);
    assert.equal(problem, null, `${problem}\n${printed}`);
  } else if (language === "sql") {
    assert.ok((await rowsOf(text, folder)) > 0, "the query gives no row");
  } else if (language === "js") {
    if (!(await loads("nodejs-polars"))) return t.skip("nodejs-polars does not load here");
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "page.mjs"), text);
    const printed = execFileSync(process.execPath, ["page.mjs"], {
      cwd: folder,
      env: plainEnvironment(),
      encoding: "utf8",
    });
    assert.match(printed, /^[1-9]/);
  } else {
    assert.ok(SHOWN_ONLY.includes(language), `what is to be done with a block of ${language}?`);
  }
}

async function loads(name: string): Promise<boolean> {
  return import(name).then(
    () => true,
    () => false,
  );
}

/** Rows of the last statement; paths are relative to the folder. */
async function rowsOf(sql: string, folder: string): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  try {
    await connection.run("SET autoinstall_known_extensions = false");
    const statements = sql.split(/;\s*$/m).filter((statement) => statement.trim() !== "");
    let rows = 0;
    for (const statement of statements) {
      // relative paths are DuckDB's to resolve, from the folder that the process is in
      const absolute = statement.replace(/'(lake\/[^']*)'/g, (_, path: string) => `'${join(folder, path)}'`);
      rows = (await connection.runAndReadAll(absolute)).currentRowCount;
    }
    return rows;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test("pages name commands and options that there are, and link to what is there", () => {
  const known = new Set([
    ...OPTIONS.flatMap(({ name, alias = name }) => [name, alias, `no-${name}`]),
    ...["help", "version"],
  ]);
  const index = readFileSync(join(DOCS, "README.md"), "utf8");
  for (const page of PAGES) {
    const text = readFileSync(join(DOCS, page), "utf8");
    for (const [, name] of text.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g))
      assert.ok(known.has(name!), `${page}: --${name}`);
    for (const [, name] of text.matchAll(/^gridparquet ([a-z]+)/gm))
      assert.ok((COMMAND_NAMES as readonly string[]).includes(name!), `${page}: gridparquet ${name}`);
    for (const [, target] of text.matchAll(/\]\(([^)#]+)\)/g)) readFileSync(join(DOCS, target!));
    assert.ok(page === "README.md" || index.includes(`(${page})`), `the index does not name ${page}`);
  }
});

test("what pages show is compared but for numbers, spaces and what … stands for", () => {
  const printed = "a  1,234 b\n\nc 5 s\nd\n";
  for (const shown of ["a 9 b\n\nc 1 min 2 s\nd", "a 1 b\n…\nd", "…\nd", "a…\n…", "…"])
    assert.equal(differsFromPage(printed, shown), null, shown);
  for (const shown of ["a 9 b", "a 9 b\nd", "…\nc 5 s", "e\n…", "…\ne"])
    assert.notEqual(differsFromPage(printed, shown), null, shown);
});
