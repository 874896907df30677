import { GridparquetError } from "../errors.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import type { RecognisedFile } from "../feeds/recognise.js";
import type { Failure, PlanSummary, SkippedFile } from "../run/options.js";
import type { FoundInputs } from "./discover-inputs.js";
import { type Lookers, lookIntoAll } from "./look-into-all.js";
import { type PlannedJob, planJobs } from "./plan-jobs.js";

export interface RunPlan {
  jobs: PlannedJob[];
  skipped: SkippedFile[];
  failures: Failure[];
}

export interface PlanOptions {
  isos: readonly string[] | null;
  feeds: readonly string[] | null;
  batchSize: number;
  /** Size of the ranges into which large files are cut; tests make it small. */
  rangeBytes?: number | undefined;
  /** Stops the planning. */
  signal?: AbortSignal | undefined;
  /** Threads that take part in looking into the files. */
  lookers?: Lookers | null | undefined;
  /** Says which of the files that were recognised are to be read; all unless told. */
  choose?: ((files: RecognisedFile[]) => Promise<RecognisedFile[]>) | undefined;
}

/**
 * Recognises the feeds of the files that were found and plans the jobs.
 *
 * @throws GridparquetError when no file is of a known feed, `aborted` when the planning is stopped
 */
export async function planRun(
  options: PlanOptions,
  found: FoundInputs,
  definitions: readonly FeedDefinition[],
): Promise<RunPlan> {
  const skipped = [...found.skipped];
  const failures = [...found.failures];
  const recognised: RecognisedFile[] = [];
  const wanted = {
    feeds: new Set(options.feeds ?? []),
    iso: options.isos?.length === 1 ? options.isos[0]! : null,
  };
  const { signal, lookers = null } = options;
  for (const looks of await lookIntoAll(found.files, definitions, wanted, signal, lookers)) {
    for (const result of looks) {
      if ("feed" in result) {
        for (const feed of [result.feed, ...result.alsoOf]) {
          const reason = whyLeftOut(feed, options);
          if (reason === null) recognised.push(feed === result.feed ? result : { ...result, feed });
          else skipped.push({ file: result.path, reason });
        }
      } else if (result.failed) failures.push({ file: result.path, message: result.reason });
      else skipped.push({ file: result.path, reason: result.reason });
    }
  }
  if (recognised.length === 0) throw nothingRecognised(skipped, failures);
  const chosenFiles = options.choose === undefined ? recognised : await options.choose(recognised);
  return { jobs: planJobs(chosenFiles, options.batchSize, options.rangeBytes), skipped, failures };
}

/** The plan as a dry run shows it. */
export function summarisePlan(jobs: readonly PlannedJob[]): PlanSummary {
  const files: PlanSummary["files"] = [];
  for (const job of jobs) {
    for (const [group, { tasks }] of job.groups.entries()) {
      // A file may have a task for each of its ranges.
      for (const index of new Set(tasks.flatMap((task) => task.files))) {
        const { path, bytes, feed } = job.files[index]!;
        files.push({ file: path, iso: feed.iso, feed: feed.feed, bytes, group });
      }
    }
  }
  return { files };
}

function whyLeftOut(feed: FeedDefinition, { isos, feeds }: PlanOptions): string | null {
  if (isos !== null && !isos.includes(feed.iso)) return `is of ${feed.iso}, which --iso leaves out`;
  if (feeds !== null && !feeds.includes(feed.feed)) return `is of feed ${feed.feed}, which --feed leaves out`;
  return null;
}

function nothingRecognised(skipped: readonly SkippedFile[], failures: readonly Failure[]): GridparquetError {
  const reasons = [...failures.map(({ file, message }) => `${file} ${message}`)];
  reasons.push(...skipped.map(({ file, reason }) => `${file} ${reason}`));
  const shown = reasons.slice(0, 3).map((reason) => `\n  ${reason}`);
  const more = reasons.length > 3 ? `\n  and ${reasons.length - 3} more` : "";
  return new GridparquetError("nothing-recognised", `no file can be converted:${shown.join("")}${more}`, {
    hint: "`gridparquet feeds` lists what is recognised; `--dry-run` says of each file why not.",
  });
}
