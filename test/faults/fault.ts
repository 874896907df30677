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
