import { readFileSync } from "node:fs";
import { constants, copyFile, link, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
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

/** What the file at a lock's place says: its owner; nothing that can be read; or there is none. */
type Found = Owner | "unreadable" | "none";

const LOCK = "lock.json";
/** Where the right to remove a lock is held that was left behind. */
const takeoverOf = (lock: string): string => `${lock}.takeover`;
/** A takeover is over after a few steps; one that lasts longer than this is given up waiting for. */
const TAKEOVER_MS = 10_000;
const POLL_MS = 20;
/** A lock that cannot be read may be in the making, where the file system cannot make it in one step. */
const MAKING_MS = 200;

/** Called at steps of a takeover, so that tests can have others in between. */
export interface LockSteps {
  /** A lock was found whose owner is gone. */
  found?(): Promise<void>;
  /** It is removed next. */
  removing?(): Promise<void>;
}

/**
 * Takes an output folder for this run alone: two runs would remove each other's unfinished files.
 *
 * What a run left that was killed is taken over, by one run only: who finds it must hold the right to remove it, which is
 * a lock itself, and look again. Else a run could remove, as left behind, what another has put in its place.
 *
 * @param out folder whose `_gridparquet` exists
 * @returns gives the folder free
 * @throws GridparquetError `output-in-use` with the other run's process and start
 */
export async function lockOutput(out: string, steps: LockSteps = {}): Promise<() => Promise<void>> {
  const path = join(out, "_gridparquet", LOCK);
  const own: Owner = {
    pid: process.pid,
    host: hostname(),
    startedAt: new Date().toISOString(),
    processStart: processStart(process.pid),
  };
  try {
    await take(out, path, own, 0, steps);
    await removeLeft(out, own);
  } catch (error) {
    // Where there is no room for this there is none for a year file, either: the run will say so of each.
    if (!["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return async () => {};
  }
  return () => rm(path, { force: true });
}

/** The run that writes to an output folder now, as `process 4711, since 2025-…`; null where there is none. */
export async function runAtWork(out: string): Promise<string | null> {
  const owner = await readOwner(join(out, "_gridparquet", LOCK));
  if (owner === "none" || !isHeld(owner)) return null;
  const where = owner.host === hostname() ? "" : ` on ${owner.host}`;
  return `process ${owner.pid}${where}, since ${owner.startedAt}`;
}

/**
 * Makes a lock, when nobody has it any more who had it.
 *
 * @param waitMs how long it is waited for
 * @throws GridparquetError `output-in-use` when somebody has it for longer than that
 */
async function take(
  out: string,
  lock: string,
  own: Owner,
  waitMs: number,
  steps: LockSteps = {},
): Promise<void> {
  const end = performance.now() + waitMs;
  while (!(await create(lock, own))) {
    const other = await find(lock);
    if (other === "none") continue;
    if (isHeld(other)) {
      if (performance.now() >= end) throw inUse(out, lock, other);
      await setTimeout(POLL_MS);
      continue;
    }
    await steps.found?.();
    await removeAbandoned(out, lock, own, TAKEOVER_MS, steps);
  }
}

/**
 * Removes a lock whose owner is gone, if it still is. While the right to do so is held nobody else removes it, nor can its
 * owner; and nobody makes another as long as it is there.
 */
async function removeAbandoned(
  out: string,
  lock: string,
  own: Owner,
  waitMs: number,
  steps: LockSteps = {},
): Promise<void> {
  const takeover = takeoverOf(lock);
  // It may itself have been left behind; then the right to remove that is taken first.
  await take(out, takeover, own, waitMs);
  try {
    const other = await find(lock);
    if (other === "none" || isHeld(other)) return;
    await steps.removing?.();
    await rm(lock, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
}

let made = 0;

/** Whether the file was not there and could be made; whoever sees it sees all of it. */
async function create(path: string, owner: Owner): Promise<boolean> {
  const whole = join(dirname(path), `${LOCK}.${owner.pid}.${made++}`);
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

/**
 * Removes what processes left that were killed in {@link create} or {@link removeAbandoned}; in the way of nothing, it is
 * only there for ever.
 */
async function removeLeft(out: string, own: Owner): Promise<void> {
  const folder = join(out, "_gridparquet");
  for (const name of await readdir(folder).catch(() => [])) {
    const left = join(folder, name);
    if (/^lock\.json(\.takeover)+$/.test(name))
      await removeAbandoned(out, left, own, 0).catch(() => undefined);
    const pid = /^lock\.json\.(\d+)(\.\d+)?$/.exec(name)?.[1];
    if (pid === undefined) continue;
    const owner = await readOwner(left);
    if (typeof owner === "string" ? isThere(Number(pid)) : isRunning(owner)) continue;
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

/** {@link readOwner}, when it is not in the making any more. */
async function find(lock: string): Promise<Found> {
  const end = performance.now() + MAKING_MS;
  for (;;) {
    const found = await readOwner(lock);
    if (found !== "unreadable" || performance.now() >= end) return found;
    await setTimeout(POLL_MS);
  }
}

async function readOwner(path: string): Promise<Found> {
  try {
    const owner = JSON.parse(await readFile(path, "utf8")) as Partial<Owner> | null;
    return typeof owner?.pid === "number" && typeof owner.host === "string" ? (owner as Owner) : "unreadable";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "none" : "unreadable";
  }
}

function isHeld(found: Owner | "unreadable"): found is Owner {
  return found !== "unreadable" && isRunning(found);
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
