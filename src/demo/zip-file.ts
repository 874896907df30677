import { crc32, deflateRawSync } from "node:zlib";

/** A file to put into a zip. */
export interface ZipEntry {
  name: string;
  content: Buffer;
}

const VERSION = 20;
/** Sizes and checksum come after the data (bit 3), names are UTF-8 (bit 11): what the markets' own zips say. */
const FLAGS = 0x0808;
const DEFLATE = 8;
/** 1980-01-01, the first day that a zip can say: the same files always give the same bytes. */
const DATE = 0x21;

/**
 * A zip with the files, deflated, in the order given (APPNOTE.TXT, sections 4.3.7 to 4.3.16). Without Zip64: for up
 * to 65,535 files of 4 GB together.
 */
export function zipFile(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const packed = deflateRawSync(entry.content);
    const sizes = [word(crc32(entry.content)), word(packed.length), word(entry.content.length)];
    const shared = [half(VERSION), half(FLAGS), half(DEFLATE), half(0), half(DATE)];
    const nameLengths = [half(name.length), half(0)];
    const local = [word(0x04034b50), ...shared, word(0), word(0), word(0), ...nameLengths, name];
    const file = Buffer.concat([...local, packed, word(0x08074b50), ...sizes]);
    directory.push(
      ...[word(0x02014b50), half(VERSION), ...shared, ...sizes, ...nameLengths],
      // no comment, first disk, no attributes
      ...[half(0), half(0), half(0), word(0), word(offset), name],
    );
    parts.push(file);
    offset += file.length;
  }
  const index = Buffer.concat(directory);
  const counts = [half(entries.length), half(entries.length)];
  const end = [word(0x06054b50), half(0), half(0), ...counts, word(index.length), word(offset), half(0)];
  return Buffer.concat([...parts, index, ...end]);
}

function half(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
