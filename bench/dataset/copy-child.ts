/**
 * Child process that copies a file: `node copy-child.js FROM TO [sync]`, with `sync` until the bytes are on the disk.
 * Prints what copying took, without the start of the process, as a {@link Usage} in JSON.
 */
import { closeSync, copyFileSync, fsyncSync, openSync } from "node:fs";
import type { Usage } from "../measure.js";

const [from, to, sync] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new Error("FROM and TO are missing.");
const [begin, cpu] = [performance.now(), process.cpuUsage()];
copyFileSync(from, to);
if (sync === "sync") {
  const file = openSync(to, "r+");
  fsyncSync(file);
  closeSync(file);
}
const wallSeconds = (performance.now() - begin) / 1000;
const { user, system } = process.cpuUsage(cpu);
const usage: Usage = {
  wallSeconds,
  cpuSeconds: (user + system) / 1e6,
  // Node gives kilobytes on every platform.
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(usage));
