import { entryName, reasonOf } from "../containers/container-entry.js";
import { listOpenFile } from "../containers/list-container.js";
import { OpenFile } from "../containers/random-access.js";
import { GridparquetError } from "../errors.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import { type RecognisedFile, recogniseFile, type UnrecognisedFile } from "../feeds/recognise.js";
import type { Failure, PlanSummary, SkippedFile } from "../run/options.js";
import type { FoundFile, FoundInputs } from "./discover-inputs.js";
import { EventTurns } from "./event-turns.js";
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
  const chosen = new Set(options.feeds ?? []);
  const chosenIso = options.isos?.length === 1 ? options.isos[0]! : null;
  const turns = new EventTurns(options.signal);
  for (const file of found.files) {
    await turns.take();
    for (const result of await lookInto(file, definitions, chosen, chosenIso, turns)) {
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

/** What a file is, or the parts of it when it is an archive. */
async function lookInto(
  { path, bytes }: FoundFile,
  definitions: readonly FeedDefinition[],
  chosen: ReadonlySet<string>,
  chosenIso: string | null,
  turns: EventTurns,
): Promise<(RecognisedFile | UnrecognisedFile)[]> {
  if (bytes === 0) return [{ path, reason: "is empty", failed: false }];
  let file: OpenFile | null = null;
  try {
    file = new OpenFile(path);
    const { entries, refused } = await listOpenFile(path, file);
    const looks: (RecognisedFile | UnrecognisedFile)[] = [];
    for (const entry of entries) {
      await turns.take();
      looks.push(await recogniseFile(entry, definitions, chosen, chosenIso, file));
    }
    for (const { reason, failed, ...where } of refused)
      looks.push({ path: entryName(where), reason, failed });
    if (looks.length === 0) looks.push({ path, reason: "is an archive with nothing in it", failed: false });
    return looks;
  } catch (error) {
    if (error instanceof GridparquetError && error.code === "aborted") throw error;
    return [{ path, reason: reasonOf(error), failed: true }];
  } finally {
    file?.close();
  }
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
