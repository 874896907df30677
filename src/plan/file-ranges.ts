import { isPlain } from "../containers/container-entry.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import type { RecognisedFile } from "../feeds/recognise.js";

/** A range of a large file has about this many bytes: much more than it costs to begin one, much less than the file. */
export const RANGE_BYTES = 32 << 20;

/** Bytes [from, to) of a file: the records that begin in them. */
export interface FileRange {
  from: number;
  /** Infinity for the last range: it goes to the end of the file, wherever that is by then. */
  to: number;
}

/**
 * Cuts a large file into ranges that threads can decode side by side; null for a file that is read as a whole.
 *
 * Only bytes are counted here: where the first record of a range begins is found when it is read, and checked
 * against the end of the range before.
 */
export function fileRanges(file: RecognisedFile, rangeBytes: number): FileRange[] | null {
  const { bytes, dataStart } = file;
  if (bytes <= 2 * rangeBytes || dataStart >= bytes) return null;
  // What is packed can only be read from its beginning.
  if (!isPlain(file.source) || dependsOnRecordsBefore(file.feed)) return null;
  const count = Math.ceil((bytes - dataStart) / rangeBytes);
  const size = Math.ceil((bytes - dataStart) / count);
  const ranges: FileRange[] = [];
  for (let from = dataStart; from < bytes; from += size) ranges.push({ from, to: from + size });
  ranges.at(-1)!.to = Number.POSITIVE_INFINITY;
  return ranges;
}

/** Whether a record can mean something else, or be judged otherwise, for what stands before it in its file. */
function dependsOnRecordsBefore(feed: FeedDefinition): boolean {
  // The last record tells how many there are: only who reads all of them can say whether that is true.
  if (feed.recordTypes !== null) return true;
  // Which pass of a repeated hour a stamp is of is told by the location's stamps before.
  if (feed.repeatedHour === "by_order") return true;
  // The name that a short day's hour has at its first place in the file rules the other one out.
  if (feed.shortDayByEnd) return true;
  // The operating day stands on a line of its own, above the records or between them.
  return feed.dateAbove.length > 0;
}
