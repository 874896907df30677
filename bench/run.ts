/** The benchmark: `npm run bench -- --help`. What it measures, and how, is in bench/README.md. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { benchTargets } from "./bench-targets.js";
import { checkoutRoot, say } from "./checkout.js";
import { type BenchOptions, parseOptions } from "./options.js";
import { type PartSettings, runSmallFiles, runStart, runYear } from "./parts.js";
import { DUCKDB_PEERS } from "./peers/duckdb.js";
import { GRIDPARQUET_PEERS } from "./peers/gridparquet.js";
import type { Peer } from "./peers/peer.js";
import { POLARS_PEERS } from "./peers/polars.js";
import { provideDataSet } from "./provide-data-set.js";
import { type SetResult, savePeersRecord } from "./record.js";
import { runPeers } from "./run-peers.js";
import { memoryTable, resultTable } from "./table.js";
import { targetTable } from "./target.js";

const PEERS: readonly Peer[] = [...GRIDPARQUET_PEERS, ...DUCKDB_PEERS, ...POLARS_PEERS];

/** @returns whether all that was to be measured could be, whatever the figures are */
async function main(options: BenchOptions): Promise<boolean> {
  const root = checkoutRoot();
  const cache = path.join(root, ".cache", "bench");
  const work = path.join(cache, "work");
  const { parts, keep } = options;
  const peers = choosePeers(options.only);
  await mkdir(cache, { recursive: true });
  const settings = { ...options, cache, work, keep, say };
  try {
    const sets = parts.includes("peers") ? await runScales(peers, settings) : [];
    const { year, tenth } = parts.includes("year") ? await runYear(peers, settings) : {};
    for (const set of [year, tenth]) if (set !== undefined) printSet(set);
    const smallFiles = parts.includes("small-files") ? await runSmallFiles(settings) : undefined;
    const start = parts.includes("start") ? await runStart(settings) : undefined;
    if (start !== undefined) printSet(start);
    const measured = { peers: sets[0]?.results, year: year?.results, tenth: tenth?.results };
    const groups = benchTargets({ ...measured, smallFiles, start: start?.results });
    process.stdout.write(groups.map((group) => `\n${targetTable(group)}`).join(""));
    await savePeersRecord(root, options, { sets, year, tenth, smallFiles, start });
    return [...sets, year, tenth, start].every((set) => set === undefined || set.failed.length === 0);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The peers on inputs of the sizes that are asked for. */
async function runScales(peers: readonly Peer[], options: BenchOptions & PartSettings): Promise<SetResult[]> {
  const { cache, days, nodes, seed, sixDecimals } = options;
  const sets: SetResult[] = [];
  for (const scale of options.scale) {
    const dataSet = await provideDataSet(cache, { days: days * scale, nodes, seed, sixDecimals });
    sets.push(await runPeers(peers, dataSet, options));
    printSet(sets.at(-1)!);
  }
  if (sets.length > 1)
    process.stdout.write(
      `\n${memoryTable(sets.map((set) => ({ ...set, inputBytes: set.dataSet.bytes })))}\n`,
    );
  return sets;
}

function printSet({ results, dataSet, notRun, failed }: SetResult): void {
  process.stdout.write(`\n${resultTable(results, dataSet.bytes)}\n`);
  for (const { name, reason } of notRun) process.stdout.write(`${name} did not run: ${reason}\n`);
  for (const { name, reason } of failed) process.stdout.write(`${name} FAILED: ${reason}\n`);
}

/** @throws Error when a name fits no peer */
function choosePeers(only: readonly string[]): readonly Peer[] {
  for (const name of only) {
    if (PEERS.some((peer) => peer.name.startsWith(name))) continue;
    throw new Error(`No peer "${name}". Peers: ${PEERS.map((peer) => peer.name).join(", ")}.`);
  }
  if (only.length === 0) return PEERS;
  return PEERS.filter((peer) => only.some((name) => peer.name.startsWith(name)));
}

try {
  if (!(await main(parseOptions(process.argv.slice(2))))) process.exitCode = 1;
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
