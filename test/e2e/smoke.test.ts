import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CLI, filesBelow, plainEnvironment, ROOT, runCli, tempFolder } from "./helpers.js";

const OTHER_NODE = process.env.GRIDPARQUET_OTHER_NODE;

const NODES = [
  { name: `this Node (${process.version})`, path: process.execPath, skip: false as const },
  {
    name: "the Node in GRIDPARQUET_OTHER_NODE",
    path: OTHER_NODE ?? "",
    skip: OTHER_NODE ? (false as const) : "GRIDPARQUET_OTHER_NODE does not name another Node",
  },
];

const OUTPUTS = [
  "DA/feed=da_hourly/year=2024/pjm_da_hourly_2024.parquet",
  "DA/feed=da_hourly/year=2025/pjm_da_hourly_2025.parquet",
  "RT/feed=rt_5min/year=2025/pjm_rt_5min_2025.parquet",
  "RT/feed=rt_hourly/year=2024/pjm_rt_hourly_2024.parquet",
  "RT/feed=rt_hourly/year=2025/pjm_rt_hourly_2025.parquet",
].map((path) => `energy/iso=PJM/market=${path}`);

for (const { name, path, skip } of NODES) {
  test(`the demo runs on ${name}`, { skip }, async (t) => {
    const cwd = tempFolder(t);
    const run = await runCli(["demo"], { cwd, node: path });
    assert.equal(run.code, 0, run.stderr);
    const output = join(cwd, "gridparquet-demo", "output");
    assert.deepEqual(
      filesBelow(output).filter((file) => file.endsWith(".parquet")),
      OUTPUTS,
    );
    for (const file of OUTPUTS) {
      const bytes = readFileSync(join(output, file));
      assert.equal(bytes.subarray(0, 4).toString(), "PAR1");
      assert.equal(bytes.subarray(-4).toString(), "PAR1");
    }
    assert.match(run.stdout, /^complete; 5 files written/m);
    assert.match(run.stdout, /rows read 83,900 = 83,520 written \+ 0 rejected\s+\+ 380 duplicates dropped/);
  });

  test(`--version and --help answer on ${name}`, { skip }, async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    const asked = await runCli(["--version"], { node: path });
    assert.deepEqual([asked.code, asked.stdout, asked.stderr], [0, `${version}\n`, ""]);
    for (const args of [["--help"], ["convert", "--help"], ["demo", "--help"], ["feeds", "--help"]]) {
      const help = await runCli(args, { node: path });
      assert.equal(help.code, 0, args.join(" "));
      assert.equal(help.stderr, "");
      assert.match(help.stdout, /^Usage: gridparquet/im);
    }
  });
}

test("the built file starts by itself", { skip: process.platform === "win32" && "no #! line there" }, () => {
  const { status, stdout } = spawnSync(CLI, ["--version"], { env: plainEnvironment(), encoding: "utf8" });
  assert.equal(status, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+/);
});
