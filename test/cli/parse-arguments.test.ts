import assert from "node:assert/strict";
import { test } from "node:test";
import { OPTIONS } from "../../src/cli/option-table.js";
import { parseArguments } from "../../src/cli/parse-arguments.js";
import { raw, usage } from "./helpers.js";

test("values arrive typed, and only those that were typed", () => {
  const { command, inputs, values } = raw(
    "convert",
    "a",
    "--out",
    "o",
    "--threads=4",
    "b",
    "--strict",
    "--no-progress",
  );
  assert.equal(command, "convert");
  assert.deepEqual(inputs, ["a", "b"]);
  assert.deepEqual(Object.fromEntries(values), { out: "o", threads: 4, strict: true, "no-progress": true });
});

test("lists take several values, once or repeatedly, and know their alias", () => {
  assert.deepEqual(raw("convert", "--iso", "PJM", "CAISO").values.get("iso"), ["PJM", "CAISO"]);
  assert.deepEqual(raw("convert", "--isos", "PJM", "--iso=CAISO").values.get("iso"), ["PJM", "CAISO"]);
});

test("every flag has an opposite", () => {
  for (const option of OPTIONS.filter((each) => each.kind === "flag")) {
    const command = option.commands[0]!;
    const opposite = option.name.startsWith("no-") ? option.name.slice(3) : `no-${option.name}`;
    assert.equal(raw(command, `--${option.name}`).values.get(option.name), true);
    assert.equal(raw(command, `--${opposite}`).values.get(option.name), false);
    assert.equal(raw(command).values.has(option.name), false);
  }
});

test("numbers are whole and in range", () => {
  const ranges = {
    threads: 256,
    "batch-size": 100_000,
    "chunk-size": 10_000_000,
    "row-group-size": 10_000_000,
  };
  for (const [name, max] of Object.entries(ranges)) {
    assert.equal(raw("convert", `--${name}`, "1").values.get(name), 1);
    assert.equal(raw("convert", `--${name}`, String(max)).values.get(name), max);
    for (const text of [
      "0",
      "-1",
      String(max + 1),
      "1.5",
      "1e3",
      "0x10",
      "1_000",
      "1,000",
      " 4",
      "four",
      "",
      "∞",
    ]) {
      const expected = new RegExp(`^--${name} must be a whole number from 1 to ${max}, not `);
      assert.throws(() => raw("convert", `--${name}`, text), usage(expected), `${name} ${text}`);
    }
  }
});

test("choices are checked, with a suggestion", () => {
  assert.equal(raw("convert", "--compression", "Snappy").values.get("compression"), "snappy");
  assert.throws(
    () => raw("convert", "--compression", "zst"),
    usage(/one of zstd, snappy, none, not 'zst'/, /mean zstd/),
  );
});

test("misspelt options and commands get a suggestion", () => {
  assert.throws(
    () => parseArguments(["covert"]),
    usage(/unknown command 'covert'/, /Did you mean convert\?/),
  );
  assert.throws(
    () => raw("convert", "--treads", "4"),
    usage(/unknown option '--treads'/, /Did you mean --threads\?/),
  );
  assert.throws(() => raw("feeds", "x"), usage(/too many arguments/, /gridparquet feeds --help/));
});

test("an option of other commands is said to be one, before anything that it looks like", () => {
  assert.throws(
    () => raw("feeds", "--iso", "PJM"),
    usage(/unknown option '--iso'/, /^It is an option of convert, .*\. See: gridparquet feeds --help$/),
  );
  assert.throws(
    () => raw("status", "--out=x"),
    usage(/'--out=x'/, /^It is an option of convert, update, demo\./),
  );
  assert.throws(() => raw("verify", "--treads", "2"), usage(/'--treads'/, /^Did you mean --threads\?$/));
  assert.throws(() => raw("status", "--xyz"), usage(/'--xyz'/, /^See: gridparquet status --help$/));
  assert.throws(
    () => parseArguments(["--treads", "2"]),
    usage(/'--treads'/, /^Did you mean --threads\? Options follow the command/),
  );
});

test("help of what is no command is a mistake", () => {
  assert.throws(() => parseArguments(["help", "covert"]), usage(/'covert'/, /^Did you mean convert\?$/));
  assert.throws(() => parseArguments(["help", "xyz"]), usage(/'xyz'/, /^See: gridparquet --help$/));
  for (const argv of [["help"], ["help", "convert"], ["help", "--help"]])
    assert.equal(parseArguments(argv).kind, "help", argv.join(" "));
});

test("a forgotten command is named", () => {
  assert.throws(() => parseArguments([]), usage(/no command/, /gridparquet convert INPUT\.\.\. --out DIR/));
  assert.throws(
    () => parseArguments(["data/"]),
    usage(/unknown command/, /gridparquet convert data\/ --out DIR/),
  );
  assert.throws(
    () => parseArguments(["--out", "x", "d"]),
    usage(/unknown option '--out'/, /follow the command/),
  );
});

test("an option's value cannot be another option", () => {
  assert.throws(
    () => raw("convert", "--out", "--json"),
    usage(/--out has no value: it is followed by --json/, /--out DIR/),
  );
  assert.throws(() => raw("convert", "--iso", "--out", "x"), usage(/--iso has no value/));
  assert.throws(() => raw("convert", "--out"), usage(/--out has no value/, /--out DIR/));
});

test("inputs that begin with a dash go after --", () => {
  assert.deepEqual(raw("convert", "--out", "o", "--", "-odd.csv").inputs, ["-odd.csv"]);
});

test("--version and --help are told apart from commands", () => {
  assert.equal(parseArguments(["--version"]).kind, "version");
  assert.equal(parseArguments(["-V"]).kind, "version");
  assert.equal(parseArguments(["convert", "--help"]).kind, "help");
});
