import { resolve } from "node:path";
import { SCHEMA_VERSION } from "../arrow/tables.js";
import { feedKey } from "../feeds/feed-definition.js";
import type { FoundFile } from "../plan/discover-inputs.js";
import type { PlannedJob } from "../plan/plan-jobs.js";
import type { DoneInput } from "../plan/remaining-tasks.js";
import type { ResolvedOptions } from "../run/resolved-options.js";

/** What a journal's job must have in common with a later run's for that run to go on with it. */
export interface JournalPlan {
  /** What shapes the output, in words that can stand in a message, with its value. */
  settings: Record<string, string>;
  /** By feed: its definition as text. */
  feeds: Record<string, string>;
  /** By file index. */
  files: PlannedInput[];
  /** Whether a journal is there, and main waits to hear how far it goes. */
  isWaitedFor: boolean;
  /** A journal that is there is to be removed. */
  isFresh: boolean;
  /** Shortest time between two checkpoints, in milliseconds; 0 for one after every task. */
  intervalMs: number;
}

/** A file of the plan as it was when the plan was made. */
export interface PlannedInput {
  /** Size of its content in bytes: of a packed file an estimate. */
  bytes: number;
  /** Size in bytes and time of the last change, in epoch milliseconds, of the file on disk. */
  bytesOnDisk: number;
  modified: number;
  /** CRC-32 of a sample of its content (feeds/content-sample.ts). */
  sample: number;
}

/** A {@link PlannedInput} with the whole path of its name, and its feed. */
export interface DoneFile extends PlannedInput {
  path: string;
  feed: string;
}

/** What a journal's state was reached with: all of it must be the same for another run to go on from there. */
export interface JournalHead {
  version: string;
  settings: Record<string, string>;
  /** Definitions of the feeds of {@link files}. */
  feeds: Record<string, string>;
  /** The files that are done, and the one that was begun. */
  files: DoneFile[];
  done: DoneInput;
  /** Rows that were read. */
  rows: number;
  /** Whether year files were being finished: no file can be added any more. */
  isPublishing: boolean;
}

/** What shapes the output; threads, sizes of batches, ranges and groups do not. */
function outputSettings({ rowGroupSize, compression, encoder, years, strict, update }: ResolvedOptions) {
  return {
    "the command": update === null ? "convert" : "update",
    ...(update !== null && { "--keep-previous": update.keepPrevious ? "on" : "off" }),
    "the version of the schema": SCHEMA_VERSION,
    "--row-group-size": `${rowGroupSize}`,
    "--compression": compression,
    "--encoder": encoder,
    "--year": years === null ? "all" : [...years].sort().join(),
    "--strict": strict ? "on" : "off",
  };
}

/**
 * What a job's journal is kept and checked with.
 *
 * @param found the files on disk, as they were when the plan was made
 */
export function journalPlan(
  job: PlannedJob,
  found: readonly FoundFile[],
  options: ResolvedOptions,
  isThere: boolean,
): JournalPlan {
  const onDisk = new Map(found.map((file) => [file.path, file]));
  const feeds = new Map(job.files.map(({ feed }) => [feed.feed, feed]));
  return {
    settings: outputSettings(options),
    feeds: Object.fromEntries([...feeds].map(([name, feed]) => [name, JSON.stringify(feed)])),
    files: job.files.map(({ bytes, source, sample }) => {
      const { bytes: bytesOnDisk, modified } = onDisk.get(source.path)!;
      return { bytes, bytesOnDisk, modified, sample };
    }),
    isWaitedFor: isThere && !options.fresh,
    isFresh: isThere && options.fresh,
    intervalMs: options.checkpointMs,
  };
}

/** The files of a plan, as a journal keeps them. */
export function doneFiles(
  files: readonly { path: string; feed: string }[],
  plan: JournalPlan,
  count: number,
): DoneFile[] {
  return files
    .slice(0, count)
    .map(({ path, feed }, index) => ({ path: resolve(path), feed, ...plan.files[index]! }));
}

/**
 * Why a run cannot go on from a journal, as the rest of a sentence; null when it can.
 *
 * @param files all files of the run's plan for the ISO
 */
export function whyUnfit(
  head: JournalHead,
  iso: string,
  plan: JournalPlan,
  files: readonly DoneFile[],
  version: string,
): string | null {
  if (head.version !== version) return `it is of gridparquet ${head.version}, and this is ${version}`;
  for (const [name, value] of Object.entries(plan.settings)) {
    const before = head.settings[name];
    if (before !== value) return `${name} was ${before ?? "not there"} and is ${value} now`;
  }
  for (const [index, before] of head.files.entries()) {
    const now = files[index];
    if (now === undefined || now.path !== before.path || now.feed !== before.feed)
      return whyOther(before, now, files);
    const { bytesOnDisk, modified, sample } = before;
    if (now.bytesOnDisk !== bytesOnDisk || now.modified !== modified || now.sample !== sample)
      return `${before.path} has changed since`;
  }
  for (const [feed, definition] of Object.entries(head.feeds)) {
    if (plan.feeds[feed] !== definition)
      return `the definition of ${feedKey({ iso, feed })} has changed since`;
  }
  const added = files[head.files.length];
  if (head.isPublishing && added !== undefined)
    return `${added.path} has been added, and its year files were being finished`;
  return null;
}

function whyOther(before: DoneFile, now: DoneFile | undefined, files: readonly DoneFile[]): string {
  const isThere = files.some(({ path, feed }) => path === before.path && feed === before.feed);
  if (!isThere || now === undefined) return `${before.path} is not among the inputs any more`;
  return `${now.path} has been added, and its rows come before those that are done`;
}
