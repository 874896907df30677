import { crc32, deflateRawSync } from "node:zlib";

/** A file of a zip that is to be written; every field of its headers can be made to lie. */
export interface ZipFile {
  name: string | Buffer;
  content: Uint8Array | string;
  /** Compression method; 0 stores, all others deflate. Default 8. */
  method?: number;
  /** General purpose bits, beside those that the other options set. */
  flags?: number;
  /** Sizes and CRC come after the data, as from a tool that writes to a pipe. */
  descriptor?: boolean;
  zip64?: boolean;
  /** Packed bytes as they are, instead of those that come from `content`. */
  packed?: Uint8Array;
  /** What the directory says instead of the truth. */
  declared?: { bytes?: number; compressedBytes?: number; crc32?: number; headerOffset?: number };
}

export interface ZipOptions {
  comment?: string;
  zip64?: boolean;
  /** Number of entries that the end record says. */
  entryCount?: number;
}

const ALL_ONES = 0xffffffff;

/** Writes a zip by the book (APPNOTE.TXT, sections 4.3.7 to 4.3.16), or as wrong as it is asked to be. */
export function zip(files: readonly ZipFile[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  const put = (part: Buffer) => {
    parts.push(part);
    offset += part.length;
  };
  for (const file of files) {
    const content = Buffer.from(file.content as Uint8Array);
    const method = file.method ?? 8;
    const packed = Buffer.from(file.packed ?? (method === 0 ? content : deflateRawSync(content)));
    const sum = crc32(content);
    const name = Buffer.from(file.name as string);
    const flags = (file.flags ?? 0) | (file.descriptor ? 8 : 0) | 0x800;
    const truth = { bytes: content.length, compressedBytes: packed.length, crc32: sum, headerOffset: offset };
    const known = file.descriptor ? { bytes: 0, compressedBytes: 0, crc32: 0 } : truth;
    const start = fixed(4, 0x04034b50, 2, 45, 2, flags, 2, method, 4, 0, 4, known.crc32);
    const local = sizesOf(known, null, file.zip64 ?? false);
    put(Buffer.concat([start, local.sizes, fixed(2, name.length, 2, local.extra.length), name, local.extra]));
    put(packed);
    if (file.descriptor) put(fixed(4, 0x08074b50, 4, sum, 4, packed.length, 4, content.length));
    const said = { ...truth, ...file.declared };
    const central = sizesOf(said, said.headerOffset, file.zip64 ?? false);
    directory.push(
      fixed(4, 0x02014b50, 2, 45, 2, 45, 2, flags, 2, method, 4, 0, 4, said.crc32),
      central.sizes,
      fixed(2, name.length, 2, central.extra.length, 2, 0, 2, 0, 2, 0, 4, 0),
      fixed(4, file.zip64 ? ALL_ONES : said.headerOffset),
      name,
      central.extra,
    );
  }
  return Buffer.concat([...parts, ...directory, ...endRecords(offset, directory, files.length, options)]);
}

function endRecords(
  offset: number,
  directory: readonly Buffer[],
  files: number,
  options: ZipOptions,
): Buffer[] {
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const count = options.entryCount ?? files;
  const comment = Buffer.from(options.comment ?? "");
  const end = (entries: number, bytes: number, start: number) =>
    Buffer.concat([
      fixed(4, 0x06054b50, 2, 0, 2, 0, 2, entries, 2, entries, 4, bytes, 4, start, 2, comment.length),
      comment,
    ]);
  if (!options.zip64) return [end(count, size, offset)];
  return [
    fixed(4, 0x06064b50, 8, 44, 2, 45, 2, 45, 4, 0, 4, 0, 8, count, 8, count, 8, size, 8, offset),
    fixed(4, 0x07064b50, 4, 0, 8, offset + size, 4, 1),
    end(0xffff, ALL_ONES, ALL_ONES),
  ];
}

/** The two size fields of a header, and the Zip64 extra field where they are in there. */
function sizesOf(
  { bytes, compressedBytes }: { bytes: number; compressedBytes: number },
  headerOffset: number | null,
  zip64: boolean,
): { sizes: Buffer; extra: Buffer } {
  if (!zip64) return { sizes: fixed(4, compressedBytes, 4, bytes), extra: Buffer.alloc(0) };
  const values = headerOffset === null ? [bytes, compressedBytes] : [bytes, compressedBytes, headerOffset];
  const extra = fixed(2, 1, 2, values.length * 8, ...values.flatMap((value) => [8, value]));
  return { sizes: fixed(4, ALL_ONES, 4, ALL_ONES), extra };
}

/** Little-endian numbers, given as pairs of width and value. */
function fixed(...pairs: number[]): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const part = Buffer.alloc(pairs[i]!);
    if (part.length === 8) part.writeBigUInt64LE(BigInt(pairs[i + 1]!));
    else part.writeUIntLE(pairs[i + 1]!, 0, part.length);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
