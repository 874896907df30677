/**
 * Run by the build: has V8 make the code of the threads' scripts that threads/load-thread.ts looks for, by runs of the
 * program on sample files. It is of use where the program runs with the Node that has built it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePjmDay } from "../demo/pjm-files.js";
import { packageFile } from "../package-files.js";

/** Days and locations enough for threads to live until their code is kept (keep-code.ts). */
const DAYS = ["2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"];
const LOCATIONS = 4000;

const folder = mkdtempSync(join(tmpdir(), "gridparquet-build-"));

/** Runs the program as it is without settings, of which the builder may have some: in a folder, and by variables. */
function run(...args: string[]): void {
  const keep = ["--import", packageFile("dist/src/build/keep-code.js")];
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith("GRIDPARQUET_"));
  execFileSync(process.execPath, [...keep, packageFile("dist/src/cli.js"), ...args], {
    cwd: folder,
    env: Object.fromEntries(env),
    stdio: "pipe",
  });
}

try {
  const input = join(folder, "in");
  for (const date of DAYS) await writePjmDay(input, { feed: "da_hourly", date, nodeCount: LOCATIONS });
  const out = join(folder, "out");
  run("convert", input, "--out", out, "--threads", "1");
  run("verify", out);
  run("--help");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
