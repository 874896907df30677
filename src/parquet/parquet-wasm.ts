import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/*
 * parquet-wasm with apache-arrow takes 100 ms and 30 MB in each thread that uses it: it is loaded only where it is
 * asked for.
 */

let ready: Promise<void> | null = null;

/** To be awaited once in a thread before parquet-wasm is used there. */
export function loadParquetWasm(): Promise<void> {
  ready ??= initialise();
  return ready;
}

async function initialise(): Promise<void> {
  const { initSync } = await import("parquet-wasm/esm");
  const path = createRequire(import.meta.url).resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
  // Threads of a process share what is compiled from the same bytes: only the first one waits for it.
  initSync({ module: await WebAssembly.compile(await readFile(path)) });
}
