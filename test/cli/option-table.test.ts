import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMAND_NAMES, OPTION_GROUPS } from "../../src/cli/option-definition.js";
import { optionsMarkdown } from "../../src/cli/option-docs.js";
import {
  defaultText,
  environmentVariable,
  OPTIONS,
  optionsOf,
  sharedOptions,
} from "../../src/cli/option-table.js";
import { COMPRESSIONS, DEFAULTS, ENCODERS } from "../../src/run/options.js";
import { help, tooLong } from "./helpers.js";

test("names are kebab-case and unique within a command", () => {
  for (const command of COMMAND_NAMES) {
    const names = optionsOf(command).flatMap((option) => [
      option.name,
      ...(option.alias ? [option.alias] : []),
    ]);
    assert.equal(new Set(names).size, names.length, command);
    for (const name of names) assert.match(name, /^[a-z]+(-[a-z]+)*$/);
  }
});

test("options that environment and file may set have one meaning for all commands", () => {
  const names = sharedOptions().map((option) => option.name);
  assert.equal(new Set(names).size, names.length);
});

test("every option has a group of the help, a sentence, and at most one opposite that exists", () => {
  for (const option of OPTIONS) {
    assert.ok(OPTION_GROUPS.includes(option.group), option.name);
    assert.match(option.summary, /^[A-Z].*\.$/, option.name);
    if (option.excludes === undefined) continue;
    const opposite = OPTIONS.find((each) => each.name === option.excludes);
    assert.equal(opposite?.excludes, option.name);
  }
});

test("defaults come from DEFAULTS and lie in range", () => {
  const byName = (name: string) => OPTIONS.find((option) => option.name === name)!;
  assert.equal(defaultText(byName("batch-size")), String(DEFAULTS.batchSize));
  assert.equal(defaultText(byName("compression")), DEFAULTS.compression);
  assert.equal(defaultText(byName("encoder")), DEFAULTS.encoder);
  const { compression, encoder, ...numbers } = DEFAULTS;
  assert.ok(COMPRESSIONS.includes(compression) && ENCODERS.includes(encoder));
  for (const [key, value] of Object.entries(numbers)) {
    const option = byName(key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
    assert.ok(option.kind === "integer" && option.default === value, key);
    assert.ok(value >= option.min && value <= option.max, key);
  }
});

test("environment variables are named for the option", () => {
  assert.equal(environmentVariable("max-parallel"), "GRIDPARQUET_MAX_PARALLEL");
});

test("the README table has a line for every option of convert", () => {
  const table = optionsMarkdown();
  for (const option of optionsOf("convert")) assert.ok(table.includes(`| \`--${option.name}`), option.name);
  assert.equal(table.trimEnd().split("\n").length, optionsOf("convert").length + 2);
});

test("help fits 80 columns and names every option, exit code and command", () => {
  for (const argv of [
    ["--help"],
    ["convert", "--help"],
    ["demo", "-h"],
    ["feeds", "--help"],
    ["status", "--help"],
    ["verify", "--help"],
    ["bench", "--help"],
    ["completion", "--help"],
    ["help", "convert"],
  ]) {
    assert.deepEqual(tooLong(help(...argv)), [], argv.join(" "));
  }
  for (const text of [help("--help"), help("convert", "--help")]) {
    for (const option of optionsOf("convert")) assert.ok(text.includes(`  --${option.name}`), option.name);
    for (const code of ["0 ", "1 ", "2 ", "64 ", "130 "]) assert.ok(text.includes(`\n  ${code}`), code);
    assert.match(text, /Examples:\n {2}gridparquet convert .*\n {2}gridparquet convert /);
  }
  assert.match(
    help("verify", "--help"),
    /gridparquet\.config\.yaml and from the environment,\s+but\s+for --deep\.\n$/,
  );
  assert.match(help("feeds", "--help"), /gridparquet\.config\.yaml and from the environment\.\n$/);
  assert.doesNotMatch(help("completion", "--help"), /gridparquet\.config\.yaml/);
  for (const command of [
    "convert INPUT... --out DIR",
    "demo [--out DIR]",
    "feeds",
    "status DIR",
    "verify DIR",
    "bench INPUT...",
    "completion SHELL",
  ]) {
    assert.ok(help("--help").includes(`\n  ${command}`), command);
  }
});
