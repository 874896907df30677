import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { INTERVAL_COLUMNS, TABLES } from "../../src/arrow/tables.js";
import { optionsMarkdown } from "../../src/cli/option-docs.js";
import { EXIT } from "../../src/errors.js";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const scripts = (
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    scripts: Record<string, string>;
  }
).scripts;

test("the README's options are those of the option table", () => {
  const [, options] = /<!-- options:[^\n]*-->\n(.*?)<!-- \/options -->/s.exec(readme) ?? [];
  assert.equal(options, optionsMarkdown());
});

test("the README names every output column and exit code", () => {
  const { entity, measures } = TABLES.energy;
  for (const name of [...INTERVAL_COLUMNS, ...[...entity, ...measures].map((column) => column.name)]) {
    assert.ok(readme.includes(`\`${name}\``), `the README does not name the column ${name}`);
  }
  for (const code of Object.values(EXIT)) assert.match(readme, new RegExp(`^\\| ${code} \\|`, "m"));
});

test("the README's two commands are scripts", () => {
  assert.match(readme, /^npm ci && npm start\b/m);
  assert.match(readme, /^npm ci && npm test\b/m);
  assert.ok(scripts.start !== undefined && scripts.test !== undefined && scripts.bench !== undefined);
});
