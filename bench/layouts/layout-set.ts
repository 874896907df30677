import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DAY_MS, dashedDay, midnightOf } from "../../src/demo/clock-text.js";
import { findKeptSet, makeKeptSet } from "../kept-set.js";
import type { Layout } from "./layouts.js";

/** A finished input of one layout. */
export interface LayoutSet {
  folder: string;
  days: number;
  files: number;
  /** Bytes of CSV, unpacked. */
  csvBytes: number;
  /** Sizes of the files together. */
  bytes: number;
}

/** The first of the days that every layout's input has. */
export const FIRST_DAY = "2025-01-01";

/**
 * Folder of a layout's input. Its name holds a digest of what the generator makes, so a changed generator does not
 * find the files of an older one.
 *
 * @param megabytes least size of the CSV
 * @param files least number of files
 */
export async function layoutFolder(
  cache: string,
  layout: Layout,
  megabytes: number,
  files = 1,
): Promise<string> {
  const sample = await mkdtemp(path.join(tmpdir(), "gridparquet-layout-"));
  try {
    const hash = createHash("sha256").update(JSON.stringify([layout.nodeCount, megabytes, files]));
    const samples = await layout.write(sample, { date: FIRST_DAY, nodeCount: 2 });
    for (const file of samples) hash.update(path.basename(file.path)).update(await readFile(file.path));
    const name = layout.name.toLowerCase().replaceAll(/[^a-z]+/g, "-");
    return path.join(cache, `${name}-${megabytes}mb-${hash.digest("hex").slice(0, 8)}`);
  } finally {
    await rm(sample, { recursive: true });
  }
}

/** The finished input in the folder, or undefined. */
export const findLayoutSet = findKeptSet<Omit<LayoutSet, "folder">>;

/** Writes day after day until there is enough CSV, in enough files. */
export async function makeLayoutSet(
  folder: string,
  layout: Layout,
  megabytes: number,
  files = 1,
): Promise<void> {
  await makeKeptSet(folder, async (input) => {
    const manifest = { days: 0, files: 0, csvBytes: 0, bytes: 0 };
    while (manifest.csvBytes < megabytes * 1e6 || manifest.files < files) {
      const date = dashedDay(midnightOf(FIRST_DAY) + manifest.days * DAY_MS);
      for (const file of await layout.write(input, { date, nodeCount: layout.nodeCount })) {
        manifest.files++;
        manifest.csvBytes += file.csvBytes;
        manifest.bytes += file.bytes;
      }
      manifest.days++;
    }
    return manifest;
  });
}
