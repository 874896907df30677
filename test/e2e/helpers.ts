import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { type PjmDayOptions, pjmDayFile, writePjmDay } from "../../src/demo/pjm-files.js";
import type { ConvertSummary, FileAccount, RowAccount } from "../../src/run/options.js";
import type { RunDetails } from "../../src/run/run-details.js";

/** The built command line; this file is dist/test/e2e/helpers.js when it runs. */
export const CLI = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
/** Root of the package. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** New Year and both clock changes, each with its neighbours. */
export const NEW_YEAR = ["2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"];
export const SPRING = ["2025-03-08", "2025-03-09", "2025-03-10"];
export const AUTUMN = ["2025-11-01", "2025-11-02", "2025-11-03"];

/** A fresh folder that goes away with the test. */
export function tempFolder(t: Pick<TestContext, "after">): string {
  const path = mkdtempSync(join(tmpdir(), "gridparquet-e2e-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface CliRun {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd?: string;
  /** The Node to run on; this one unless told. */
  node?: string;
  /** More variables for its environment, which has no settings. */
  env?: NodeJS.ProcessEnv;
  /** Sees the process as soon as it runs. */
  onStart?: (child: ChildProcess) => void;
}

/** Runs the built command line as a process of its own, with no terminal and no settings in the environment. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { cwd, node = process.execPath, env, onStart } = options;
  const child = spawn(node, [CLI, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...plainEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** The environment less what would change a run: gridparquet's variables, and those of Node's test runner. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("GRIDPARQUET_") && !name.startsWith("NODE_TEST"),
  );
  return Object.fromEntries(entries);
}

/** `convert --json`: the one object that it prints, and the run itself. */
export async function convertJson(
  args: readonly string[],
  options: CliOptions = {},
): Promise<{ summary: ConvertSummary; run: CliRun }> {
  const run = await runCli(["convert", ...args, "--json"], options);
  return { summary: JSON.parse(run.stdout) as ConvertSummary, run };
}

/** The run's own record, which has the accounts of the files. */
export function runRecord(summary: ConvertSummary): ConvertSummary {
  assert.ok(summary.report !== null, "the run left no record");
  return JSON.parse(readFileSync(summary.report, "utf8")) as ConvertSummary;
}

/** The accounts of the groups in the run's record. */
export function runGroups(summary: ConvertSummary): RunDetails["groups"] {
  return (runRecord(summary) as ConvertSummary & RunDetails).groups;
}

/** All files below a folder, relative and sorted. A file that goes away while a run is at work is left out. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true)
    .sort();
}

/** SHA-256 of every Parquet file below a folder, by relative path. */
export function digests(folder: string): Record<string, string> {
  const parquet = filesBelow(folder).filter((name) => name.endsWith(".parquet"));
  return Object.fromEntries(parquet.map((name) => [name, digest(join(folder, name))]));
}

export function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** Fails when a run has left a file under a temporary name. */
export function assertNothingLeft(out: string): void {
  const left = filesBelow(out).filter((name) => /\.(partial|sorted|sources|tmp|journal)$/.test(name));
  assert.deepEqual(left, []);
}

const ACCOUNT = [
  "recordsRead",
  "recordsSkipped",
  "rowsRead",
  "rowsWritten",
  "rowsRejected",
  "rowsDeduplicated",
  "rowsFiltered",
  "rowsFailed",
] as const satisfies readonly (keyof RowAccount)[];

/** Checks that every row is accounted for, by file and in total, and returns the accounts of the files. */
export function checkAccounts(summary: ConvertSummary): FileAccount[] {
  const { files, totals, outputs } = runRecord(summary);
  const holds = (account: RowAccount, what: string) => {
    const { rowsWritten, rowsRejected, rowsDeduplicated, rowsFiltered, rowsFailed } = account;
    const sum = rowsWritten + rowsRejected + rowsDeduplicated + rowsFiltered + rowsFailed;
    assert.equal(account.rowsRead, sum, what);
  };
  for (const file of files) holds(file, file.file);
  holds(totals, "totals");
  for (const name of ACCOUNT) {
    assert.equal(
      totals[name],
      files.reduce((sum, file) => sum + file[name], 0),
      name,
    );
  }
  assert.equal(
    totals.rowsWritten,
    outputs.reduce((sum, { rows }) => sum + rows, 0),
    "rows of the outputs",
  );
  assert.equal(totals.files, files.length);
  assert.deepEqual(summary.totals, totals);
  return files;
}

/** A rejected record as the rejects file has it. */
export interface RejectLine {
  file: string;
  line: string;
  column: string;
  reason: string;
  record: string;
}

/** The rejected records of a run, in the order of the files and lines. */
export function readRejects(summary: ConvertSummary): RejectLine[] {
  if (summary.rejects === null) return [];
  const folder = summary.rejects;
  return filesBelow(folder).flatMap(
    (name) => parse(readFileSync(join(folder, name)), { columns: true }) as unknown as RejectLine[],
  );
}

/** Writes generated day files into a folder; returns their paths. */
export async function writeDays(folder: string, days: readonly PjmDayOptions[]): Promise<string[]> {
  const paths: string[] = [];
  for (const day of days) paths.push((await writePjmDay(folder, day)).path);
  return paths;
}

/** Makes a price of a generated file's last record another one, which takes as many bytes. */
export function changeDigit(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf(".") + 1;
  bytes[at] = bytes[at] === 0x31 ? 0x32 : 0x31;
  writeFileSync(path, bytes);
}

/** A generated day as lines without line breaks: the header, then the records. */
export function dayLines(day: PjmDayOptions): { header: string; records: string[] } {
  const [header, ...records] = [...pjmDayFile(day)].join("").trimEnd().split(/\r?\n/);
  return { header: header!, records };
}
