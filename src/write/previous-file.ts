import { existsSync } from "node:fs";
import { copyFile, link, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { manifestPath } from "../dataset/manifest.js";
import { makeFolder } from "../make-folder.js";
import { syncFolder } from "./part-file.js";

/** Folder of the year files as they were before an update, below the output folder. */
export const PREVIOUS_FOLDER = join("_gridparquet", "previous");

export const PREVIOUS_SUFFIX = ".previous";
/** What stands for a year of which there was no file. */
export const NO_PREVIOUS_SUFFIX = ".none";

/**
 * Where the year file before the last update is kept, and its manifest.
 *
 * @param path of the year file, relative to the output folder
 */
export function previousPaths(out: string, path: string): { file: string; manifest: string; none: string } {
  const kept = join(out, PREVIOUS_FOLDER, path);
  // So named, no pattern like **/*.parquet finds the rows twice.
  return {
    file: `${kept}${PREVIOUS_SUFFIX}`,
    manifest: `${kept}.json`,
    none: `${kept}${NO_PREVIOUS_SUFFIX}`,
  };
}

/** Keeps a year file under a second name, and its manifest; the published name is there all the time. */
export async function keepPrevious(out: string, finalPath: string): Promise<void> {
  const path = relative(out, finalPath);
  const kept = previousPaths(out, path);
  await makeFolder(dirname(kept.file));
  // A manifest that is of another file is of no use, and says so.
  await keepAs(manifestPath(out, path), kept.manifest);
  await keepAs(finalPath, kept.file);
  if (existsSync(finalPath)) await rm(kept.none, { force: true });
  else await writeFile(kept.none, "");
  await syncFolder(dirname(kept.file));
}

async function keepAs(path: string, kept: string): Promise<void> {
  const temporary = `${kept}.partial`;
  await rm(temporary, { force: true });
  try {
    await link(path, temporary).catch(() => copyFile(path, temporary));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await rm(kept, { force: true });
    return;
  }
  // Two names of one file cannot be renamed into each other.
  await rm(kept, { force: true });
  await rename(temporary, kept);
}
