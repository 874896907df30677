import { USUAL_RATIO } from "../containers/inflate.js";
import type { FoundFile } from "../plan/discover-inputs.js";

/** Input that keeps a thread busy for about as long as it takes to start one. */
const BYTES_PER_THREAD = 4 << 20;
/** Files that take about as long to be looked into. */
const LOOKS_PER_THREAD = 1000;
/** Input that makes about one row group: while it is encoded, more can be decoded. */
const ROW_GROUP_BYTES = 24 << 20;

/**
 * How many threads of at most `most` the files are worth; what the names call packed counts for what it may hold. One
 * thread decodes a file, but for large ones.
 *
 * @param looks files that are looked into, be they read or not
 */
export function poolSize(
  files: readonly Pick<FoundFile, "path" | "bytes">[],
  most: number,
  looks = 0,
): number {
  let bytes = 0;
  let tasks = 0;
  for (const file of files) {
    const isPacked = /\.(zip|gz)$/i.test(file.path);
    const size = file.bytes * (isPacked ? USUAL_RATIO : 1);
    bytes += size;
    // An archive may hold any number of files.
    tasks += isPacked ? Math.ceil(size / BYTES_PER_THREAD) : 1 + Math.floor(size / ROW_GROUP_BYTES);
  }
  const worth = Math.min(tasks, Math.ceil(bytes / BYTES_PER_THREAD));
  return Math.max(1, Math.min(most, Math.max(worth, Math.ceil(looks / LOOKS_PER_THREAD))));
}
