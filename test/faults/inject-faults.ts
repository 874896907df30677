import fs, { appendFileSync, existsSync, writeFileSync } from "node:fs";
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { relative, resolve, sep } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import type { Fault } from "./fault.js";

/*
 * Loaded before the product (`--import`), into each of its threads: file system calls on paths below a folder are
 * noted, fail, come to a part only or take long, as the variable GRIDPARQUET_TEST_FAULT says.
 */

const fault = JSON.parse(process.env.GRIDPARQUET_TEST_FAULT!) as Fault;
const THREAD = isMainThread ? "main" : "thread";
const counts = new Map<string, number>();

/** What one call is known by in every run: function, path, and which such call of this thread it is. */
function keyOf(name: string, path: string): string {
  const steady = relative(fault.folder, path)
    .replaceAll(sep, "/")
    .replace(/(lock\.json)\.\d+\.\d+$/, "$1.PID")
    .replace(/(runs)\/[^/]+/, "$1/TIME");
  const call = `${THREAD} ${name} ${steady}`;
  const count = (counts.get(call) ?? 0) + 1;
  counts.set(call, count);
  return `${call} #${count}`;
}

function isConcerned(path: unknown): path is string {
  return typeof path === "string" && (resolve(path) + sep).startsWith(fault.folder + sep);
}

/** @throws the fault, if it is this call's turn */
function meet(name: string, path: unknown): void {
  if (!isConcerned(path) || (fault.kind !== "note" && fault.kind !== "fail")) return;
  const key = keyOf(name, path);
  if (fault.kind === "note") {
    appendFileSync(fault.log, `${key}\n`);
    return;
  }
  const isLater = fault.stays && changes(name) && existsSync(fault.marker);
  if (key !== fault.key && !isLater) return;
  writeFileSync(fault.marker, key);
  const error = new Error(`${fault.code}: made up, ${name}`);
  // What a handle is of, an error of the system does not say.
  const where = name.startsWith("handle.") ? {} : { path };
  throw Object.assign(error, { code: fault.code, syscall: name, ...where });
}

/** What a disk refuses that has become full or read-only. */
function changes(name: string): boolean {
  return /^(handle\.(write|appendFile|truncate|sync)|rename|mkdir|link|writeFile|copyFile|open for writing)$/.test(
    name,
  );
}

/** Lets a call on a path take as long as it shall. */
async function wait(name: string, path: unknown): Promise<void> {
  if (!isConcerned(path)) return;
  if (fault.kind === "slow") await delay(fault.milliseconds);
  if (fault.kind !== "hold" || !keyOf(name, path).startsWith(fault.call)) return;
  writeFileSync(fault.marker, "");
  while (!existsSync(fault.until)) await delay(5);
}

type Call = (...args: unknown[]) => unknown;
type Patched = Record<string, Call>;

function patch(target: Patched, name: string, by: (original: Call) => Call): void {
  target[name] = by(target[name]!);
}

const paths = new WeakMap<object, string>();

for (const name of ["rename", "rm", "mkdir", "link", "writeFile", "readFile", "truncate", "copyFile", "stat"])
  patch(promises as unknown as Patched, name, (original) => async (path, ...rest) => {
    await wait(name, path);
    meet(name, path);
    return original(path, ...rest);
  });
for (const name of ["access", "readdir"])
  patch(promises as unknown as Patched, name, (original) => async (path, ...rest) => {
    meet(name, path);
    return original(path, ...rest);
  });
patch(fs as unknown as Patched, "readdirSync", (original) => (path, ...rest) => {
  meet("readdirSync", path);
  return original(path, ...rest);
});

const { prototype } = await fileHandleClass();
for (const name of ["write", "read", "sync", "truncate", "appendFile", "stat"])
  patch(
    prototype,
    name,
    (original) =>
      async function (this: FileHandle, ...args: unknown[]) {
        const path = paths.get(this);
        await wait(`handle.${name}`, path);
        meet(`handle.${name}`, path);
        const [bytes, offset, length, position] = args;
        if (fault.kind !== "short" || !isConcerned(path) || (name !== "write" && name !== "read"))
          return original.apply(this, args);
        return original.call(this, bytes, offset, Math.ceil((length as number) / 2), position);
      },
  );
patch(promises as unknown as Patched, "open", (original) => async (path, flags, ...rest) => {
  meet(typeof flags === "string" && flags !== "r" ? "open for writing" : "open", path);
  const handle = (await original(path, flags, ...rest)) as FileHandle;
  paths.set(handle, String(path));
  // Each handle has a function of its own for it. A file is closed even when that fails.
  patch(handle as unknown as Patched, "close", (close) => async () => {
    await close();
    meet("handle.close", path);
  });
  return handle;
});
syncBuiltinESMExports();

async function fileHandleClass(): Promise<{ prototype: Patched }> {
  const handle = await promises.open(process.execPath, "r");
  await handle.close();
  return { prototype: Object.getPrototypeOf(handle) };
}
