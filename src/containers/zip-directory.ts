import type { Entry } from "yauzl";
import {
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  validateFileName,
} from "yauzl";
import { Damage, type EntryLocation } from "./container-entry.js";
import { LIMITS } from "./limits.js";
import { inMemory, type RandomAccess, readAt } from "./random-access.js";
import { LOCAL_HEADER_BYTES, tooDense, tooManyEntries } from "./zip-entry.js";

/** Bytes read ahead: an entry of the directory has about a hundred, and they are read one after the other. */
const WINDOW_BYTES = 65_536;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
/** Names of compression methods that are met in practice (APPNOTE.TXT, section 4.4.5). */
const METHODS: Readonly<Record<number, string>> = {
  1: "Shrink",
  6: "Implode",
  9: "Deflate64",
  12: "BZIP2",
  14: "LZMA",
  93: "Zstandard",
  95: "XZ",
  98: "PPMd",
  99: "AES encryption",
};

/** An entry of a zip as its central directory has it. */
export interface ZipMember extends EntryLocation {
  name: string;
  /** Why it cannot be read, as in `RefusedEntry`; null when it can. */
  refusal: string | null;
}

/**
 * The files of a zip, in the order of its central directory; folders are left out.
 *
 * @throws Damage when there is no whole directory, LimitExceeded when there are too many entries
 */
export async function readZipDirectory(archive: RandomAccess): Promise<ZipMember[]> {
  const members: ZipMember[] = [];
  try {
    const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
    const zip = await fromRandomAccessReaderPromise(new DirectoryReader(archive), archive.size, options);
    if (zip.entryCount > LIMITS.entries) throw tooManyEntries();
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry);
      const isFolder = name.endsWith("/") && entry.uncompressedSize === 0;
      if (!isFolder) members.push(toMember(entry, name, archive.size));
    }
    // The count wraps at 65,536 in zips that should have been Zip64; entries must not be lost by it.
    const next = readAt(archive, Number(zip.readEntryCursor), 4);
    if (next.length === 4 && next.readUInt32LE() === DIRECTORY_ENTRY)
      throw new Damage("is damaged: its directory has more entries than it counts");
  } catch (error) {
    if (error instanceof Damage) throw error;
    throw new Damage(`is cut off or damaged: ${(error as Error).message}`, { cause: error });
  }
  refuseRepeatedNames(members);
  const packed = members.reduce((sum, { refusal, compressedBytes }) => {
    return refusal === null ? sum + compressedBytes + LOCAL_HEADER_BYTES : sum;
  }, 0);
  if (packed > archive.size) throw new Damage("is damaged, or made to do harm: its entries overlap");
  return members;
}

/** Lets the directory be read through a window, without a trip through the event loop for each entry. */
class DirectoryReader extends RandomAccessReader {
  readonly #archive: RandomAccess;
  #window = inMemory(new Uint8Array());
  #windowStart = 0;

  constructor(archive: RandomAccess) {
    super();
    this.#archive = archive;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    let bytesRead: number;
    try {
      bytesRead = this.#copy(buffer, offset, length, position);
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback(null, bytesRead);
  }

  #copy(buffer: Buffer, offset: number, length: number, position: number): number {
    if (position > this.#archive.size) return 0;
    if (position < this.#windowStart || position + length > this.#windowStart + this.#window.size) {
      this.#window = inMemory(readAt(this.#archive, position, Math.max(length, WINDOW_BYTES)));
      this.#windowStart = position;
    }
    return this.#window.read(buffer, offset, length, position - this.#windowStart);
  }
}

function nameOf(entry: Entry): string {
  return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
}

function toMember(entry: Entry, name: string, archiveBytes: number): ZipMember {
  return {
    name,
    headerOffset: entry.relativeOffsetOfLocalHeader,
    method: entry.compressionMethod === STORED ? "stored" : "deflated",
    compressedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    crc32: entry.crc32,
    refusal: whyRefused(entry, name, archiveBytes),
  };
}

function whyRefused(entry: Entry, name: string, archiveBytes: number): string | null {
  const { compressedSize, uncompressedSize, compressionMethod, relativeOffsetOfLocalHeader } = entry;
  if (name === "") return "is an entry without a name";
  // Nothing is ever written under these names; archives that have them were made to do harm or by broken tools.
  if (validateFileName(name) !== null)
    return "has a name that leads out of the archive, or backslashes or a drive in its name";
  if (name.endsWith("/")) return "is damaged: it has the name of a folder and the size of a file";
  if (entry.isEncrypted()) return "is encrypted; unpack it with its password first";
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    const method = METHODS[compressionMethod] ?? `method ${compressionMethod}`;
    return `is compressed with ${method}, which cannot be read; unpack it first`;
  }
  if (compressionMethod === STORED && compressedSize !== uncompressedSize)
    return "is damaged: it is stored as it is, but with two sizes";
  if (relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + compressedSize > archiveBytes)
    return "is cut off: the archive ends before its end";
  if (uncompressedSize > LIMITS.ratioFrom && uncompressedSize > LIMITS.ratio * compressedSize)
    return tooDense();
  return null;
}

/** Two entries of one name cannot be told apart in reports, and most tools would keep only one of them. */
function refuseRepeatedNames(members: readonly ZipMember[]): void {
  const names = new Set<string>();
  for (const member of members) {
    if (names.has(member.name)) member.refusal ??= "has the name of an entry before it";
    names.add(member.name);
  }
}
