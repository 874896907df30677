/**
 * Preloaded into every measured process (`node --import`): when it exits, writes what the operating system counted
 * for it, all threads together, to the file that BENCH_USAGE_FILE names.
 */
import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const file = process.env.BENCH_USAGE_FILE;
// Worker threads inherit the preload; the process is reported once.
if (file !== undefined && isMainThread) {
  process.on("exit", () => writeFileSync(file, JSON.stringify(process.resourceUsage())));
}
