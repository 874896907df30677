import {
  type ContainerEntry,
  type ContainerListing,
  Damage,
  type EntryLocation,
  LimitExceeded,
  type RefusedEntry,
  reasonOf,
} from "./container-entry.js";
import { entryAccess, entryStart } from "./entry-bytes.js";
import { USUAL_RATIO } from "./inflate.js";
import { LIMITS } from "./limits.js";
import { OpenFile, type RandomAccess, readAt } from "./random-access.js";
import type { ZipMember } from "./zip-directory.js";
import { tooManyEntries } from "./zip-entry.js";

/** Bytes that tell what something is. */
const FORMAT_BYTES = 4;
/** A gzip file tells its content's size only modulo 4 GiB; beyond this size of its own that is not believed. */
const MAX_SIZE_BELIEVED = 128 << 20;
const GZIP_MIN_BYTES = 18;

/** An entry, or why it cannot be read. */
export type FoundEntry = ReadableEntry | RefusedEntry;

export interface ReadableEntry {
  source: ContainerEntry;
  /** As many of its first bytes as were asked for, where it has more and they are at hand. */
  head: Buffer | null;
}

/**
 * What a file on disk holds: itself, or the entries of an archive and of the archives in it. The first bytes tell which;
 * names do not count.
 *
 * Never throws: a file that cannot be read, or is no whole archive, is refused with the reason.
 */
export async function listContainer(path: string): Promise<ContainerListing> {
  let file: OpenFile;
  try {
    file = new OpenFile(path);
  } catch (error) {
    return refusedWhole(path, error);
  }
  try {
    return await listOpenFile(path, file);
  } finally {
    file.close();
  }
}

/** {@link listContainer} for a file that is open already. */
export async function listOpenFile(path: string, file: RandomAccess): Promise<ContainerListing> {
  const listing: ContainerListing = { entries: [], refused: [] };
  try {
    for await (const found of findEntries(path, file)) {
      if ("reason" in found) listing.refused.push(found);
      else listing.entries.push(found.source);
    }
  } catch (error) {
    return refusedWhole(path, error);
  }
  return listing;
}

function refusedWhole(path: string, error: unknown): ContainerListing {
  return { entries: [], refused: [{ path, entry: [], reason: reasonOf(error), failed: true }] };
}

/**
 * Finds what {@link listOpenFile} lists, one after the other.
 *
 * @param headBytes how much of each entry's beginning the caller will look at: of what is inflated to tell an archive
 *   from a file, that need not be inflated again
 * @throws Damage, or what reading or inflating says: nothing of the file is to be used then
 */
export function findEntries(
  path: string,
  file: RandomAccess,
  headBytes = FORMAT_BYTES,
): AsyncGenerator<FoundEntry, void> {
  return new Finder(path, headBytes).visit(file, [], []);
}

/** Most folders have no zip in them: yauzl is loaded with the first one. */
let zipDirectory: typeof import("./zip-directory.js") | undefined;

class Finder {
  readonly #path: string;
  readonly #headBytes: number;
  #entries = 0;
  #bytes = 0;

  constructor(path: string, headBytes: number) {
    this.#path = path;
    this.#headBytes = headBytes;
  }

