import { crc32 } from "node:zlib";
import type { ContainerEntry } from "../containers/container-entry.js";
import { type RandomAccess, readAt } from "../containers/random-access.js";

/** Bytes at each end of a file that are looked at: a few records, and prices of another day differ in the first. */
const END_BYTES = 2048;

/**
 * A CRC-32 that tells a file from another one which was put in its place with the same size and time of change: a copy
 * that keeps times, a restored backup.
 *
 * Of what lies in an archive it is the archive's own checksum, of the whole content. Of a file on disk it is of the first
 * and last bytes, as they are there: the last ones of gzip hold the checksum of its content. What differs only in the
 * middle of a large file is not seen; that would take reading all of it.
 *
 * @param file the file on disk
 * @param ends of a plain file, what has been read of it: its first bytes and, where those are not all, its last
 */
export function contentSample(
  { locations }: ContainerEntry,
  file: RandomAccess,
  ends: { head: Buffer; tail: Buffer } | null,
): number {
  const location = locations.at(-1);
  if (location !== undefined) return location.crc32;
  if (ends !== null) return sampleOf(ends.head, ends.tail);
  const head = readAt(file, 0, END_BYTES);
  return sampleOf(head, readAt(file, Math.max(head.length, file.size - END_BYTES), END_BYTES));
}

function sampleOf(head: Buffer, tail: Buffer): number {
  const first = crc32(head.subarray(0, END_BYTES));
  const last =
    tail.length > 0
      ? tail.subarray(Math.max(0, tail.length - END_BYTES))
      : head.subarray(Math.max(END_BYTES, head.length - END_BYTES));
  // Of an empty buffer Node may give 0, whatever came before.
  return last.length === 0 ? first : crc32(last, first);
}
