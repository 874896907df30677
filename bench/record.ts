import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import path from "node:path";
import { say } from "./checkout.js";
import type { DataSet } from "./data-set.js";
import type { LayoutResult } from "./layouts/run-layouts.js";
import type { BenchOptions, RecordOptions } from "./options.js";
import type {
  BenchName,
  BenchRecord,
  Circumstances,
  PeerReason,
  PeersOnInput,
  RecordContent,
} from "./record-types.js";
import { medians, type PeerResult } from "./table.js";

/** What one input gave. */
export interface SetResult {
  dataSet: DataSet;
  results: PeerResult[];
  /** Peers that cannot run here, and why. */
  notRun: PeerReason[];
  /** Peers that stopped with an error or whose output was wrong. */
  failed: PeerReason[];
}

const BENCHES: readonly BenchName[] = ["peers", "layouts", "startup", "memory", "soak", "dataset"];
const SHORT_COMMIT = 7;

/** What `npm run bench` gave; undefined for parts that were not asked for. */
export interface PartResults {
  /** Of the peers, one for each scale. */
  sets: SetResult[];
  year: SetResult | undefined;
  /** A tenth of the year's files. */
  tenth: SetResult | undefined;
  smallFiles: LayoutResult | undefined;
  start: SetResult | undefined;
}

/** Saves the record of the comparison of peers, where it is asked for. */
export async function savePeersRecord(
  root: string,
  { json, record, keep: _, ...options }: BenchOptions,
  { sets, year, tenth, smallFiles, start }: PartResults,
): Promise<void> {
  await saveRecord(
    root,
    { json, record },
    {
      ...{ bench: "peers", options, sets: sets.map(onInput), smallFiles },
      ...{ year: year && onInput(year), tenth: tenth && onInput(tenth), start: start && onInput(start) },
    },
  );
}

function onInput({ dataSet, results, notRun, failed }: SetResult): PeersOnInput {
  return {
    input: sizeOf(dataSet),
    peers: results.map((result) => ({ ...result, median: medians(result) })),
    notRun,
    failed,
  };
}

/** Writes what was measured, with the circumstances, to the places that are asked for. */
export async function saveRecord(
  root: string,
  { json, record }: RecordOptions,
  content: RecordContent,
): Promise<void> {
  if (json === undefined && !record) return;
  const circumstances = await circumstancesOf(root);
  const whole: BenchRecord = { ...circumstances, ...content };
  if (json !== undefined) await writeJson(json, whole);
  if (!record) return;
  const file = path.join(resultsFolder(root), recordName(content.bench, circumstances));
  await writeJson(file, whole);
  say(`Record: ${path.relative(process.cwd(), file)}`);
}

/** Folder of the records that are committed. */
export function resultsFolder(root: string): string {
  return path.join(root, "bench", "results");
}

/** Name of a record's file: `peers-2026-01-31-0123abc.json`, with `+` where files differed from the commit. */
export function recordName(
  bench: BenchName,
  { date, commit }: Pick<Circumstances, "date" | "commit">,
): string {
  const changed = commit?.endsWith("+") ? "+" : "";
  const short = commit === null ? "no-commit" : commit.slice(0, SHORT_COMMIT) + changed;
  return `${bench}-${date.slice(0, 10)}-${short}.json`;
}

/** Reads a record. @throws Error when the file is no benchmark's record */
export async function readRecord(file: string): Promise<BenchRecord> {
  const record = JSON.parse(await readFile(file, "utf8")) as BenchRecord;
  if (BENCHES.includes(record?.bench)) return record;
  throw new Error(`${file} is not a record of one of these benchmarks: ${BENCHES.join(", ")}.`);
}

/**
 * The newest record of a benchmark in a folder, or undefined.
 *
 * @param fits records that this says no to are passed over
 */
export async function newestRecord<Name extends BenchName>(
  folder: string,
  bench: Name,
  fits: (record: Extract<BenchRecord, { bench: Name }>) => boolean = () => true,
): Promise<Extract<BenchRecord, { bench: Name }> | undefined> {
  const isWanted = (record: BenchRecord): record is Extract<BenchRecord, { bench: Name }> =>
    record.bench === bench;
  let newest: Extract<BenchRecord, { bench: Name }> | undefined;
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(`${bench}-`) || !name.endsWith(".json")) continue;
    const record = await readRecord(path.join(folder, name));
    if (!isWanted(record) || !fits(record)) continue;
    if (newest === undefined || record.date > newest.date) newest = record;
  }
  return newest;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** What a record says of its input: not where it lay. */
export function sizeOf({ files, rows, bytes }: DataSet): Pick<DataSet, "files" | "rows" | "bytes"> {
  return { files, rows, bytes };
}

async function circumstancesOf(root: string): Promise<Circumstances> {
  return {
    date: new Date().toISOString(),
    commit: commit(root),
    versions: {
      node: process.version,
      duckdb: await packageVersion(root, "@duckdb/node-api"),
      polars: await packageVersion(root, "nodejs-polars"),
    },
    machine: {
      platform: `${platform()} ${arch()}`,
      cpu: cpus()[0]?.model.trim() ?? null,
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
  };
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Records that were written before do not make a checkout another one. */
function commit(root: string): string | null {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const changes = git("status", "--porcelain", "--", ".", ":!bench/results");
    return git("rev-parse", "HEAD") + (changes === "" ? "" : "+");
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
