import { type Dirent, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { TABLES } from "../arrow/tables.js";

/** How the names of files end that become a year file, or help to make one. */
export const PART_SUFFIXES = [".partial", ".sorted", ".sources"] as const;

/**
 * Removes what an earlier run left of an ISO's unfinished year files.
 *
 * @param kept paths of those that are still needed
 */
export async function removeLeftParts(
  out: string,
  iso: string,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const table of Object.keys(TABLES)) {
    for (const path of filesBelow(join(out, table, `iso=${iso}`))) {
      const isPart = PART_SUFFIXES.some((suffix) => path.endsWith(suffix));
      if (isPart && !kept.has(path)) await rm(path, { force: true });
    }
  }
}

/** Files below a folder, which need not be there. */
function* filesBelow(folder: string): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return;
    throw error;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}
