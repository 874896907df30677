import { crc32 } from "node:zlib";
import { Damage, type EntryLocation } from "./container-entry.js";
import { inflate, inflateStart } from "./inflate.js";
import { LIMITS } from "./limits.js";
import { inMemory, partOf, type RandomAccess, readAt } from "./random-access.js";
import { packedBytes, tooDense } from "./zip-entry.js";

const STORED_CHUNK_BYTES = 262_144;
const MORE_THAN_DECLARED = "is damaged: it holds more than the archive's directory declares";

/**
 * The content of an entry of a zip, in chunks. The last chunk comes only after size and CRC have been found right.
 *
 * @throws Damage, or zlib's error
 */
export async function* entryBytes(
  archive: RandomAccess,
  location: EntryLocation,
): AsyncGenerator<Uint8Array> {
  const { start, size } = packedBytes(archive, location);
  const packed = partOf(archive, start, size);
  const chunks =
    location.method === "stored"
      ? storedBytes(packed)
      : inflate(packed, "deflate", location.bytes, MORE_THAN_DECLARED);
  let total = 0;
  let sum = 0;
  let held: Uint8Array | null = null;
  for await (const chunk of chunks) {
    if (held !== null) yield held;
    held = chunk;
    total += chunk.length;
    sum = crc32(chunk, sum);
  }
  if (total !== location.bytes) throw new Damage("is damaged: its size is not the declared one");
  if (sum !== location.crc32) throw new Damage("is damaged: its checksum (CRC-32) is wrong");
  if (held !== null) yield held;
}

/**
 * The first `length` bytes of an entry's content, or all of them where they are fewer, unchecked: neither size nor CRC
 * is known before the end.
 *
 * @returns null where they cannot be had by inflating a little; reading the entry will do, or say why not
 * @throws Damage when the packed bytes are not there
 */
export function entryStart(archive: RandomAccess, location: EntryLocation, length: number): Buffer | null {
  const { start, size } = packedBytes(archive, location);
  const packed = partOf(archive, start, size);
  const wanted = Math.min(length, location.bytes);
  if (location.method === "stored") return readAt(packed, 0, wanted);
  try {
    return inflateStart(packed, wanted, location.bytes / Math.max(1, size));
  } catch {
    return null;
  }
}

/** The content of a gzip file, in chunks. */
export function gzipBytes(packed: RandomAccess): AsyncGenerator<Uint8Array> {
  const maxBytes = Math.min(LIMITS.totalBytes, Math.max(LIMITS.ratioFrom, LIMITS.ratio * packed.size));
  return inflate(packed, "gzip", maxBytes, tooDense());
}

/**
 * An entry that is an archive itself, for reading at any position: in place where it is stored as it is, else unpacked
 * into memory.
 *
 * @throws Damage, also when it is too large to be held; or zlib's error
 */
export async function entryAccess(archive: RandomAccess, location: EntryLocation): Promise<RandomAccess> {
  if (location.method === "stored") {
    const { start, size } = packedBytes(archive, location);
    return partOf(archive, start, size);
  }
  if (location.bytes > LIMITS.heldBytes) {
    const limit = `${LIMITS.heldBytes / 2 ** 20} MiB`;
    throw new Damage(
      `is a compressed archive in an archive and larger than ${limit}; unpack the outer one first`,
    );
  }
  const content = Buffer.allocUnsafe(location.bytes);
  let filled = 0;
  for await (const chunk of entryBytes(archive, location)) {
    content.set(chunk, filled);
    filled += chunk.length;
  }
  return inMemory(content);
}

async function* storedBytes(packed: RandomAccess): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < packed.size; ) {
    const chunk = readAt(packed, position, STORED_CHUNK_BYTES);
    if (chunk.length === 0) return;
    position += chunk.length;
    yield chunk;
  }
}
