import { constants, type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { describeError, GridparquetError } from "../errors.js";
import type { Failure, SkippedFile } from "../run/options.js";
import { EventTurns } from "./event-turns.js";

export interface FoundFile {
  path: string;
  bytes: number;
  /** Time of the last change, in epoch milliseconds. */
  modified: number;
}

export interface FoundInputs {
  files: FoundFile[];
  /** What was named or found and is neither a file nor a folder. */
  skipped: SkippedFile[];
  /** Files and folders that should have been read and cannot be; they make a run partial. */
  failures: Failure[];
}

/**
 * The files of a run.
 *
 * @throws GridparquetError as {@link checkOutputApart} and {@link discoverInputs}
 */
export async function findInputs({
  inputs,
  out,
  signal,
}: {
  inputs: readonly string[];
  out: string;
  /** Stops the search. */
  signal?: AbortSignal | undefined;
}): Promise<FoundInputs> {
  await checkOutputApart(inputs, out);
  return discoverInputs(inputs, signal);
}

/**
 * All files that the inputs name: files themselves, folders with everything below them, glob patterns.
 *
 * Hidden files and folders (`.git`) below a folder are passed over. A file that is reached twice is taken once.
 *
 * @returns files in the order of their paths
 * @throws GridparquetError `input-missing` when a named input does not exist, `input-empty` when there is no file,
 *   `aborted` when `signal` stops the search
 */
export async function discoverInputs(inputs: readonly string[], signal?: AbortSignal): Promise<FoundInputs> {
  const found: FoundInputs = { files: [], skipped: [], failures: [] };
  const walk: Walk = { found, seen: new Set(), turns: new EventTurns(signal) };
  for (const input of inputs) {
    for (const path of await expandInput(input)) await visit(path, walk);
  }
  if (found.files.length + found.skipped.length + found.failures.length === 0) {
    throw new GridparquetError("input-empty", `there is no file in ${inputs.join(", ")}`, {
      hint: "Name a folder with the CSV files that you downloaded, or the files themselves.",
    });
  }
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return found;
}

async function expandInput(input: string): Promise<string[]> {
  const exists = await access(input, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (exists) return [input];
  // Seldom needed, and a third of the time that all of the plan takes.
  const { glob, isDynamicPattern } = await import("tinyglobby");
  if (!isDynamicPattern(input)) {
    throw new GridparquetError("input-missing", `${input}: there is no such file or folder`, {
      hint: "Check the path; it is read from the folder that you are in now.",
    });
  }
  const paths = await glob([input.split(sep).join("/")], { dot: false, onlyFiles: true });
  if (paths.length === 0) {
    throw new GridparquetError("input-missing", `${input}: no file fits this pattern`, {
      hint: "Try the pattern with ls, or name the folder instead.",
    });
  }
  return paths.sort();
}

interface Walk {
  found: FoundInputs;
  /** Real paths. */
  seen: Set<string>;
  turns: EventTurns;
}

/** @param real the path without any link, where that is known */
async function visit(path: string, walk: Walk, real?: string): Promise<void> {
  const { found, seen, turns } = walk;
  await turns.take();
  try {
    const at = real ?? realpathSync.native(path);
    if (seen.has(at)) return;
    seen.add(at);
    const info = statSync(path);
    if (info.isDirectory()) {
      for (const entry of visibleEntries(path))
        await visit(join(path, entry.name), walk, entry.isSymbolicLink() ? undefined : join(at, entry.name));
    } else if (info.isFile()) found.files.push({ path, bytes: info.size, modified: info.mtimeMs });
    else found.skipped.push({ file: path, reason: "is neither a file nor a folder" });
  } catch (error) {
    // Only `turns` throws one.
    if (error instanceof GridparquetError) throw error;
    found.failures.push({ file: path, message: `cannot be read: ${describeError(error)}` });
  }
}

function visibleEntries(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith("."))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Checks that the output cannot be taken for input: it lies neither at nor below an input folder.
 *
 * @throws GridparquetError `output-inside-input`
 */
export async function checkOutputApart(inputs: readonly string[], out: string): Promise<void> {
  const target = await realpathOfNew(out);
  for (const input of inputs) {
    const info = await stat(input).catch(() => null);
    if (!info?.isDirectory()) continue;
    const path = relative(await realpath(input), target);
    const outside = path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
    if (!outside) {
      throw new GridparquetError(
        "output-inside-input",
        `the output folder ${out} lies inside the input ${input}`,
        {
          hint: "Choose an --out folder outside of the input folder.",
        },
      );
    }
  }
}

/** Real path of a folder of which the last parts may not exist yet. */
async function realpathOfNew(path: string): Promise<string> {
  const full = resolve(path);
  try {
    return await realpath(full);
  } catch {
    const parent = resolve(full, "..");
    return parent === full ? full : join(await realpathOfNew(parent), full.slice(parent.length));
  }
}
