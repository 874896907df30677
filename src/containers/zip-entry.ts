import { Damage, type EntryLocation, LimitExceeded } from "./container-entry.js";
import { LIMITS } from "./limits.js";
import { type RandomAccess, readAt } from "./random-access.js";

/** Bytes of a local header before its names. */
export const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = 0x04034b50;

/**
 * The packed bytes of an entry, found by its local header.
 *
 * @throws Damage when they are not there
 */
export function packedBytes(archive: RandomAccess, location: EntryLocation): { start: number; size: number } {
  const header = readAt(archive, location.headerOffset, LOCAL_HEADER_BYTES);
  if (header.length < LOCAL_HEADER_BYTES) throw new Damage("is cut off: the archive ends before it");
  if (header.readUInt32LE(0) !== LOCAL_HEADER)
    throw new Damage("is damaged: it is not where the archive's directory says");
  const start =
    location.headerOffset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + location.compressedBytes > archive.size)
    throw new Damage("is cut off: the archive ends before its end");
  return { start, size: location.compressedBytes };
}

export function tooManyEntries(): LimitExceeded {
  return new LimitExceeded(`has more than ${LIMITS.entries} entries; unpack it first`);
}

/** The reason for what unpacks to far more than any table of prices does. */
export function tooDense(): string {
  return `unpacks to more than ${LIMITS.ratio} times its size, as no price file does; it may be made to do harm`;
}
