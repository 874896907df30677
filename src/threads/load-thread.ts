import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { Script } from "node:vm";

/** Threads of the program, each with one script (build/join-modules.ts). */
export type ThreadName = "main" | "pool" | "verify" | "writer";

/** A thread's script, as V8 has compiled it. */
export interface LoadedScript {
  script: Script;
  /** Where its code is looked for the next time. */
  codeFile: string;
}

/** Name of a function that the build sets in each thread, to hear which scripts it loads. */
export const ON_SCRIPT = Symbol.for("gridparquet.onScript");

type Wrapped = (
  exports: unknown,
  require: NodeJS.Require,
  module: { exports: unknown },
  file: string,
) => void;

/** Entry points lie in `dist/threads`. */
const DIST = join(import.meta.dirname, "..");

/**
 * Runs a thread's script, with the code that V8 made of it when the build ran it (build/keep-code.ts): to parse and
 * compile it would take each thread some tens of milliseconds.
 *
 * Code fits the V8 and the flags that it was made with, which its name tells; without one that fits, the script is
 * compiled.
 *
 * @returns what the script exports
 * @throws what the script throws; the system's error where the build has not made it
 */
export function loadThread<Exports>(thread: ThreadName): Exports {
  const filename = join(DIST, "joined", `${thread}.cjs`);
  const codeFile = join(DIST, "code", `${thread}-${cachedDataVersionTag()}`);
  // The build writes ASCII, which Node need not look for characters in.
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData: readCode(codeFile) });
  (globalThis as { [ON_SCRIPT]?: (loaded: LoadedScript) => void })[ON_SCRIPT]?.({ script, codeFile });
  const module: { exports: unknown } = { exports: {} };
  const run: Wrapped = script.runInThisContext();
  run(module.exports, createRequire(filename), module, filename);
  return module.exports as Exports;
}

function readCode(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
