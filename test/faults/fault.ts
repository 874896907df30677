import type { ChildProcess } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What becomes of the file system calls on paths below a folder. */
export type Fault = { folder: string } & (
  | { kind: "note" /** File that gets a line for each call. */; log: string }
  | {
      kind: "fail";
      /** The call, as a line of a "note" has it. */
      key: string;
      code: string;
      /** Whether the calls that change something fail from then on, too, as on a disk that is full. */
      stays: boolean;
      /** File that is made when it happens. */
      marker: string;
    }
  | {
      kind: "hold";
      /** What the line of the call begins with; with the first such call the marker is made. */
      call: string;
      marker: string;
      /** File for which it waits. */
      until: string;
    }
  | { kind: "short" /** Each call reads or writes half of what it is asked to. */ }
  | { kind: "slow" /** What each call takes longer. */; milliseconds: number }
);

/** The environment that gives a process of the product this fault. */
export function faultEnvironment(fault: Fault): NodeJS.ProcessEnv {
  const preload = pathToFileURL(join(import.meta.dirname, "inject-faults.js")).href;
  return { NODE_OPTIONS: `--import=${preload}`, GRIDPARQUET_TEST_FAULT: JSON.stringify(fault) };
}

/** How often it is looked whether a process is held. */
const LOOK_MS = 5;

/**
 * Signals a process that is held at a call, and signals it again when it says that it has understood the first; after
 * the one signal, if there is no second, it is let go on.
 */
export function signalWhenHeld(
  child: ChildProcess,
  { marker, until }: Pick<Fault & { kind: "hold" }, "marker" | "until">,
  [first, second]: readonly NodeJS.Signals[],
): void {
  const timer = setInterval(() => {
    if (!existsSync(marker)) return;
    clearInterval(timer);
    child.kill(first);
  }, LOOK_MS);
  child.on("exit", () => clearInterval(timer));
  let said = "";
  child.stderr!.on("data", (text: string) => {
    said += text;
    if (!said.includes("interrupted; finishing cleanly")) return;
    if (second !== undefined) child.kill(second);
    else writeFileSync(until, "");
  });
}
