import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { completionCommand } from "../../src/cli/commands/completion.js";
import { COMMAND_NAMES } from "../../src/cli/option-definition.js";
import { optionsOf } from "../../src/cli/option-table.js";
import { parseArguments } from "../../src/cli/parse-arguments.js";
import { EXIT } from "../../src/errors.js";
import { collector, folder, help, raw, surroundings, usage } from "./helpers.js";

async function script(shell: string): Promise<string> {
  const out = collector();
  const streams = { stdout: out.stream, stderr: collector().stream };
  const code = await completionCommand(raw("completion", shell), surroundings("/"), streams);
  assert.equal(code, EXIT.complete);
  return out.text();
}

function shellIsMissing(name: string): string | false {
  const { error } = spawnSync(name, ["-c", "exit 0"], { stdio: "ignore" });
  return error === undefined ? false : `there is no ${name} here`;
}

/** What bash offers at the end of a line, and what it is told of paths. */
interface Offer {
  words: string[];
  /** The arguments of `compopt`, empty when it was not called. */
  paths: string;
}

/** Completes lines in one bash, which splits them at `=` as readline does. */
async function completeInBash(t: TestContext, lines: readonly string[]): Promise<Offer[]> {
  const file = join(folder(t), "gridparquet.bash");
  writeFileSync(file, await script("bash"));
  const calls = lines.map((line) => {
    const words = line
      .split(" ")
      .flatMap((word) => word.split(/(=)/).filter((part, i) => part !== "" || i === 0));
    const quoted = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; paths=''; _gridparquet gridparquet
printf '%s|%s\\n' "\${COMPREPLY[*]-}" "$offered"; offered=''`;
  });
  // outside of readline compopt has nothing to act on
  const program = `set -u; offered=''; compopt() { offered="$*"; }; source '${file}'\n${calls.join("\n")}\n`;
  const text = execFileSync("bash", ["--norc", "--noprofile"], { input: program, encoding: "utf8" });
  const offers = text.trimEnd().split("\n");
  assert.equal(offers.length, lines.length);
  return offers.map((offer) => {
    const [words = "", paths = ""] = offer.split("|");
    return { words: words.split(" ").filter((word) => word !== ""), paths };
  });
}

const NO_FILES = "+o default";
const FOLDERS = "-o dirnames +o default";

test("bash completes commands, options and values", { skip: shellIsMissing("bash") }, async (t) => {
  const cases: [line: string, words: string[], paths: string][] = [
    ["gridparquet ", [...COMMAND_NAMES, "help"], NO_FILES],
    ["gridparquet con", ["convert"], NO_FILES],
    ["gridparquet --", ["--help", "--version"], NO_FILES],
    ["gridparquet help co", ["convert", "completion"], NO_FILES],
    ["gridparquet completion ", ["bash", "zsh", "fish"], NO_FILES],
    ["gridparquet convert --comp", ["--compression"], NO_FILES],
    ["gridparquet convert --compression ", ["zstd", "snappy", "none"], NO_FILES],
    ["gridparquet convert --compression s", ["snappy"], NO_FILES],
    ["gridparquet convert --compression=s", ["snappy"], NO_FILES],
    ["gridparquet convert --compression=", ["zstd", "snappy", "none"], NO_FILES],
    ["gridparquet convert in/ --log-level ", ["error", "warn", "info", "debug"], NO_FILES],
    ["gridparquet convert --threads ", [], NO_FILES],
    ["gridparquet bench --threads ", [], NO_FILES],
    // a list goes on until the next option; paths may be among it
    ["gridparquet convert --iso ", ["PJM", "CAISO"], ""],
    ["gridparquet convert --isos P", ["PJM"], ""],
    ["gridparquet convert --iso PJM C", ["CAISO"], ""],
    ["gridparquet convert --iso=P", ["PJM"], ""],
    ["gridparquet convert --iso PJM downl", [], ""],
    ["gridparquet status lake/ --feed da", ["da_hourly"], ""],
    ["gridparquet verify lake/ --deep ", [], ""],
    // what takes one value is over after it
    ["gridparquet convert --compression zstd ", [], ""],
    ["gridparquet convert --iso PJM --strict ", [], ""],
    ["gridparquet convert downl", [], ""],
    ["gridparquet convert --out ", [], FOLDERS],
    ["gridparquet status ", [], FOLDERS],
    ["gridparquet demo ", [], NO_FILES],
    ["gridparquet feeds ", [], NO_FILES],
    ["gridparquet unknown ", [], NO_FILES],
  ];
  const offers = await completeInBash(
    t,
    cases.map(([line]) => line),
  );
  for (const [i, [line, words, paths]] of cases.entries())
    assert.deepEqual(offers[i], { words, paths }, line);
});

test("bash offers every option of every command", { skip: shellIsMissing("bash") }, async (t) => {
  const offers = await completeInBash(
    t,
    COMMAND_NAMES.map((name) => `gridparquet ${name} --`),
  );
  for (const [i, name] of COMMAND_NAMES.entries()) {
    const flags = [...optionsOf(name).map((option) => `--${option.name}`), "--help"];
    assert.deepEqual(offers[i], { words: flags, paths: NO_FILES }, name);
  }
});

test("zsh and fish say what each command and option does", async () => {
  for (const shell of ["zsh", "fish"]) {
    const text = await script(shell);
    for (const name of COMMAND_NAMES) assert.ok(text.includes(name), `${shell} ${name}`);
    assert.match(text, /Output folder; made if missing/);
    assert.match(text, /CAISO/);
    assert.doesNotMatch(text, /undefined|\[object/);
  }
});

test("zsh reads its script", { skip: shellIsMissing("zsh") }, async (t) => {
  const file = join(folder(t), "_gridparquet");
  writeFileSync(file, await script("zsh"));
  execFileSync("zsh", ["-f", "-n", file], { stdio: "pipe" });
});

test("fish completes commands, options and values", { skip: shellIsMissing("fish") }, async (t) => {
  const home = folder(t);
  const cwd = join(home, "work");
  mkdirSync(join(cwd, "lake"), { recursive: true });
  writeFileSync(join(cwd, "prices.csv"), "");
  writeFileSync(join(home, "c.fish"), await script("fish"));
  const offered = (line: string): string[] => {
    const program = `source ../c.fish; complete -C '${line}'`;
    const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
    const text = execFileSync("fish", ["-c", program], { cwd, env, encoding: "utf8" });
    const lines = text.split("\n").filter((each) => each !== "");
    return lines.map((each) => each.split("\t")[0]!).sort();
  };
  assert.deepEqual(offered("gridparquet "), [...COMMAND_NAMES, "help"].sort());
  assert.deepEqual(offered("gridparquet convert --comp"), ["--compression"]);
  assert.deepEqual(offered("gridparquet convert --iso "), ["CAISO", "PJM"]);
  assert.deepEqual(offered("gridparquet convert --iso PJM C"), ["CAISO"]);
  assert.deepEqual(offered("gridparquet convert --compression "), ["none", "snappy", "zstd"]);
  assert.deepEqual(offered("gridparquet convert --strict pri"), ["prices.csv"]);
  assert.deepEqual(offered("gridparquet status "), ["lake/"]);
  assert.deepEqual(offered("gridparquet demo "), []);
});

test("shells that there is no script for are refused, with what to type", async () => {
  const streams = { stdout: collector().stream, stderr: collector().stream };
  const refused = async (words: string[], message: RegExp, hint: RegExp) => {
    const run = completionCommand(raw("completion", ...words), surroundings("/"), streams);
    await assert.rejects(run, usage(message, hint));
  };
  await refused([], /no shell given/, /gridparquet completion bash\|zsh\|fish$/);
  await refused(["bsh"], /no completion for 'bsh'/, /gridparquet completion bash$/);
  await refused(["powershell"], /no completion for 'powershell'/, /bash\|zsh\|fish$/);
  await refused(["bash", "zsh"], /one shell at a time/, /bash\|zsh\|fish$/);
  assert.throws(() => parseArguments(["completion", "--shell", "bash"]), usage(/unknown option '--shell'/));
  assert.match(help("completion", "--help"), /in ~\/\.bashrc/);
});
