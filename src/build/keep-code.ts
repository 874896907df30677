/**
 * Loaded by Node before the program itself, in each of its threads (`--import`): keeps the code that V8 has made of the
 * thread's script so far, with the functions that were called.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isMainThread, threadId } from "node:worker_threads";
import { type LoadedScript, ON_SCRIPT } from "../threads/load-thread.js";

/** Threads of the pool are stopped where they are: what they have by then must lie there. */
const KEEP_MS = 100;

const loaded: LoadedScript[] = [];
Object.assign(globalThis, { [ON_SCRIPT]: (script: LoadedScript) => loaded.push(script) });

function keep(): void {
  for (const { script, codeFile } of loaded) {
    mkdirSync(dirname(codeFile), { recursive: true });
    // Another thread of the pool may do the same.
    const part = `${codeFile}.${threadId}`;
    writeFileSync(part, script.createCachedData());
    renameSync(part, codeFile);
  }
}

if (isMainThread) process.on("exit", keep);
else setInterval(keep, KEEP_MS).unref();
