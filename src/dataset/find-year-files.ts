import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { TABLES } from "../arrow/tables.js";
import { describeError, GridparquetError } from "../errors.js";
import { parseYearPath, type YearPath, yearPath } from "./year-path.js";

/** What of a dataset is looked at; null for all. */
export interface DatasetFilter {
  isos?: readonly string[] | undefined;
  feeds?: readonly string[] | undefined;
  years?: readonly number[] | undefined;
}

/** A Parquet file in the folder of a year. */
export interface FoundYearFile extends YearPath {
  /** Relative to the dataset's folder, with slashes. */
  path: string;
}

/** A file that has no place in a dataset. */
export interface StrayFile {
  /** Relative to the dataset's folder, with slashes. */
  path: string;
  /** `unfinished`: what a run writes before it publishes a file. */
  kind: "foreign" | "unfinished" | "unreadable";
  reason: string;
}

export interface FoundFiles {
  /** In the order of their paths. */
  files: FoundYearFile[];
  stray: StrayFile[];
}

/**
 * Lists the year files below a folder that `convert` wrote to, and what lies among them and is none.
 *
 * @throws GridparquetError `input-missing`, `input-empty` when the folder is missing or has nothing of a dataset
 */
export async function findYearFiles(out: string, filter: DatasetFilter = {}): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], stray: [] };
  const names = await topLevel(out);
  const tables = Object.keys(TABLES).filter((table) => names.includes(table));
  for (const name of names) {
    if (/\.parquet$/i.test(name)) found.stray.push(foreign(name, "it lies in no table's folder"));
  }
  for (const table of tables) await collect(out, table, filter, found);
  if (tables.length === 0 || (found.files.length === 0 && found.stray.length === 0 && isAll(filter))) {
    throw new GridparquetError("input-empty", `${out} holds no dataset of gridparquet`, {
      hint: emptyHint(out, names),
    });
  }
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return found;
}

/** {@link findYearFiles} where there may be no dataset yet: its year files, none then. */
export async function yearFilesIfAny(out: string, filter: DatasetFilter = {}): Promise<FoundYearFile[]> {
  try {
    return (await findYearFiles(out, filter)).files;
  } catch (error) {
    const isNone =
      error instanceof GridparquetError && (error.code === "input-missing" || error.code === "input-empty");
    if (isNone) return [];
    throw error;
  }
}

async function topLevel(out: string): Promise<string[]> {
  try {
    return (await readdir(out)).sort();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message =
      code === "ENOENT"
        ? `${out}: there is no such folder`
        : `${out} cannot be read: ${describeError(cause)}`;
    throw new GridparquetError(code === "ENOENT" ? "input-missing" : "input-unreadable", message, {
      hint: "Give the folder that convert wrote to: its --out.",
      cause,
    });
  }
}

function emptyHint(out: string, names: readonly string[]): string {
  if (names.some((name) => /^(iso|market|feed|year)=/.test(name)))
    return `It is a part of one. Give the folder that convert wrote to, above ${out}.`;
  return `Give the folder that convert wrote to. To write one: gridparquet convert INPUT... --out ${out}`;
}

const isAll = ({ isos, feeds, years }: DatasetFilter): boolean => !isos && !feeds && !years;

async function collect(out: string, folder: string, filter: DatasetFilter, found: FoundFiles): Promise<void> {
  let entries: { name: string; path: string; isFolder: boolean }[];
  try {
    entries = await Promise.all(
      (await readdir(join(out, folder))).sort().map(async (name) => {
        const path = `${folder}/${name}`;
        return { name, path, isFolder: (await stat(join(out, path))).isDirectory() };
      }),
    );
  } catch (error) {
    found.stray.push({ path: folder, kind: "unreadable", reason: describeError(error) });
    return;
  }
  for (const { name, path, isFolder } of entries) {
    // What begins so is passed over by every engine.
    if (/^[._]/.test(name) || !mayFit(name, filter)) continue;
    if (isFolder) await collect(out, path, filter, found);
    else addFile(path, found);
  }
}

/** Whether a folder of the hive, or anything else, is not left out by the filter. */
function mayFit(name: string, { isos, feeds, years }: DatasetFilter): boolean {
  const [, key, value] = /^(iso|feed|year)=(.*)$/.exec(name) ?? [];
  if (key === "iso") return isos?.includes(value!) ?? true;
  if (key === "feed") return feeds?.includes(value!) ?? true;
  return key !== "year" || (years?.includes(Number(value)) ?? true);
}

function addFile(path: string, { files, stray }: FoundFiles): void {
  const year = parseYearPath(path);
  if (year !== null) files.push({ path, ...year });
  else if (/\.parquet\.(partial|sorted|sources)$/.test(path))
    stray.push({ path, kind: "unfinished", reason: "a run is at work on it, or was killed" });
  else stray.push(foreign(path, "it is no year file"));
}

/** Whether a year file is called what convert calls it. */
export function hasOwnName(file: FoundYearFile): boolean {
  return file.path === yearPath(file);
}

function foreign(path: string, reason: string): StrayFile {
  return { path, kind: "foreign", reason };
}
