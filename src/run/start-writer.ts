import { Worker } from "node:worker_threads";
import { packageFile } from "../package-files.js";
import { type PageCounters, pageCounters } from "../wasm/memory-pages.js";
import { type StageCounters, stageCounters } from "./stage-clock.js";

/**
 * Columns lie outside the heap and are held by few small objects: a large young generation would only let garbage
 * pile up, and what it holds outside of the heap with it. With this limit peak memory was about a tenth lower, and a
 * sixth for ten times the input.
 */
export const THREAD_LIMITS = { maxYoungGenerationSizeMb: 3 };

/** Counters that the threads of a run share with main. */
export interface ThreadCounters {
  stages: StageCounters;
  pages: PageCounters;
}

/** The writer's thread, which hears by its first message what the run has room for. */
export interface StartedWriter {
  worker: Worker;
  /** Those that it was given. */
  counters: ThreadCounters;
}

let early: StartedWriter | null = null;

/**
 * Starts the writer's thread before the arguments are read, for the next run of this process: a thread takes as long to
 * start as main to come to where it needs it. It does not keep the process alive until {@link takeWriter}.
 */
export function startWriterEarly(): void {
  early = startWriter();
  early.worker.unref();
  // One that cannot start is told of by the one that takes its place.
  early.worker.on("error", () => {
    early = null;
  });
}

/** The writer's thread that was started early, or a new one. */
export function takeWriter(): StartedWriter {
  const taken = early ?? startWriter();
  early = null;
  taken.worker.removeAllListeners("error");
  taken.worker.ref();
  return taken;
}

function startWriter(): StartedWriter {
  const counters = { stages: stageCounters(), pages: pageCounters() };
  const worker = new Worker(packageFile("dist/threads/writer.cjs"), {
    workerData: counters,
    resourceLimits: THREAD_LIMITS,
  });
  return { worker, counters };
}
