import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writePjmDay } from "../../src/demo/pjm-files.js";
import { CLI, digests, plainEnvironment, tempFolder } from "./helpers.js";

/** Loaded before the program in each thread: writes of each script whether V8 refused its code, or had none. */
const REPORTER = `data:text/javascript,${encodeURIComponent(`
  globalThis[Symbol.for("gridparquet.onScript")] = ({ script, codeFile }) =>
    process._rawDebug("code " + codeFile.match(/([a-z]+)-[0-9]+$/)[1] + " " + script.cachedDataRejected);
`)}`;

/** Converts a day into a folder; what each thread's script had by way of code. */
async function codeOf(t: TestContext, ...nodeOptions: string[]): Promise<{ out: string; said: string[] }> {
  const folder = tempFolder(t);
  const input = join(folder, "in");
  const out = join(folder, "out");
  await writePjmDay(input, { feed: "da_hourly", date: "2025-01-15", nodeCount: 20 });
  const args = [...nodeOptions, "--import", REPORTER, CLI, "convert", input, "--out", out, "--threads", "1"];
  const { status, stderr } = spawnSync(process.execPath, args, { env: plainEnvironment(), encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return { out, said: stderr.split("\n").filter((line) => line.startsWith("code ")) };
}

test("threads run the code that the build has had made of their scripts", async (t) => {
  const { said } = await codeOf(t);
  assert.deepEqual(said.sort(), ["code main false", "code pool false", "code writer false"]);
});

test("where V8 is told something else, it compiles the scripts, and the program does the same", async (t) => {
  const other = await codeOf(t, "--no-opt");
  assert.deepEqual(other.said.sort(), [
    "code main undefined",
    "code pool undefined",
    "code writer undefined",
  ]);
  assert.deepEqual(digests(other.out), digests((await codeOf(t)).out));
});

test("commands without threads of their own have code, too", () => {
  const { stderr } = spawnSync(process.execPath, ["--import", REPORTER, CLI, "--help"], { encoding: "utf8" });
  assert.equal(stderr, "code main false\n");
  assert.match(execFileSync(process.execPath, [CLI, "--help"], { encoding: "utf8" }), /gridparquet/);
});
