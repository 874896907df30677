/**
 * Preloaded into every measured process (`node --require`): when it exits, writes what the operating system counted
 * for it, all threads together, to the file that BENCH_USAGE_FILE names.
 *
 * CommonJS, as worker threads inherit the preload: an ES module would cost each of them several milliseconds.
 */
import fs = require("node:fs");
import threads = require("node:worker_threads");

const file = process.env.BENCH_USAGE_FILE;
// The process is reported once.
if (file !== undefined && threads.isMainThread) {
  process.on("exit", () => fs.writeFileSync(file, JSON.stringify(process.resourceUsage())));
}
