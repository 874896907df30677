import { runInNewContext } from "node:vm";
import { collectRegularly } from "../run/collect-garbage.js";
import { startWriterEarly } from "../run/start-writer.js";

/**
 * Runs the program with the arguments of the process, whose exit code it sets.
 *
 * @param isTuned whether V8 has been told to expose its garbage collection (threads/tune-v8.ts)
 */
export function runMain(isTuned: boolean): void {
  const [command, ...others] = process.argv.slice(2);
  const writesNothing = ["--dry-run", "--help", "-h"].some((flag) => others.includes(flag));
  if ((command === "convert" || command === "update") && !writesNothing) startWriterEarly();
  // Main has begun with an allowance for garbage that is far beyond what a run makes of messages and promises. Of 217 MB
  // that a year of PJM took at most, 7 were garbage of main's; of 207 MB, later, 6 were that of the other threads.
  if (isTuned) collectRegularly(collectGarbage);
  // What follows is loaded while the thread starts.
  void import("./main.js")
    .then(({ main }) => main(process.argv.slice(2)))
    .then((exitCode) => {
      process.exitCode = exitCode;
    });
}

let collect: (() => void) | null = null;

function collectGarbage(): void {
  // Only a context that is made since the flag was set has the function: other threads', and this one.
  collect ??= runInNewContext("gc") as () => void;
  collect();
}
