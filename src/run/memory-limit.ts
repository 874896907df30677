import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";

/** Part of what is free that is left to others: the system, caches, what the process holds that no sample sees. */
const RESERVE = 1 / 16;
/** However little the machine says is available: caches make way, and swap takes what sleeps. */
const LEAST_OF_MACHINE = 512e6;

/** Most bytes that the process should have resident, and where the number is from. */
export interface MemoryLimit {
  bytes: number;
  source: "option" | "container" | "machine";
}

/**
 * What the control groups that the process is in, or else the machine, leave to it, less a reserve.
 *
 * @param ownBytes resident set size of the process, which is part of what is used already
 * @param root folder in which `/proc` and `/sys` are looked for; tests give their own
 */
export function availableMemory(ownBytes: number, root = "/"): MemoryLimit {
  const machine = Math.max(LEAST_OF_MACHINE, (memAvailable(root) ?? totalmem()) + ownBytes);
  const container = Math.min(...controlGroups(root).map((group) => leftIn(group) + ownBytes));
  const source = container < machine ? "container" : "machine";
  return { bytes: Math.floor(Math.min(container, machine) * (1 - RESERVE)), source };
}

function memAvailable(root: string): number | null {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(textOf(join(root, "proc/meminfo")) ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Files of a control group that say what it may use, what it uses, and what of that is cache that can make way. */
interface ControlGroup {
  limit: string;
  used: string;
  stat: string;
  cache: string;
}

/** The control groups that bind the process: its own and those above it, of both versions of the interface. */
function controlGroups(root: string): ControlGroup[] {
  const lines = (textOf(join(root, "proc/self/cgroup")) ?? "").split("\n");
  return lines.flatMap((line) => {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (id === undefined || path === undefined) return [];
    const isV2 = id === "0" && controllers === "";
    if (!isV2 && !controllers!.split(",").includes("memory")) return [];
    const mount = join(root, isV2 ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
    return pathsUpward(path).map((folder) => filesOf(join(mount, folder), isV2));
  });
}

/** `/a/b` → `/a/b`, `/a`, `/`. In a container the path may be the host's: the last, which is the mount, is there. */
function pathsUpward(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return [...parts.map((_, index) => `/${parts.slice(0, parts.length - index).join("/")}`), "/"];
}

function filesOf(folder: string, isV2: boolean): ControlGroup {
  const [limit, used, cache] = isV2
    ? ["memory.max", "memory.current", "inactive_file"]
    : ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"];
  return {
    limit: join(folder, limit!),
    used: join(folder, used!),
    stat: join(folder, "memory.stat"),
    cache: cache!,
  };
}

/** Bytes that the group has left; infinite where it has no limit (`max`, or a number beyond all memory). */
function leftIn({ limit, used, stat, cache }: ControlGroup): number {
  const most = Number(textOf(limit)?.trim());
  if (!(most > 0 && most < 2 ** 52)) return Number.POSITIVE_INFINITY;
  const taken = Number(textOf(used)?.trim() ?? 0);
  const cached = new RegExp(`^${cache} (\\d+)$`, "m").exec(textOf(stat) ?? "")?.[1];
  return Math.max(0, most - taken + Number(cached ?? 0));
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
