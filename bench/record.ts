import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import path from "node:path";
import type { DataSet } from "./data-set.js";
import type { BenchOptions } from "./options.js";
import { medians, type PeerResult } from "./table.js";

export interface PeerReason {
  name: string;
  reason: string;
}

/** What one input gave. */
export interface SetResult {
  dataSet: DataSet;
  results: PeerResult[];
  /** Peers that cannot run here, and why. */
  notRun: PeerReason[];
  /** Peers that stopped with an error or whose output was wrong. */
  failed: PeerReason[];
}

/** Writes all that is needed to judge or repeat the run: commit, versions, machine, options and every single run. */
export async function writeRecord(
  file: string,
  root: string,
  options: BenchOptions,
  sets: SetResult[],
): Promise<void> {
  const record = {
    date: new Date().toISOString(),
    commit: commit(root),
    versions: {
      node: process.version,
      duckdb: await packageVersion(root, "@duckdb/node-api"),
      polars: await packageVersion(root, "nodejs-polars"),
    },
    machine: {
      platform: `${platform()} ${arch()}`,
      cpu: cpus()[0]?.model.trim(),
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    options: { ...options, json: undefined },
    sets: sets.map(({ dataSet, results, notRun, failed }) => ({
      input: { files: dataSet.files, rows: dataSet.rows, bytes: dataSet.bytes },
      peers: results.map((result) => ({ ...result, median: medians(result) })),
      notRun,
      failed,
    })),
  };
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
}

/** Commit of the checkout, with `+` when files differ from it; null outside of git. */
function commit(root: string): string | null {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return git("rev-parse", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
  } catch {
    return null;
  }
}

async function packageVersion(root: string, name: string): Promise<string | null> {
  try {
    return JSON.parse(await readFile(path.join(root, "node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return null;
  }
}
