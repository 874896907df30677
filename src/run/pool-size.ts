import { USUAL_RATIO } from "../containers/inflate.js";
import type { FoundFile } from "../plan/discover-inputs.js";

/** Input that keeps a thread busy for about as long as it takes to start one. */
const BYTES_PER_THREAD = 4 << 20;

/** How many threads of at most `most` the files are worth; what the names call packed counts for what it may hold. */
export function poolSize(files: readonly Pick<FoundFile, "path" | "bytes">[], most: number): number {
  const bytes = files.reduce(
    (sum, file) => sum + file.bytes * (/\.(zip|gz)$/i.test(file.path) ? USUAL_RATIO : 1),
    0,
  );
  return Math.max(1, Math.min(most, Math.ceil(bytes / BYTES_PER_THREAD)));
}