  /** Finds what is in `content`; `entry` and `locations` say where it lies. */
  async *visit(
    content: RandomAccess,
    entry: string[],
    locations: EntryLocation[],
  ): AsyncGenerator<FoundEntry, void> {
    const format = formatOf(readAt(content, 0, FORMAT_BYTES));
    if (format === "zip") {
      yield* this.#visitZip(content, entry, locations);
      return;
    }
    const gzip = format === "gzip";
    const bytes = gzip ? estimateGzipBytes(content) : content.size;
    yield { source: { path: this.#path, entry, bytes, locations, gzip }, head: null };
  }

  async *#visitZip(
    archive: RandomAccess,
    entry: string[],
    locations: EntryLocation[],
  ): AsyncGenerator<FoundEntry, void> {
    zipDirectory ??= await import("./zip-directory.js");
    const { readZipDirectory } = zipDirectory;
    const members = await readZipDirectory(archive);
    if (members.length === 0) {
      yield this.#refusal(entry, "is an archive without a file in it", false);
      return;
    }
    // Workbooks and text documents are zips of XML parts that mean nothing one by one.
    if (members.some(({ name }) => name === "[Content_Types].xml")) {
      yield this.#refusal(entry, "is an Office document, such as an Excel workbook; save it as CSV", false);
      return;
    }
    this.#count(members);
    for (const member of members) {
      const { name, refusal } = member;
      // Not spread: that leaves room for more in each array, and these are kept for every file of a run.
      const inside = entry.concat(name);
      try {
        if (refusal !== null) yield this.#refusal(inside, refusal, true);
        else yield* this.#visitMember(archive, inside, locations.concat(locationOf(member)));
      } catch (error) {
        if (error instanceof LimitExceeded) throw error;
        yield this.#refusal(inside, reasonOf(error), true);
      }
    }
  }

  async *#visitMember(
    archive: RandomAccess,
    entry: string[],
    locations: EntryLocation[],
  ): AsyncGenerator<FoundEntry, void> {
    const location = locations.at(-1)!;
    const { bytes } = location;
    const isLarge = bytes > this.#headBytes;
    const start = entryStart(archive, location, isLarge ? this.#headBytes : FORMAT_BYTES);
    // Where the first bytes cannot be inflated, reading it will say why.
    if (start === null || formatOf(start) === "plain") {
      // What is small will be read as a whole, which checks its size and sum.
      const head = isLarge ? start : null;
      yield { source: { path: this.#path, entry, bytes, locations, gzip: false }, head };
      return;
    }
    if (locations.length >= LIMITS.depth)
      throw new Damage(`is an archive inside of ${LIMITS.depth} others; unpack the outermost first`);
    yield* this.visit(await entryAccess(archive, location), entry, locations);
  }

  /** @throws LimitExceeded when the file as a whole has too much in it */
  #count(members: readonly ZipMember[]): void {
    this.#entries += members.length;
    for (const { refusal, bytes } of members) if (refusal === null) this.#bytes += bytes;
    if (this.#entries > LIMITS.entries) throw tooManyEntries();
    if (this.#bytes > LIMITS.totalBytes)
      throw new LimitExceeded(`unpacks to more than ${LIMITS.totalBytes / 2 ** 30} GiB; unpack it first`);
  }

  #refusal(entry: string[], reason: string, failed: boolean): RefusedEntry {
    return { path: this.#path, entry, reason, failed };
  }
}

function locationOf({ headerOffset, method, compressedBytes, bytes, crc32 }: ZipMember): EntryLocation {
  return { headerOffset, method, compressedBytes, bytes, crc32 };
}

/** What bytes are, by the first four of them. */
function formatOf(head: Uint8Array): "zip" | "gzip" | "plain" {
  const [a, b, c, d] = head;
  // A local header, the end records of an empty zip (Zip64 too), the marker of a zip in parts.
  const isRecord = c !== undefined && d === c + 1 && (c === 3 || c === 5 || c === 7);
  if (a === 0x50 && b === 0x4b && (isRecord || (c === 6 && d === 6))) return "zip";
  return a === 0x1f && b === 0x8b ? "gzip" : "plain";
}

/** Size of the content of a gzip file: from its last four bytes if that can be, else by the usual ratio. */
function estimateGzipBytes(packed: RandomAccess): number {
  const guess = packed.size * USUAL_RATIO;
  if (packed.size < GZIP_MIN_BYTES || packed.size > MAX_SIZE_BELIEVED) return guess;
  const declared = readAt(packed, packed.size - 4, 4).readUInt32LE();
  // Several members, or padding at the end: the last four bytes tell the size of a part, or nothing.
  const possible = declared > (packed.size - GZIP_MIN_BYTES) / 2 && declared <= packed.size * LIMITS.ratio;
  return possible ? declared : guess;
}
