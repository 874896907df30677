import { readFileSync } from "node:fs";
import { constants, copyFile, link, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { GridparquetError } from "../errors.js";

/** Who writes to an output folder. */
interface Owner {
  pid: number;
  host: string;
  /** When the run began, ISO 8601. */
  startedAt: string;
  /** When the process began, as the system counts; null where it does not say. Numbers of processes come again. */
  processStart: string | null;
}

/**
 * Takes an output folder for this run alone: two runs would remove each other's unfinished files.
 *
 * What a run left that was killed is taken over.
 *
 * @param out folder whose `_gridparquet` exists
 * @returns gives the folder free
 * @throws GridparquetError `output-in-use` with the other run's process and start
 */
export async function lockOutput(out: string): Promise<() => Promise<void>> {
  const path = join(out, "_gridparquet", "lock.json");
  const own: Owner = {
    pid: process.pid,
    host: hostname(),
    startedAt: new Date().toISOString(),
    processStart: processStart(process.pid),
  };
  try {
    while (!(await create(path, own))) {
      const other = await readOwner(path);
      if (other !== null && isRunning(other)) throw inUse(out, path, other);
      await rm(path, { force: true });
    }
    await removeLeft(path);
  } catch (error) {
    // Where there is no room for this there is none for a year file, either: the run will say so of each.
    if (!["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return async () => {};
  }
  return () => rm(path, { force: true });
}

/** The run that writes to an output folder now, as `process 4711, since 2025-…`; null where there is none. */
export async function runAtWork(out: string): Promise<string | null> {
  const owner = await readOwner(join(out, "_gridparquet", "lock.json"));
  if (owner === null || !isRunning(owner)) return null;
  const where = owner.host === hostname() ? "" : ` on ${owner.host}`;
  return `process ${owner.pid}${where}, since ${owner.startedAt}`;
}

/** Whether the file was not there and could be made; whoever sees it sees all of it. */
async function create(path: string, owner: Owner): Promise<boolean> {
  const whole = `${path}.${owner.pid}`;
  try {
    await writeFile(whole, `${JSON.stringify(owner)}\n`);
    await link(whole, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // Some file systems have no hard links.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    return await copyTo(path, whole);
  } finally {
    // What stays is removed by the next run.
    await rm(whole, { force: true }).catch(() => undefined);
  }
}

/** Removes what processes left that were killed in {@link create}; in the way of nothing, it is only there for ever. */
async function removeLeft(path: string): Promise<void> {
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    const pid = /^lock\.json\.(\d+)$/.exec(name)?.[1];
    if (pid === undefined) continue;
    const left = join(dirname(path), name);
    const owner = await readOwner(left);
    if (owner === null ? isThere(Number(pid)) : isRunning(owner)) continue;
    await rm(left, { force: true }).catch(() => undefined);
  }
}

async function copyTo(path: string, whole: string): Promise<boolean> {
  try {
    await copyFile(whole, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Null for a file that says nothing, or is gone. */
async function readOwner(path: string): Promise<Owner | null> {
  try {
    const owner = JSON.parse(await readFile(path, "utf8")) as Partial<Owner> | null;
    return typeof owner?.pid === "number" && typeof owner.host === "string" ? (owner as Owner) : null;
  } catch {
    return null;
  }
}

/** Whether the process still runs; taken for granted on another machine, whose processes cannot be seen. */
function isRunning({ pid, host, processStart: began }: Owner): boolean {
  if (host !== hostname()) return true;
  if (!isThere(pid)) return false;
  const now = processStart(pid);
  return began === null || now === null || began === now;
}

/** Whether this machine has a process of that number. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Start of a process in the kernel's ticks (proc(5), /proc/PID/stat, field 22); null where there is no /proc. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function inUse(out: string, path: string, { pid, host, startedAt }: Owner): GridparquetError {
  const where = host === hostname() ? "" : ` on ${host}`;
  return new GridparquetError(
    "output-in-use",
    `another run writes to ${out}: process ${pid}${where}, since ${startedAt}`,
    { hint: `Wait until it has ended, or choose another --out. If it has gone, remove ${path}` },
  );
}
