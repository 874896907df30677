import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { PoolTask } from "../run/protocol.js";

/*
 * parquet-wasm with apache-arrow takes 100 ms and 30 MB in each thread that uses it, and most row groups do without:
 * both are loaded when the first column needs them.
 */

/** Columns with no more values than this are never worth a call of parquet-wasm. */
export const FEW_VALUES = 16_384;

let shared: WebAssembly.Module | null = null;
let ready: Promise<void> | null = null;

/** Compiles parquet-wasm once; the module goes to every thread as shared code. */
export async function compileParquetWasm(): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
  return WebAssembly.compile(await readFile(path));
}

/** Whether a task may come to use parquet-wasm; if it does, a module that main has compiled saves doing it again. */
export function mayUseParquetWasm(task: PoolTask): boolean {
  if (task.name !== "encode") return task.name === "read";
  return task.segments.reduce((rows, { from, to }) => rows + to - from, 0) > FEW_VALUES;
}

/** The module that {@link loadParquetWasm} takes in this thread instead of compiling its own. */
export function shareParquetWasm(module: WebAssembly.Module): void {
  shared = module;
}

/** To be awaited once in a thread before parquet-wasm is used there. */
export function loadParquetWasm(): Promise<void> {
  ready ??= initialise();
  return ready;
}

async function initialise(): Promise<void> {
  const { initSync } = await import("parquet-wasm/esm");
  initSync({ module: shared ?? (await compileParquetWasm()) });
}
