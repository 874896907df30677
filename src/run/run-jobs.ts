import { THREAD_DIED } from "../errors.js";
import type { PlannedJob } from "../plan/plan-jobs.js";
import type { Engine, JobOutcome } from "./engine.js";
import type { MemoryMeter } from "./memory-meter.js";
import type { RunProgress } from "./options.js";

const WATCH_INTERVAL_MS = 100;

/**
 * Runs jobs in their order, so many at once, until all are over.
 *
 * A full disk stops them all, and so does `signal`: those that have not begun are not begun then, the others end as
 * the engine ends them. A job whose rows were lost with a thread is run once more, from what was saved of it.
 *
 * @param run does one job; `lost` says why it is run once more, null when it is not
 * @param parallel most jobs at once
 * @param watch called again and again while the jobs run, and once when they are over
 * @returns by the jobs' places, what became of each
 */
export async function runJobs(
  engine: Engine,
  jobs: readonly PlannedJob[],
  run: (job: PlannedJob, lost: string | null) => Promise<JobOutcome>,
  { parallel, signal, watch }: { parallel: number; signal: AbortSignal; watch: () => void },
): Promise<JobOutcome[]> {
  const timer = setInterval(watch, WATCH_INTERVAL_MS);
  const abort = (): void => engine.abort();
  signal.addEventListener("abort", abort);
  try {
    const outcomes: JobOutcome[] = new Array(jobs.length);
    let next = 0;
    let isFull = false;
    const attempt = async (job: PlannedJob, lost: string | null): Promise<JobOutcome> =>
      signal.aborted || isFull ? { error: "the run was stopped", code: "ABORTED" } : run(job, lost);
    const lane = async () => {
      while (next < jobs.length) {
        const index = next++;
        let outcome = await attempt(jobs[index]!, null);
        if ("error" in outcome && outcome.code === THREAD_DIED)
          outcome = await attempt(jobs[index]!, outcome.error);
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
