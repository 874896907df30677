import { resolve } from "node:path";
import { feedKey } from "../feeds/feed-definition.js";
import type { RecognisedFile } from "../feeds/recognise.js";
import { type FileRange, fileRanges, RANGE_BYTES } from "./file-ranges.js";

/** A decode task takes small files together up to this many bytes, so that a file costs what its bytes cost. */
const TASK_BYTES = 4 << 20;

/** Files that one decode task reads: all of one feed, by their index in the job; or a range of one large file. */
export interface PlannedTask {
  files: number[];
  /** The part of its only file that the task reads; null where it reads files as a whole. */
  range: FileRange | null;
}

/** Tasks that are scheduled together: a stretch of the plan of at most `batchSize` files. */
export interface PlannedGroup {
  tasks: PlannedTask[];
}

/** All files of one ISO, in the order in which their rows are taken. */
export interface PlannedJob {
  iso: string;
  files: RecognisedFile[];
  bytes: number;
  groups: PlannedGroup[];
}

/**
 * Plans the work: a job for each ISO; within it feed by feed, files by their first interval and then their path, so
 * that rows come in order of time wherever the files allow it.
 *
 * The order, and with it which of two equal rows counts as the later one, does not depend on threads or settings.
 *
 * @param rangeBytes size of the ranges into which files of more than twice as much are cut
 */
export function planJobs(
  files: readonly RecognisedFile[],
  batchSize: number,
  rangeBytes = RANGE_BYTES,
): PlannedJob[] {
  const byIso = new Map<string, RecognisedFile[]>();
  for (const file of files) {
    const ofIso = byIso.get(file.feed.iso);
    if (ofIso === undefined) byIso.set(file.feed.iso, [file]);
    else ofIso.push(file);
  }
  return [...byIso]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([iso, ofIso]) => {
      const ordered = ofIso.sort(comparePlanOrder);
      const groups: PlannedGroup[] = [];
      for (let from = 0; from < ordered.length; from += batchSize) {
        groups.push({
          tasks: planTasks(ordered, from, Math.min(from + batchSize, ordered.length), rangeBytes),
        });
      }
      return { iso, files: ordered, bytes: ordered.reduce((sum, { bytes }) => sum + bytes, 0), groups };
    });
}

function planTasks(
  files: readonly RecognisedFile[],
  from: number,
  to: number,
  rangeBytes: number,
): PlannedTask[] {
  const tasks: PlannedTask[] = [];
  let bytes = 0;
  for (let index = from; index < to; index++) {
    const file = files[index]!;
    const ranges = fileRanges(file, rangeBytes);
    if (ranges !== null) {
      for (const range of ranges) tasks.push({ files: [index], range });
      bytes = TASK_BYTES;
      continue;
    }
    const sameFeed = index > from && feedKey(file.feed) === feedKey(files[index - 1]!.feed);
    if (sameFeed && bytes + file.bytes <= TASK_BYTES) tasks.at(-1)!.files.push(index);
    else {
      tasks.push({ files: [index], range: null });
      bytes = 0;
    }
    bytes += file.bytes;
  }
  return tasks;
}

function comparePlanOrder(a: RecognisedFile, b: RecognisedFile): number {
  const byFeed = compareText(feedKey(a.feed), feedKey(b.feed));
  const byTime = (a.firstStart ?? Number.MAX_VALUE) - (b.firstStart ?? Number.MAX_VALUE);
  // Whole paths: how an input was spelled on the command line must not decide which file counts as the later one.
  return byFeed || byTime || compareText(resolve(a.path), resolve(b.path));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
