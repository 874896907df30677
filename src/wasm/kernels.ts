import { readFileSync } from "node:fs";
import { packageFile } from "../package-files.js";
import { addMemory, PAGE } from "./memory-pages.js";

/** What kernels/ exports; numbers are addresses in the instance's memory unless named otherwise. */
export interface Kernels {
  // kernels/decode.ts
  nextField(at: number, isLast: boolean): number;
  fieldsEnd(step: number, at: number): number;
  same(a: number, b: number, length: number): boolean;
  findRun(step: number, at: number, length: number): number;
  addRun(step: number, at: number, length: number, value: number): number;
  run(end: number): number;
  // kernels/encode.ts
  distinct8(
    values: number,
    count: number,
    codes: number,
    found: number,
    slots: number,
    most: number,
    cents: number,
  ): number;
  distinct4(values: number, count: number, codes: number, found: number, slots: number, most: number): number;
  gather8(values: number, from: number, count: number, out: number): void;
  gather4(values: number, from: number, count: number, out: number): void;
  dropNegative(codes: number, count: number): number;
  levelsOfCodes(codes: number, count: number, levels: number): void;
  levelsOfBits(bits: number, count: number, levels: number): void;
  hybrid(codes: number, count: number, width: number, out: number): number;
  // kernels/sort.ts
  sortDistinct8(found: number, known: number, codes: number, count: number, work: number): void;
  // kernels/order.ts
  takeAscending(
    ranks: number,
    keyRanks: number,
    from: number,
    to: number,
    previous: number,
    out: number,
  ): number;
  placeRows(ranks: number, keyRanks: number, from: number, to: number, places: number): number;
  collectPlaces(places: number, count: number, out: number): number;
  markRanks(ranks: number, count: number, marks: number): void;
}

let module: WebAssembly.Module | null = null;

/**
 * An instance of the WebAssembly kernels (kernels/, AssemblyScript) with a memory of its own.
 *
 * The engine keeps one compiled copy for all threads of the process, so that no thread waits for its own to warm up.
 *
 * @param bytes size of the memory; what is never written takes no room
 */
export function makeKernels(bytes: number): { kernels: Kernels; memory: WebAssembly.Memory } {
  module ??= new WebAssembly.Module(readFileSync(packageFile("dist/src/wasm/kernels.wasm")));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  addMemory(memory.buffer.byteLength);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { kernels: exports as unknown as Kernels, memory };
}
