import type { PlannedJob } from "../plan/plan-jobs.js";
import type { Engine, JobOutcome } from "./engine.js";
import type { MemoryMeter } from "./memory-meter.js";
import type { RunProgress } from "./options.js";

const WATCH_INTERVAL_MS = 100;

/**
 * Runs jobs in their order, so many at once, until all are over.
 *
 * A full disk stops them all, and so does `signal`: those that have not begun are not begun then, the others end as
 * the engine ends them.
 *
 * @param run does one job
 * @param parallel most jobs at once
 * @param watch called again and again while the jobs run, and once when they are over
 * @returns by the jobs' places, what became of each
 */
export async function runJobs(
  engine: Engine,
  jobs: readonly PlannedJob[],
  run: (job: PlannedJob) => Promise<JobOutcome>,
  { parallel, signal, watch }: { parallel: number; signal: AbortSignal; watch: () => void },
): Promise<JobOutcome[]> {
  const timer = setInterval(watch, WATCH_INTERVAL_MS);
  const abort = (): void => engine.abort();
  signal.addEventListener("abort", abort);
  try {
    const outcomes: JobOutcome[] = new Array(jobs.length);
    let next = 0;
    let isFull = false;
    const lane = async () => {
      while (next < jobs.length) {
        const index = next++;
        if (signal.aborted || isFull) {
          outcomes[index] = { error: "the run was stopped", code: "ABORTED" };
          continue;
        }
        const outcome = await run(jobs[index]!);
        outcomes[index] = outcome;
        if (isFull || !("error" in outcome) || outcome.code !== "DISK_FULL") continue;
        // The others write to the same disk.
        isFull = true;
        engine.abort();
      }
    };
    await Promise.all(Array.from({ length: parallel }, lane));
    watch();
    return outcomes;
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", abort);
  }
}

/**
 * Where the jobs of a run are.
 *
 * @param started when the run began, by the clock of `performance`
 */
export function progressOf(
  jobs: readonly PlannedJob[],
  engine: Engine,
  started: number,
  meter: MemoryMeter,
): RunProgress {
  return {
    elapsedSeconds: (performance.now() - started) / 1000,
    rssBytes: meter.lastBytes,
    jobs: jobs.map(({ iso, files, bytes }) => ({
      iso,
      filesTotal: files.length,
      bytesTotal: bytes,
      ...engine.progressOf(iso),
    })),
  };
}
