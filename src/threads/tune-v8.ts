import { setFlagsFromString } from "node:v8";

/** Commands that start threads for a dataset's rows. */
const WITH_THREADS = ["convert", "demo", "update", "verify"];

/**
 * Sets what V8 should weigh differently for threads that live for seconds and whose loops are WebAssembly. To be called
 * by the program, before it starts threads and before it loads their scripts, whose code fits one set of flags only; a
 * library must not change the process that it is a guest in.
 *
 * Measured with Node 20 on 547 MB of PJM files: 12 % less time from the first, another 7 % from the second, 4 % more
 * since that is 80; 3 % from the third. Newer V8 has no flag like the first, and compiles in more steps of its own.
 *
 * @param command of the command line; the others have no threads that would gain, and Node has its own modules' code
 *   only for V8 as it is
 * @returns whether threads can be told to collect garbage (run/collect-garbage.ts)
 */
export function tuneV8(command: string | undefined): boolean {
  if (!process.versions.node.startsWith("20.") || !WITH_THREADS.includes(command ?? "")) return false;
  // Bytes of code that a function runs before it is worth optimizing: each thread would else spend a tenth of its time
  // on functions that are hardly called again.
  setFlagsFromString("--interrupt-budget=1000000");
  // MB of old objects, and of what they hold outside of the heap, before the first collection: what a thread reads at
  // first, it keeps. Two collections of 5 to 15 ms freed a MB or two each; later ones are made once a second.
  setFlagsFromString("--initial-old-space-size=80");
  // Young generations of a megabyte are collected sooner than helpers for it wake up; the cores have other work.
  setFlagsFromString("--no-parallel-scavenge");
  // Gives threads a function to collect garbage with.
  setFlagsFromString("--expose-gc");
  return true;
}
