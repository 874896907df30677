import { open } from "node:fs/promises";
import { join } from "node:path";
import type { RowGroup } from "hyparquet";
import { Piscina } from "piscina";
import { type DatasetFilter, type FoundYearFile, findYearFiles } from "../dataset/find-year-files.js";
import { readManifest } from "../dataset/manifest.js";
import { describeError, EXIT } from "../errors.js";
import { packageFile } from "../package-files.js";
import { DAY_COUNTS_KEY, type DayCounts } from "../parquet/day-counts.js";
import { DamagedFileError, type Footer, keyValues, readFooter } from "../parquet/read-footer.js";
import type { ConvertOptions } from "../run/options.js";
import { runAtWork } from "../run/output-lock.js";
import { MarketClock } from "../time/market-clock.js";
import { Semaphore } from "../write/credits.js";
import { checkFooter } from "./check-footer.js";
import { checkManifest, missingFiles } from "./check-manifest.js";
import type { PartResult, PartTask } from "./check-part.js";
import { type Finding, FindingList, type OmittedFindings } from "./checks.js";
import { checkMissingDays, joinParts } from "./join-parts.js";
import { ReadProgress } from "./read-progress.js";

export interface VerifyDatasetOptions {
  /** The folder that convert wrote to. */
  out: string;
  filter?: DatasetFilter;
  /** Threads that read and check. */
  threads: number;
  /** Files to convert again, for every row of the dataset to be compared with; none where it is empty. */
  deep?: readonly string[];
  /** Folder with own feed definitions that these files need. */
  configDir?: string;
  /** Told of what has been read back, as a job of its own, then of the files that are converted again. */
  onProgress?: ConvertOptions["onProgress"];
  onLog?: ConvertOptions["onLog"];
}

/** What came of a verification. Sizes in bytes. */
export interface VerifyResult {
  status: "healthy" | "doubtful" | "damaged";
  exitCode: number;
  out: string;
  elapsedSeconds: number;
  /** Year files that were looked at, rows that were read back. */
  totals: { files: number; rows: number; bytes: number; errors: number; warnings: number };
  /** By file. */
  findings: Finding[];
  /** Findings that are only counted: of each check the first few of a file are enough. */
  omitted: OmittedFindings[];
}

/** Rows of a part, unless the file is small and the threads many. */
const MOST_ROWS_OF_PART = 8_000_000;
const LEAST_ROWS_OF_PART = 1_000_000;
/** Parts of a file for each thread, so that none ends long before the others. */
const PARTS_PER_THREAD = 4;

/** What has been found in a year file. */
interface FileCheck {
  file: FoundYearFile;
  findings: FindingList;
  /** Whether it has a footer that can be read. */
  isReadable: boolean;
  /** Null where its rows cannot be read. */
  days: DayCounts | null;
  rows: number;
  bytes: number;
}

/**
 * Reads every year file of a dataset back and checks it: the file against its manifest, its footer against its rows,
 * its rows against what a year file promises. No run should write to it at the same time; one that does is a warning to
 * `onLog`, since the year files that it replaces are read in part as they were and in part as they are.
 *
 * @throws GridparquetError when there is no dataset; what is wrong with one is a finding
 */
export async function verifyDataset(options: VerifyDatasetOptions): Promise<VerifyResult> {
  const started = performance.now();
  const { out, filter = {}, threads, deep = [], configDir, onProgress, onLog } = options;
  const { files, stray } = await findYearFiles(out, filter);
  const isWarned = await warnOfRun(out, onLog);
  const paths = files.map(({ path }) => join(out, path));
  const progress = onProgress === undefined ? null : await ReadProgress.begin(paths, onProgress);
  const checks = await checkFiles(out, files, threads, progress);
  progress?.end();
  checkFeeds(checks);
  const lists = new Map(checks.map(({ file, findings }) => [file.path, findings]));
  const listOf = (path: string): FindingList => {
    const list = lists.get(path) ?? new FindingList(path);
    lists.set(path, list);
    return list;
  };
  for (const { path, reason } of stray) listOf(path).add("stray", reason);
  for (const { path, manifest } of await missingFiles(out, new Set(lists.keys()), filter)) {
    const what = `${manifest.rows} rows were written on ${manifest.written.slice(0, 10)}`;
    listOf(path).add("missing-file", `the year file is not there: ${what}`);
  }
  if (deep.length > 0) {
    const { compareWithSource } = await import("./compare-with-source.js");
    const readable = new Set(checks.filter((check) => check.isReadable).map(({ file }) => file.path));
    const comparison = { out, filter, threads, inputs: deep, configDir, onProgress };
    await compareWithSource(comparison, readable, listOf);
  }
  // It may have begun meanwhile.
  if (!isWarned) await warnOfRun(out, onLog);
  return summarise(out, checks, [...lists.values()], (performance.now() - started) / 1000);
}

/** Says who writes to the dataset now; returns whether anyone does. */
async function warnOfRun(out: string, log: VerifyDatasetOptions["onLog"]): Promise<boolean> {
  const run = await runAtWork(out);
  if (run === null) return false;
  const advice =
    "files that it replaces while they are read may look damaged; verify again when it has ended";
  log?.("warn", `a run is at work on ${out}: ${run}; ${advice}`);
  return true;
}

