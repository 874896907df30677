import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * The command line of a program that is held to so many of the cores that this process may use: `taskset`, which Linux
 * has, in front of it.
 */
export function onCores(cores: number, command: readonly string[]): string[] {
  return ["taskset", "-c", usableCores().slice(0, cores).join(","), ...command];
}

/** Why a program cannot be held to so many cores here; undefined where it can. */
export function whyNoCores(cores: number): string | undefined {
  if (process.platform !== "linux") return "a program is held to some of the cores on Linux alone";
  if (usableCores().length < cores) return `there are not ${cores} cores`;
  const [program, ...args] = onCores(cores, [process.execPath, "--version"]);
  return spawnSync(program!, args).status === 0 ? undefined : "taskset, of util-linux, is not there";
}

/** Numbers of the cores that this process may use, by what Linux says of it: `0-3,8`. */
function usableCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, place) => first + place);
  });
}
