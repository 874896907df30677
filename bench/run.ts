/** The benchmark: `npm run bench -- --help`. What it measures, and how, is in bench/README.md. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type DataSet, type DataSetParameters, dataSetFolder, findDataSet } from "./data-set.js";
import { runScript } from "./measure.js";
import { type BenchOptions, parseOptions } from "./options.js";
import { DUCKDB_PEERS } from "./peers/duckdb.js";
import { GRIDPARQUET_PEERS } from "./peers/gridparquet.js";
import type { Peer } from "./peers/peer.js";
import { POLARS_PEERS } from "./peers/polars.js";
import { type SetResult, writeRecord } from "./record.js";
import { runPeers } from "./run-peers.js";
import { memoryTable, resultTable } from "./table.js";

const PEERS: readonly Peer[] = [...GRIDPARQUET_PEERS, ...DUCKDB_PEERS, ...POLARS_PEERS];

async function main(options: BenchOptions): Promise<boolean> {
  const root = checkoutRoot();
  const cache = path.join(root, ".cache", "bench");
  const peers = choosePeers(options.only);
  await mkdir(cache, { recursive: true });
  const sets: SetResult[] = [];
  for (const scale of options.scale) {
    const { days, nodes, seed, sixDecimals } = options;
    const dataSet = await provideDataSet(cache, { days: days * scale, nodes, seed, sixDecimals });
    const megabytes = (dataSet.bytes / 1e6).toFixed(0);
    say(`Input: ${dataSet.files} day files, ${megabytes} MB, ${dataSet.rows.toLocaleString("en-US")} rows.`);
    const work = path.join(cache, "work");
    try {
      sets.push(await runPeers(peers, dataSet, { ...options, work, say }));
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    const { results, notRun, failed } = sets.at(-1)!;
    process.stdout.write(`\n${resultTable(results, dataSet.bytes)}\n`);
    for (const { name, reason } of notRun) process.stdout.write(`${name} did not run: ${reason}\n`);
    for (const { name, reason } of failed) process.stdout.write(`${name} FAILED: ${reason}\n`);
  }
  if (sets.length > 1) {
    process.stdout.write(`\n${memoryTable(sets.map((set) => ({ ...set, inputBytes: set.dataSet.bytes })))}`);
  }
  if (options.json !== undefined) await writeRecord(options.json, root, options, sets);
  return sets.every(({ failed }) => failed.length === 0);
}

/** The input with these parameters: from the cache, or made now. */
async function provideDataSet(cache: string, parameters: DataSetParameters): Promise<DataSet> {
  const folder = dataSetFolder(cache, parameters);
  const found = await findDataSet(folder);
  if (found !== undefined) return found;
  say(`Making ${parameters.days} day files in ${path.relative(process.cwd(), folder)} …`);
  await runScript("./make-data-set.js", [folder, JSON.stringify(parameters)], true);
  return (await findDataSet(folder))!;
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

/** The folder with package.json, above wherever this file was compiled to. */
function checkoutRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, "package.json"))) folder = path.dirname(folder);
  return folder;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

try {
  if (!(await main(parseOptions(process.argv.slice(2))))) process.exitCode = 1;
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
