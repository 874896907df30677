import { entryName, reasonOf } from "../containers/container-entry.js";
import { listContainer } from "../containers/list-container.js";
import { GridparquetError } from "../errors.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import { type RecognisedFile, recogniseFile, type UnrecognisedFile } from "../feeds/recognise.js";
import type { Failure, PlanSummary, SkippedFile } from "../run/options.js";
import { checkOutputApart, discoverInputs, type FoundFile } from "./discover-inputs.js";
import { type PlannedJob, planJobs } from "./plan-jobs.js";

/** Files that are looked at side by side while feeds are recognised. */
const LOOKS_AT_ONCE = 16;

export interface RunPlan {
  jobs: PlannedJob[];
  skipped: SkippedFile[];
  failures: Failure[];
}

export interface PlanOptions {
  inputs: readonly string[];
  out: string;
  isos: readonly string[] | null;
  feeds: readonly string[] | null;
  batchSize: number;
}

/**
 * Finds the input files, recognises their feeds and plans the jobs.
 *
 * @throws GridparquetError when an input is missing, the output lies inside it, or no file is of a known feed
 */
export async function planRun(
  options: PlanOptions,
  definitions: readonly FeedDefinition[],
): Promise<RunPlan> {
  await checkOutputApart(options.inputs, options.out);
  const { files, skipped, failures } = await discoverInputs(options.inputs);
  const recognised: RecognisedFile[] = [];
  const chosen = new Set(options.feeds ?? []);
  const looks = await lookAtAll(files, (file) => lookInto(file, definitions, chosen));
  for (const result of looks.flat()) {
    if ("feed" in result) {
      const reason = whyLeftOut(result.feed, options);
      if (reason === null) recognised.push(result);
      else skipped.push({ file: result.path, reason });
    } else if (result.failed) failures.push({ file: result.path, message: result.reason });
    else skipped.push({ file: result.path, reason: result.reason });
  }
  if (recognised.length === 0) throw nothingRecognised(skipped, failures);
  return { jobs: planJobs(recognised, options.batchSize), skipped, failures };
}

/** What a file is, or the parts of it when it is an archive. */
async function lookInto(
  { path, bytes }: FoundFile,
  definitions: readonly FeedDefinition[],
  chosen: ReadonlySet<string>,
): Promise<(RecognisedFile | UnrecognisedFile)[]> {
  if (bytes === 0) return [{ path, reason: "is empty", failed: false }];
  try {
    const { entries, refused } = await listContainer(path);
    const looks: (RecognisedFile | UnrecognisedFile)[] = [];
    for (const entry of entries) looks.push(await recogniseFile(entry, definitions, chosen));
    for (const { reason, failed, ...where } of refused)
      looks.push({ path: entryName(where), reason, failed });
    if (looks.length === 0) looks.push({ path, reason: "is an archive with nothing in it", failed: false });
    return looks;
  } catch (error) {
    return [{ path, reason: reasonOf(error), failed: true }];
  }
}

/** The plan as a dry run shows it. */
export function summarisePlan(jobs: readonly PlannedJob[]): PlanSummary {
  const files: PlanSummary["files"] = [];
  for (const job of jobs) {
    for (const [group, { tasks }] of job.groups.entries()) {
      for (const index of tasks.flatMap((task) => task.files)) {
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

async function lookAtAll<T>(
  files: readonly FoundFile[],
  look: (file: FoundFile) => Promise<T>,
): Promise<T[]> {
  const results: T[] = new Array(files.length);
  let next = 0;
  const worker = async () => {
    while (next < files.length) {
      const index = next++;
      results[index] = await look(files[index]!);
    }
  };
  await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, worker));
  return results;
}
