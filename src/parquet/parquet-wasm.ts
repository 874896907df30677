import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { MemoryWatch } from "../wasm/memory-pages.js";

/*
 * parquet-wasm with apache-arrow takes 100 ms and 30 MB in each thread that uses it: it is loaded only where it is
 * asked for.
 */

let ready: Promise<void> | null = null;
let memory: WebAssembly.Memory | null = null;
const watch = new MemoryWatch();

/** To be awaited once in a thread before parquet-wasm is used there. */
export function loadParquetWasm(): Promise<void> {
  ready ??= initialise();
  return ready;
}

async function initialise(): Promise<void> {
  const { initSync } = await import("parquet-wasm/esm");
  const path = createRequire(import.meta.url).resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
  // Threads of a process share what is compiled from the same bytes: only the first one waits for it.
  ({ memory } = initSync({ module: await WebAssembly.compile(await readFile(path)) }));
  noteParquetWasmMemory();
}

/** To be called when parquet-wasm has worked: its memory grows by itself. */
export function noteParquetWasmMemory(): void {
  if (memory !== null) watch.note(memory);
}
