import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { DatasetFilter } from "../dataset/find-year-files.js";
import { manifestPath } from "../dataset/manifest.js";
import { parseYearPath, type YearPath } from "../dataset/year-path.js";
import { GridparquetError } from "../errors.js";
import { removeJournal } from "../journal/job-journal.js";
import { removeLeftParts } from "../journal/left-parts.js";
import { makeFolder } from "../make-folder.js";
import { failpoint } from "../run/failpoints.js";
import { lockOutput } from "../run/output-lock.js";
import { syncFolder } from "../write/part-file.js";
import {
  NO_PREVIOUS_SUFFIX,
  PREVIOUS_FOLDER,
  PREVIOUS_SUFFIX,
  previousPaths,
} from "../write/previous-file.js";

/** A year file that was put back. */
export interface RolledBackYear extends YearPath {
  /** Relative to the dataset's folder, with slashes. */
  path: string;
  /** Whether there was no file before the update: there is none again. */
  isRemoved: boolean;
}

/**
 * Puts back the year files that an update with `keepPrevious` has replaced, each with its manifest, so that the next
 * update reads again what had been added. A year is put back at once; readers see the one file or the other.
 *
 * @param out the folder that `convert` and `update` wrote to
 * @param filter which years; all that have a previous file unless told
 * @returns the years that were put back, in the order of their paths: none where nothing is kept
 * @throws GridparquetError `input-missing` when there is no such folder, `output-in-use` when a run is at work there
 */
export async function rollback(out: string, filter: DatasetFilter = {}): Promise<RolledBackYear[]> {
  if (!existsSync(out)) {
    throw new GridparquetError("input-missing", `${out}: there is no such folder`, {
      hint: "Give the folder that update wrote to: its --out.",
    });
  }
  const years = await previousYears(out, filter);
  if (years.length === 0) return [];
  const unlock = await lockOutput(out);
  try {
    for (const iso of new Set(years.map((year) => year.iso))) {
      // A run that was killed would go on from files that are not there any more.
      await removeJournal(out, iso);
      await removeLeftParts(out, iso);
    }
    for (const { path, isRemoved } of years) await (isRemoved ? remove(out, path) : putBack(out, path));
  } finally {
    await unlock();
  }
  return years;
}

async function previousYears(out: string, { isos, feeds, years }: DatasetFilter): Promise<RolledBackYear[]> {
  const folder = join(out, PREVIOUS_FOLDER);
  if (!existsSync(folder)) return [];
  const found: RolledBackYear[] = [];
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const suffix = [PREVIOUS_SUFFIX, NO_PREVIOUS_SUFFIX].find((each) => name.endsWith(each));
    if (suffix === undefined) continue;
    const path = name.replaceAll(sep, "/").slice(0, -suffix.length);
    const year = parseYearPath(path);
    if (year === null) continue;
    const isChosen =
      (isos?.includes(year.iso) ?? true) &&
      (feeds?.includes(year.feed) ?? true) &&
      (years?.includes(year.year) ?? true);
    if (isChosen) found.push({ path, ...year, isRemoved: suffix === NO_PREVIOUS_SUFFIX });
  }
  return found;
}

/** Removes a year file that the update made, then what stands for it. */
async function remove(out: string, path: string): Promise<void> {
  await rm(join(out, path), { force: true });
  await rm(manifestPath(out, path), { force: true });
  await rm(previousPaths(out, path).none, { force: true });
}

/** The manifest goes first, beside the one that is there: whichever of the two files has its name has its manifest. */
async function putBack(out: string, path: string): Promise<void> {
  const { file, manifest } = previousPaths(out, path);
  const target = join(out, path);
  const targetManifest = manifestPath(out, path);
  const beside = `${targetManifest}.partial`;
  await makeFolder(dirname(targetManifest));
  if (existsSync(manifest)) {
    await rename(manifest, beside);
    await syncFolder(dirname(beside));
  }
  failpoint("rollback:before-rename");
  await makeFolder(dirname(target));
  await rename(file, target);
  await syncFolder(dirname(target));
  failpoint("rollback:after-rename");
  if (!existsSync(beside)) return rm(targetManifest, { force: true });
  await rename(beside, targetManifest);
  await syncFolder(dirname(targetManifest));
}
