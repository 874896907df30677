import type { FileHandle } from "node:fs/promises";
import { type FileMetaData, parquetMetadata } from "hyparquet";
import { MAGIC } from "./footer.js";

/** Most footers of year files are shorter: one read gets them. */
const FIRST_READ = 128 * 1024;
/** The footer's length and the magic bytes at the end of a file. */
const END_BYTES = 8;

/** A file that is not Parquet, or not whole. */
export class DamagedFileError extends Error {
  /** What of the file is damaged. */
  readonly part: "magic" | "footer";

  constructor(part: "magic" | "footer", message: string) {
    super(message);
    this.part = part;
  }
}

/** A file's footer as bytes. */
export interface FooterBytes {
  /** Metadata, its length, `PAR1`. */
  bytes: Uint8Array;
  /** Size of the file. */
  fileBytes: number;
}

/** A file's footer and where it lies. */
export interface Footer extends FooterBytes {
  metadata: FileMetaData;
}

/** Statistics as they are stored: times in microseconds, dates in days. */
const AS_STORED = {
  timestampFromMicroseconds: (micros: bigint) => micros,
  dateFromDays: (days: number) => days,
};
/** Statistics in the form in which a footer is written: times and dates as Date. */
export const AS_WRITTEN = {};

type StatisticsForm = typeof AS_STORED | typeof AS_WRITTEN;

/**
 * Reads the footer of a Parquet file, and of the rest the first four bytes alone.
 *
 * @param form of the statistics; as they are stored unless told
 * @throws DamagedFileError when the file is not whole; an error of the system when it cannot be read
 */
export async function readFooter(handle: FileHandle, form: StatisticsForm = AS_STORED): Promise<Footer> {
  const footer = await readFooterBytes(handle);
  return { metadata: parseFooter(footer.bytes, form), ...footer };
}

/** {@link readFooter}, as bytes. */
export async function readFooterBytes(handle: FileHandle): Promise<FooterBytes> {
  const { size } = await handle.stat();
  if (size === 0) throw new DamagedFileError("magic", "it is empty");
  if (size < MAGIC.length + END_BYTES) throw new DamagedFileError("magic", `it has only ${size} bytes`);
  const first = await readBytes(handle, 0, MAGIC.length);
  if (!isMagic(first)) throw new DamagedFileError("magic", "it does not begin with PAR1");
  let tail = await readBytes(handle, Math.max(0, size - FIRST_READ), Math.min(size, FIRST_READ));
  if (!isMagic(tail.subarray(-MAGIC.length)))
    throw new DamagedFileError("magic", "it does not end with PAR1: it is cut off, or something was added");
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = view.getUint32(tail.length - END_BYTES, true) + END_BYTES;
  if (length > size - MAGIC.length)
    throw new DamagedFileError("footer", `its footer would be longer than the file: ${length} bytes`);
  if (length > tail.length) tail = await readBytes(handle, size - length, length);
  return { bytes: tail.subarray(-length), fileBytes: size };
}

/**
 * What a footer says.
 *
 * @throws DamagedFileError when it cannot be read
 */
export function parseFooter(bytes: Uint8Array, form: StatisticsForm): FileMetaData {
  try {
    const metadata = parquetMetadata(bytes, { parsers: form as never, geoparquet: false });
    if (!Array.isArray(metadata.schema) || !Array.isArray(metadata.row_groups))
      throw new Error("parts are missing");
    return metadata;
  } catch (error) {
    throw new DamagedFileError("footer", `its footer cannot be read: ${(error as Error).message}`);
  }
}

function isMagic(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, MAGIC) === 0;
}

/** Bytes [from, from + length) of a file. */
export function readBytes(
  handle: FileHandle,
  from: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return readInto(handle, from, new Uint8Array(length));
}

/** Fills `bytes` with those of a file from `from` on; returns it. */
export async function readInto(
  handle: FileHandle,
  from: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { length } = bytes;
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, from + done);
    if (bytesRead === 0) throw new DamagedFileError("magic", "it became shorter while it was read");
    done += bytesRead;
  }
  return bytes;
}

/** Values of a file's key-value metadata. */
export function keyValues({ key_value_metadata: pairs }: FileMetaData): Map<string, string> {
  return new Map((pairs ?? []).map(({ key, value }) => [key, value ?? ""]));
}
