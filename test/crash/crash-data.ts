import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCaisoLmp } from "../../src/demo/caiso-files.js";
import { writeErcotDam } from "../../src/demo/ercot-files.js";
import { writeNyiso } from "../../src/demo/nyiso-files.js";
import { makeInput, outcome } from "../e2e/disturbed-runs.js";
import { type CliRun, dayLines, digest, digests, filesBelow, runCli, writeDays } from "../e2e/helpers.js";

/** A task for each file, small row groups: many steps between which a run can be killed. */
const ARGS = ["--batch-size", "1", "--row-group-size", "400", "--threads", "2", "--json"];

/** Short as the runs are they keep a journal: a checkpoint is due after every task. */
const ENV = { GRIDPARQUET_FAILPOINT: "none" };

/** What a run must come to, however often it is disturbed. */
export interface Scene {
  input: string;
  /** What made the data set that is replaced. */
  earlier: string;
  /** A data set of an earlier run, which the run replaces. */
  old: string;
  /** By path, SHA-256 of the earlier data set's Parquet files, and of those that the run must come to. */
  oldDigests: Record<string, string>;
  newDigests: Record<string, string>;
  /** The data set that an undisturbed run makes of it. */
  whole: string;
  /** What {@link outcomeOf} gives of that run. */
  undisturbed: unknown;
}

/** The command that is disturbed. */
export function convertArgs({ input }: Pick<Scene, "input">, out: string): string[] {
  return ["convert", input, "--out", out, ...ARGS];
}

/** Runs it as a process of its own. */
export function runConvert(
  scene: Pick<Scene, "input">,
  out: string,
  options: Parameters<typeof runCli>[1] = {},
): Promise<CliRun> {
  return runCli(convertArgs(scene, out), { ...options, env: { ...ENV, ...options.env } });
}

/** Four ISOs of two years: zips, components in any order, rows that come late and twice, records that are rejected. */
export async function makeScene(folder: string): Promise<Scene> {
  const input = join(folder, "in");
  await makeInput(input);
  for (const date of ["2024-12-31", "2025-01-01"]) {
    await writeErcotDam(join(input, "ercot"), { date, nodeCount: 20 });
    await writeNyiso(join(input, "nyiso"), { feed: "damlbmp_zone", date });
  }
  // The same feeds with fewer days and other prices, and a year that the run leaves alone.
  const earlier = join(folder, "earlier");
  await writeDays(earlier, [{ feed: "da_hourly", date: "2023-06-01", nodeCount: 5 }]);
  await writeDays(
    earlier,
    ["2024-12-31", "2025-01-01"].map((date) => ({ feed: "da_hourly", date, nodeCount: 5, seed: 2 })),
  );
  await writeCaisoLmp(earlier, { date: "2024-12-31", nodeCount: 3, seed: 2 });
  await writeErcotDam(earlier, { date: "2025-01-01", nodeCount: 5, seed: 2 });
  return sceneOf(folder, input, earlier);
}

/** {@link makeScene} with one year of one feed: rows in turn that are merged, and bad records. */
export async function makeSmallScene(folder: string): Promise<Scene> {
  const [input, earlier] = [join(folder, "in"), join(folder, "earlier")];
  // Each half has more rows than a row group.
  const day = { feed: "da_hourly", nodeCount: 40 } as const;
  await writeDays(earlier, [{ ...day, date: "2025-01-01", nodeCount: 3, seed: 2 }]);
  await writeDays(input, [{ ...day, date: "2025-01-01" }]);
  const { header, records } = dayLines({ ...day, date: "2025-01-02" });
  for (const rest of [0, 1]) {
    const lines = records.filter((_, index) => index % 2 === rest);
    writeFileSync(join(input, `half_${rest}.csv`), [header, ...lines, "bad", ""].join("\n"));
  }
  return sceneOf(folder, input, earlier);
}

/** @param earlier files of which the earlier data set is made */
async function sceneOf(folder: string, input: string, earlier: string): Promise<Scene> {
  const old = join(folder, "old");
  const first = await runConvert({ input: earlier }, old);
  if (first.code !== 0) throw new Error(`the earlier data set was not made: ${first.stderr}`);
  const whole = join(folder, "undisturbed");
  copyFolder(old, whole);
  const run = await runConvert({ input }, whole);
  const [oldDigests, newDigests] = [digests(old), digests(whole)];
  return { input, earlier, old, oldDigests, newDigests, whole, undisturbed: outcomeOf(run, whole) };
}

/** All that a run's end must have in common with an undisturbed one's, and the names of all files it leaves. */
export function outcomeOf(run: CliRun, out: string): unknown {
  // The number of a process that was killed while it made its lock may be another one's by now: then that stays.
  const names = filesBelow(out).filter((name) => !/^_gridparquet.(runs|lock\.json\.\d+)/.test(name));
  return { ...outcome(JSON.parse(run.stdout), out), names };
}

/** Makes `to` a copy of `from`. */
export function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}

/**
 * What is wrong with the files that readers find, after a run was stopped anywhere: none of those that were there may
 * be missing, each must be the old one or the new one to the byte, and a file beside them as good as a whole one.
 */
export function wrongFiles({ oldDigests, newDigests }: Scene, out: string): string[] {
  const wrong: string[] = [];
  const names = filesBelow(out);
  for (const name of Object.keys(oldDigests)) if (!names.includes(name)) wrong.push(`${name} is gone`);
  for (const name of names) {
    const path = join(out, name);
    if (name.endsWith(".parquet")) {
      const found = digest(path);
      if (found !== oldDigests[name] && found !== newDigests[name])
        wrong.push(`${name} is neither old nor new`);
    } else if (/_gridparquet.(locations|products|manifest).*\.json$/.test(name) && !isJson(path)) {
      wrong.push(`${name} is no whole JSON`);
    }
  }
  return wrong;
}

function isJson(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, "utf8"));
    return true;
  } catch {
    return false;
  }
}
