import { GridparquetError } from "../errors.js";
import { MemoryGuard } from "./memory-guard.js";
import { MemoryLog } from "./memory-log.js";
import type { MemoryMeter } from "./memory-meter.js";
import type { MemoryPlan } from "./memory-plan.js";
import { megabytes } from "./memory-remarks.js";
import type { ConvertOptions, LogLevel } from "./options.js";

export interface MonitorOptions {
  plan: MemoryPlan;
  meter: MemoryMeter;
  /** Time at which the run began, of `performance.now()`. */
  started: number;
  /** See {@link ConvertOptions.memoryBreakMs}. */
  breakMs: number | undefined;
  log: ((level: LogLevel, message: string) => void) | undefined;
}

/** Watches the memory of a run: slows it down when it is short, stops it when that does not help. */
export class RunMonitor {
  readonly memory = new MemoryLog();
  readonly #options: MonitorOptions;
  readonly #guard: MemoryGuard;
  readonly #breaker = new AbortController();
  /** Smallest part of the credits that was given out. */
  leastShare = 1;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#guard = new MemoryGuard(options.plan.limit.bytes, options.breakMs);
  }

  /** Aborted when the run must stop. */
  get signal(): AbortSignal {
    return this.#breaker.signal;
  }

  get state(): { peakRssBytes: number; memoryLimitBytes: number; creditShare: number } {
    const { meter, plan } = this.#options;
    const { peakBytes: peakRssBytes } = meter;
    return { peakRssBytes, memoryLimitBytes: plan.limit.bytes, creditShare: this.#guard.share };
  }

  /**
   * Takes a sample.
   *
   * @param limit told when another part of the credits is to be given out
   * @param wasmBytes asked for the WebAssembly memories of the threads
   */
  sample(limit: (share: number) => void, wasmBytes: () => number): void {
    const { meter, started, log, plan } = this.#options;
    meter.sample();
    const now = performance.now();
    const action = this.#guard.sample(meter.lastBytes, now);
    if (action?.type === "share") {
      this.leastShare = Math.min(this.leastShare, action.share);
      const part = action.share === 0 ? "one file at a time" : `${action.share * 100} % of the batches`;
      const memory = `${megabytes(meter.lastBytes)} of ${megabytes(plan.limit.bytes)}`;
      log?.("info", `memory is at ${memory}; ${part} may be under way now`);
      limit(action.share);
    }
    if (action?.type === "break") this.#breaker.abort();
    this.memory.add(now - started, this.#guard.share, wasmBytes);
  }

  /**
   * What to say of a run that the breaker has stopped.
   *
   * @param isKept whether what it has done is kept for the next run
   */
  error(isKept: boolean): GridparquetError {
    const { plan, meter } = this.#options;
    const { bytes, source } = plan.limit;
    const limit = `the limit of ${megabytes(bytes)}${source === "option" ? "" : ` that the ${source} leaves`}`;
    return new GridparquetError(
      "memory-limit",
      `the run was stopped: for five seconds it took more than nine tenths of ${limit}, ${megabytes(meter.lastBytes)} at last`,
      {
        hint: `Give it more with --memory-limit, or run it with --threads 1, or with --sequential, which takes least${isKept ? ": it goes on from where it stopped" : ""}.`,
      },
    );
  }
}