/** Checks the files, a few at a time, so that of a large dataset few footers are in memory. */
async function checkFiles(
  out: string,
  files: readonly FoundYearFile[],
  threads: number,
  progress: ReadProgress | null,
): Promise<FileCheck[]> {
  const filename = packageFile("dist/threads/verify.cjs");
  const pool = new Piscina({ filename, minThreads: 1, maxThreads: threads });
  const places = new Semaphore(threads + 1);
  try {
    return await Promise.all(
      files.map(async (file) => {
        await places.acquire();
        try {
          return await checkFile(out, file, pool, threads, progress);
        } finally {
          progress?.endFile(join(out, file.path));
          places.release();
        }
      }),
    );
  } finally {
    await pool.destroy();
  }
}

async function checkFile(
  out: string,
  file: FoundYearFile,
  pool: Piscina,
  threads: number,
  progress: ReadProgress | null,
): Promise<FileCheck> {
  const findings = new FindingList(file.path);
  const check: FileCheck = { file, findings, isReadable: false, days: null, rows: 0, bytes: 0 };
  const footer = await readFile(join(out, file.path), findings);
  if (footer === null) return check;
  check.isReadable = true;
  check.bytes = footer.fileBytes;
  const timeZone = checkFooter(file, footer, findings);
  if (timeZone === null) return check;
  const tasks = partTasks(out, file, footer, timeZone, threads);
  const parts = await Promise.all(
    tasks.map(async (task) => {
      const part = (await pool.run(task)) as PartResult;
      progress?.addPart(task, part.rows);
      return part;
    }),
  );
  for (const part of parts) {
    findings.absorb(part);
    check.rows += part.rows;
  }
  const says = keyValues(footer.metadata).get(DAY_COUNTS_KEY) ?? null;
  check.days = joinParts(parts, new MarketClock(timeZone), says, findings);
  const checksums = parts.flatMap((part) => part.checksums);
  const all = footer.metadata.row_groups.map((_, i) => checksums[i] ?? null);
  checkManifest(await readManifest(out, file.path), footer, all, findings);
  return check;
}

async function readFile(path: string, findings: FindingList): Promise<Footer | null> {
  try {
    const handle = await open(path, "r");
    try {
      return await readFooter(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof DamagedFileError) findings.add(error.part, error.message);
    else findings.add("unreadable", describeError(error));
    return null;
  }
}

/** Cuts a file into parts for the threads. */
function partTasks(
  out: string,
  { path, table, iso, year }: FoundYearFile,
  { metadata }: Footer,
  timeZone: string,
  threads: number,
): PartTask[] {
  const share = Number(metadata.num_rows) / (threads * PARTS_PER_THREAD);
  const most = Math.min(MOST_ROWS_OF_PART, Math.max(LEAST_ROWS_OF_PART, share));
  const parts: { first: number; rowGroups: RowGroup[] }[] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const [first, rowGroup] of metadata.row_groups.entries()) {
    if (rows >= most) {
      parts.push({ first, rowGroups: [] });
      rows = 0;
    }
    parts.at(-1)!.rowGroups.push(rowGroup);
    rows += Number(rowGroup.num_rows);
  }
  return parts.map(({ first, rowGroups }) => ({
    ...{ path: join(out, path), file: path, table, iso, year, timeZone },
    ...{ rowGroups, firstRowGroup: first },
  }));
}

/** What lies across the years of a feed. */
function checkFeeds(checks: readonly FileCheck[]): void {
  const feeds = new Map<string, { year: number; days: DayCounts; findings: FindingList }[]>();
  for (const { file, days, findings } of checks) {
    if (days === null) continue;
    const key = [file.table, file.iso, file.market, file.feed].join("/");
    feeds.set(key, [...(feeds.get(key) ?? []), { year: file.year, days, findings }]);
  }
  for (const years of feeds.values()) checkMissingDays(years);
}

function summarise(
  out: string,
  checks: readonly FileCheck[],
  lists: readonly FindingList[],
  elapsedSeconds: number,
): VerifyResult {
  const results = lists.map((list) => list.result());
  const findings = results.flatMap((result) => result.findings);
  const omitted = results.flatMap((result) => result.omitted);
  const count = (severity: Finding["severity"]) =>
    findings.filter((finding) => finding.severity === severity).length +
    omitted.reduce((sum, each) => sum + (each.severity === severity ? each.count : 0), 0);
  const [errors, warnings] = [count("error"), count("warning")];
  const sum = (of: (check: FileCheck) => number) => checks.reduce((total, check) => total + of(check), 0);
  return {
    status: errors > 0 ? "damaged" : warnings > 0 ? "doubtful" : "healthy",
    exitCode: errors > 0 ? EXIT.partial : EXIT.complete,
    out,
    elapsedSeconds,
    totals: {
      files: checks.length,
      rows: sum(({ rows }) => rows),
      bytes: sum(({ bytes }) => bytes),
      errors,
      warnings,
    },
    findings,
    omitted,
  };
}
