import { isMainThread, threadId, workerData } from "node:worker_threads";

/** WebAssembly memories grow by pages of so many bytes. */
export const PAGE = 65_536;

/**
 * Threads that can be told apart: a later one has the slot of an earlier one again. Hardly ever do two of them live at
 * once, and then their sum is counted twice.
 */
const SLOTS = 1024;

/**
 * Shared between the threads of a run: pages of WebAssembly memory, a slot for each thread, by its number. A thread need
 * not take anything off when it ends, nor could one that dies: who reads them asks for the threads that live.
 */
export type PageCounters = Int32Array<SharedArrayBuffer>;

export function pageCounters(): PageCounters {
  return new Int32Array(new SharedArrayBuffer(SLOTS * 4));
}

/** Bytes of the WebAssembly memories of some threads. */
export function memoryBytes(counters: PageCounters, threads: readonly { threadId: number }[]): number {
  let pages = 0;
  for (const { threadId: id } of threads) if (id > 0) pages += Atomics.load(counters, id % SLOTS);
  return pages * PAGE;
}

/** The counters that the engine gave this thread; null in main and in tests without threads. */
const own = isMainThread ? null : ((workerData as { pages?: PageCounters } | null)?.pages ?? null);
if (own !== null) Atomics.store(own, threadId % SLOTS, 0);

/** A memory has been made or has grown by so many bytes; called for memories, never for rows. */
export function addMemory(bytes: number): void {
  if (own !== null) Atomics.add(own, threadId % SLOTS, bytes / PAGE);
}

/** Follows a memory that grows by itself. */
export class MemoryWatch {
  #known = 0;

  /** To be called when it may have grown. */
  note(memory: WebAssembly.Memory): void {
    const { byteLength } = memory.buffer;
    addMemory(byteLength - this.#known);
    this.#known = byteLength;
  }
}
