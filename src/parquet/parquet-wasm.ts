import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initSync } from "parquet-wasm/esm";

let ready = false;

/** Compiles parquet-wasm once; the module goes to every thread as shared code. */
export async function compileParquetWasm(): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
  return WebAssembly.compile(await readFile(path));
}

/** Makes parquet-wasm usable in this thread. */
export function useParquetWasm(module: WebAssembly.Module): void {
  if (!ready) initSync({ module });
  ready = true;
}
