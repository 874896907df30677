/** Least time between two samples that are kept. */
const LEAST_INTERVAL_MS = 1000;
/** At so many samples every other one is dropped, and the interval doubled. */
const MOST_SAMPLES = 2000;

/** Memory of the process over a run, as it goes to memory.json: columns of equal length. */
export interface MemorySamples {
  /** Units of the columns. */
  units: Record<keyof MemorySamples["columns"], string>;
  columns: {
    /** Since the run began. */
    elapsed: number[];
    /** Resident set size of the process. */
    rss: number[];
    /** JavaScript heap of the main thread that is in use. */
    mainHeapUsed: number[];
    /** Memory of the main thread's objects outside its heap, array buffers included. */
    mainExternal: number[];
    mainArrayBuffers: number[];
    /**
     * WebAssembly memories of the threads: of the kernels that decode and encode, and of parquet-wasm, but not zstd's. A
     * part of `rss` only as far as it has been written to, which it need never be.
     */
    wasmReserved: number[];
    /** Part of the credits that was given out. */
    creditShare: number[];
  };
}

/** Keeps at most {@link MOST_SAMPLES} samples of a run of any length, evenly spaced. */
export class MemoryLog {
  readonly samples: MemorySamples = {
    units: {
      elapsed: "s",
      rss: "bytes",
      mainHeapUsed: "bytes",
      mainExternal: "bytes",
      mainArrayBuffers: "bytes",
      wasmReserved: "bytes",
      creditShare: "1",
    },
    columns: {
      elapsed: [],
      rss: [],
      mainHeapUsed: [],
      mainExternal: [],
      mainArrayBuffers: [],
      wasmReserved: [],
      creditShare: [],
    },
  };
  #interval = LEAST_INTERVAL_MS;
  #next = Number.NEGATIVE_INFINITY;

  /**
   * Takes a sample when its time has come.
   *
   * @param atMs since the run began
   */
  add(
    atMs: number,
    creditShare: number,
    wasmBytes: () => number,
    usage: () => NodeJS.MemoryUsage = process.memoryUsage,
  ): void {
    if (atMs < this.#next) return;
    const { rss, heapUsed, external, arrayBuffers } = usage();
    const { columns } = this.samples;
    columns.elapsed.push(Math.round(atMs) / 1000);
    columns.rss.push(rss);
    columns.mainHeapUsed.push(heapUsed);
    columns.mainExternal.push(external);
    columns.mainArrayBuffers.push(arrayBuffers);
    columns.wasmReserved.push(wasmBytes());
    columns.creditShare.push(creditShare);
    if (columns.elapsed.length >= MOST_SAMPLES) this.#halve();
    // Counted from the last that was kept, so that all are equally far apart.
    this.#next = columns.elapsed.at(-1)! * 1000 + this.#interval;
  }

  #halve(): void {
    this.#interval *= 2;
    const { columns } = this.samples;
    for (const name of Object.keys(columns) as (keyof typeof columns)[]) {
      columns[name] = columns[name].filter((_, index) => index % 2 === 0);
    }
  }
}
