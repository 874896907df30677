import { availableParallelism } from "node:os";
import type { UpdateInfo } from "../dataset/year-settings.js";
import { GridparquetError } from "../errors.js";
import { IS_TESTING_FAILURE } from "./failpoints.js";
import { availableMemory, type MemoryLimit } from "./memory-limit.js";
import { type MemoryPlan, planMemory } from "./memory-plan.js";
import { memoryRemarks } from "./memory-remarks.js";
import { COMPRESSIONS, type ConvertOptions, DEFAULTS, ENCODERS, MAX_PARALLEL_JOBS } from "./options.js";

/** Options with every default filled in; nothing after this asks the environment. */
export interface ResolvedOptions
  extends Required<
    Pick<
      ConvertOptions,
      "inputs" | "out" | "batchSize" | "chunkSize" | "rowGroupSize" | "compression" | "encoder" | "mergeFanIn"
    >
  > {
  isos: readonly string[] | null;
  feeds: readonly string[] | null;
  years: readonly number[] | null;
  /** Undefined for the plan's own size. */
  rangeBytes: number | undefined;
  /** Threads, chunk size and decoders below are what it leaves of those asked for. */
  memory: MemoryPlan;
  threads: number;
  /** Undefined for the watchdog's own. */
  decodeTimeoutMs: number | undefined;
  /** ISO jobs at once. */
  parallelJobs: number;
  /** Files that are decoded at once, over all jobs. */
  decoders: number;
  strict: boolean;
  fresh: boolean;
  /** Shortest time between two checkpoints of a job, in milliseconds. */
  checkpointMs: number;
  /** Null for a conversion, which replaces the year files that are there. */
  update: UpdateInfo | null;
}

const CHECKPOINT_MS = 1000;

/**
 * Fills in defaults and checks ranges.
 *
 * @throws GridparquetError `usage` for a value out of range
 */
export function resolveOptions(options: ConvertOptions): ResolvedOptions {
  if (options.inputs.length === 0) throw usage("no input is named", "Name files or folders to convert.");
  if (options.out === "") throw usage("no output folder is named", "Give the folder to write to.");
  const count = (name: keyof ConvertOptions, fallback: number): number => {
    const value = options[name] ?? fallback;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
    throw usage(
      `${name} must be a whole number of at least 1, not ${String(value)}`,
      "Leave it out for the default.",
    );
  };
  const compression = options.compression ?? DEFAULTS.compression;
  if (!COMPRESSIONS.includes(compression))
    throw usage(`compression must be one of ${COMPRESSIONS.join(", ")}`, "");
  const encoder = options.encoder ?? DEFAULTS.encoder;
  if (!ENCODERS.includes(encoder)) throw usage(`encoder must be one of ${ENCODERS.join(", ")}`, "");
  const sequential = options.sequential ?? false;
  const threads = count("threads", sequential ? 1 : availableParallelism());
  const maxParallel = count("maxParallel", DEFAULTS.maxParallel);
  if (maxParallel > MAX_PARALLEL_JOBS) {
    options.onLog?.("warn", `at most ${MAX_PARALLEL_JOBS} ISOs run at once; ${maxParallel} were asked for`);
  }
  const rowGroupSize = count("rowGroupSize", DEFAULTS.rowGroupSize);
  const wishes = { threads, decoders: sequential ? 1 : threads, rowGroupSize };
  const chunkSize = count("chunkSize", DEFAULTS.chunkSize);
  const memory = planMemory({ ...wishes, chunkSize }, memoryLimit(options.memoryLimit, count));
  for (const { level, text } of memoryRemarks(memory, threads, options.threads !== undefined))
    options.onLog?.(level, text);
  return {
    inputs: options.inputs,
    out: options.out,
    isos: listed(options.isos),
    feeds: listed(options.feeds),
    years: listed(options.years),
    batchSize: count("batchSize", DEFAULTS.batchSize),
    chunkSize: memory.chunkSize,
    rowGroupSize,
    rangeBytes: options.rangeBytes === undefined ? undefined : count("rangeBytes", options.rangeBytes),
    compression,
    encoder,
    mergeFanIn: mergeFanIn(options),
    update: null,
    memory,
    threads: memory.threads,
    decodeTimeoutMs: options.decodeTimeoutMs,
    parallelJobs: sequential ? 1 : Math.min(maxParallel, MAX_PARALLEL_JOBS),
    decoders: memory.decoders,
    strict: options.strict ?? false,
    fresh: options.fresh ?? false,
    checkpointMs: options.checkpointMs ?? (IS_TESTING_FAILURE ? 0 : CHECKPOINT_MS),
  };
}

function mergeFanIn({ mergeFanIn = DEFAULTS.mergeFanIn }: ConvertOptions): number {
  if (Number.isSafeInteger(mergeFanIn) && mergeFanIn >= 2) return mergeFanIn;
  throw usage(
    `mergeFanIn must be a whole number of at least 2, not ${mergeFanIn}`,
    "Leave it out for the default.",
  );
}

function memoryLimit(
  given: number | undefined,
  count: (name: "memoryLimit", fallback: number) => number,
): MemoryLimit {
  if (given !== undefined) return { bytes: count("memoryLimit", given), source: "option" };
  return availableMemory(process.memoryUsage.rss());
}

function listed<T>(values: readonly T[] | undefined): readonly T[] | null {
  return values === undefined || values.length === 0 ? null : values;
}

function usage(message: string, hint: string): GridparquetError {
  return new GridparquetError("usage", message, { hint });
}
