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

/** Feeds of the demo; those of the clock changes alone have no file of 2024. */
const OUTPUTS = [
  "ancillary/iso=CAISO/market=DA/feed=as_hourly",
  "ancillary/iso=PJM/market=RT/feed=as_hourly",
  "ancillary/iso=SPP/market=DA/feed=da_mcp",
  "energy/iso=CAISO/market=DA/feed=da_hourly",
  "energy/iso=ERCOT/market=DA/feed=dam_spp",
  "energy/iso=ERCOT/market=RT/feed=rtm_spp",
  "energy/iso=ISONE/market=DA/feed=da_hourly",
  "energy/iso=MISO/market=DA/feed=da_expost",
  "energy/iso=NYISO/market=DA/feed=damlbmp_zone",
  "energy/iso=NYISO/market=RT/feed=realtime_zone",
  "energy/iso=PJM/market=DA/feed=da_hourly",
  "energy/iso=PJM/market=RT/feed=rt_5min",
  "energy/iso=PJM/market=RT/feed=rt_hourly",
  "energy/iso=SPP/market=DA/feed=da_lmp_sl",
].flatMap((folder) => {
  const [, iso, feed] = /iso=(\w+).*feed=(\w+)/.exec(folder)!;
  const years = /rtm_spp|realtime_zone|rt_5min/.test(folder) ? [2025] : [2024, 2025];
  return years.map((year) => `${folder}/year=${year}/${iso!.toLowerCase()}_${feed}_${year}.parquet`);
});

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
    assert.doesNotMatch(run.stdout, /skipped/);
    assert.match(run.stdout, /^complete; 25 files written/m);
    assert.match(run.stdout, /rows read 144,457 = 144,288 written \+ 0 rejected\s+\+ 169 duplicates dropped/);
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
