import {
  type ContainerListing,
  Damage,
  type EntryLocation,
  LimitExceeded,
  reasonOf,
} from "./container-entry.js";
import { entryAccess } from "./entry-bytes.js";
import { inflateStart, USUAL_RATIO } from "./inflate.js";
import { LIMITS } from "./limits.js";
import { OpenFile, type RandomAccess, readAt } from "./random-access.js";
import type { ZipMember } from "./zip-directory.js";
import { packedBytes, tooManyEntries } from "./zip-entry.js";

/** Packed bytes that are inflated to see what an entry is: room for the longest table of codes before them. */
const START_BYTES = 512;
/** A gzip file tells its content's size only modulo 4 GiB; beyond this size of its own that is not believed. */
const MAX_SIZE_BELIEVED = 128 << 20;
const GZIP_MIN_BYTES = 18;

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
  const lister = new Lister(path);
  try {
    await lister.visit(file, [], []);
  } catch (error) {
    return refusedWhole(path, error);
  }
  return lister.listing;
}

function refusedWhole(path: string, error: unknown): ContainerListing {
  return { entries: [], refused: [{ path, entry: [], reason: reasonOf(error), failed: true }] };
}

/** Most folders have no zip in them: yauzl is loaded with the first one. */
let zipDirectory: typeof import("./zip-directory.js") | undefined;

class Lister {
  readonly listing: ContainerListing = { entries: [], refused: [] };
  readonly #path: string;
  #entries = 0;
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Lists what `content` is; `entry` and `locations` say where it lies. */
  async visit(content: RandomAccess, entry: string[], locations: EntryLocation[]): Promise<void> {
    const format = formatOf(readAt(content, 0, 4));
    if (format === "zip") return this.#visitZip(content, entry, locations);
    const gzip = format === "gzip";
    const bytes = gzip ? estimateGzipBytes(content) : content.size;
    this.listing.entries.push({ path: this.#path, entry, bytes, locations, gzip });
  }

  async #visitZip(archive: RandomAccess, entry: string[], locations: EntryLocation[]): Promise<void> {
    zipDirectory ??= await import("./zip-directory.js");
    const { readZipDirectory } = zipDirectory;
    const members = await readZipDirectory(archive);
    if (members.length === 0) return this.#refuse(entry, "is an archive without a file in it", false);
    // Workbooks and text documents are zips of XML parts that mean nothing one by one.
    if (members.some(({ name }) => name === "[Content_Types].xml"))
      return this.#refuse(entry, "is an Office document, such as an Excel workbook; save it as CSV", false);
    this.#count(members);
    for (const member of members) {
      const { name, refusal } = member;
      // Not spread: that leaves room for more in each array, and these are kept for every file of a run.
      const inside = entry.concat(name);
      try {
        if (refusal !== null) this.#refuse(inside, refusal, true);
        else await this.#visitMember(archive, inside, locations.concat(locationOf(member)));
      } catch (error) {
        if (error instanceof LimitExceeded) throw error;
        this.#refuse(inside, reasonOf(error), true);
      }
    }
  }

  async #visitMember(archive: RandomAccess, entry: string[], locations: EntryLocation[]): Promise<void> {
    const location = locations.at(-1)!;
    if (formatOf(firstBytes(archive, location)) === "plain") {
      this.listing.entries.push({ path: this.#path, entry, bytes: location.bytes, locations, gzip: false });
      return;
    }
    if (locations.length >= LIMITS.depth)
      throw new Damage(`is an archive inside of ${LIMITS.depth} others; unpack the outermost first`);
    await this.visit(await entryAccess(archive, location), entry, locations);
  }

  /** @throws LimitExceeded when the file as a whole has too much in it */
  #count(members: readonly ZipMember[]): void {
    this.#entries += members.length;
    for (const { refusal, bytes } of members) if (refusal === null) this.#bytes += bytes;
    if (this.#entries > LIMITS.entries) throw tooManyEntries();
    if (this.#bytes > LIMITS.totalBytes)
      throw new LimitExceeded(`unpacks to more than ${LIMITS.totalBytes / 2 ** 30} GiB; unpack it first`);
  }

  #refuse(entry: string[], reason: string, failed: boolean): void {
    this.listing.refused.push({ path: this.#path, entry, reason, failed });
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

/** The first bytes of an entry's content, none where they cannot be inflated: reading it will say why. */
function firstBytes(archive: RandomAccess, location: EntryLocation): Uint8Array {
  const { start, size } = packedBytes(archive, location);
  const packed = readAt(archive, start, Math.min(size, START_BYTES));
  if (location.method === "stored") return packed;
  try {
    return inflateStart(packed);
  } catch {
    return new Uint8Array();
  }
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
