import type { MessagePort } from "node:worker_threads";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { findInputs } from "../../src/plan/discover-inputs.js";
import type { PlannedJob, PlannedTask } from "../../src/plan/plan-jobs.js";
import { planRun } from "../../src/plan/plan-run.js";
import { taskCounters } from "../../src/run/decode-progress.js";
import type { DecodeTask, JobInfo } from "../../src/run/protocol.js";

/** The plan for a folder of one ISO's files. */
export async function planFolder(input: string, batchSize = 50, rangeBytes?: number): Promise<PlannedJob> {
  const found = await findInputs({ inputs: [input], out: `${input}-out` });
  const { jobs } = await planRun({ isos: null, feeds: null, batchSize, rangeBytes }, found, loadFeeds());
  return jobs[0]!;
}

/**
 * The tasks of a plan in their order, each as main would hand it to a decode worker.
 *
 * @param again whether its range is decoded once more, from where a record begins
 */
export function decodeTask(
  job: PlannedJob,
  task: PlannedTask,
  port: MessagePort,
  chunkSize: number,
  again = false,
): DecodeTask {
  const ofTask = task.files.map((fileIndex) => {
    const file = job.files[fileIndex]!;
    const isBoundary = again || task.range?.from === file.dataStart;
    return { fileIndex, ...file, range: task.range && { ...task.range, isBoundary, again } };
  });
  return {
    feed: job.files[task.files[0]!]!.feed,
    files: ofTask,
    chunkSize,
    years: null,
    port,
    progress: taskCounters(ofTask.length),
  };
}

/** What the writer is told of a plan, under a name of its own. */
export function jobInfo(
  job: PlannedJob,
  iso: string,
  more: Pick<JobInfo, "out" | "rowGroupSize" | "chunkSize" | "threads">,
): JobInfo {
  const feeds = new Map(job.files.map(({ feed }) => [feed.feed, feed]));
  return {
    iso,
    files: job.files.map(({ path, feed }) => ({ path, feed: feed.feed })),
    feeds: [...feeds.values()].map((feed) => ({ ...feed, joined: null })),
    compression: "snappy",
    encoder: "own",
    strict: false,
    ...more,
  };
}

/** Resolves after the event loop has gone round so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}
