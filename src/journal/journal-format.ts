import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { openIfThere } from "../open-if-there.js";

/*
 * A journal file:
 *
 *   magic (8 bytes) | version (u32) | bytes of the text (u32) | bytes of the arrays (f64)
 *   text: JSON, in which {"$array": [type, length]} stands for the next of the arrays
 *   arrays: their bytes one after the other
 *   CRC-32 of all that is before it (u32)
 *
 * Numbers are little-endian, and so are the arrays' on every machine that Node runs on.
 */

const MAGIC = new TextEncoder().encode("gpjournl");
const VERSION = 2;
const HEADER_BYTES = MAGIC.length + 16;
const CRC_BYTES = 4;
/** Bytes that are written or checked at a time. */
const CHUNK_BYTES = 1 << 18;

const ARRAYS = {
  Uint8Array,
  Int32Array,
  Float64Array,
} as const;
type ArrayName = keyof typeof ARRAYS;
type Columns = InstanceType<(typeof ARRAYS)[ArrayName]>;

/** What was read: a value, or why there is none. */
export type JournalContent = { value: unknown } | { damage: string };

/**
 * Writes a value to a new file, flushed to the disk: plain data, with big integers, Maps and typed arrays in it. The
 * arrays go to the disk from where they lie.
 */
export async function writeJournal(path: string, value: unknown): Promise<void> {
  const arrays: Columns[] = [];
  const text = Buffer.from(JSON.stringify(value, storable(arrays)));
  const handle = await open(path, "w");
  try {
    const file = new CheckedFile(handle);
    const header = Buffer.alloc(HEADER_BYTES);
    header.set(MAGIC);
    header.writeUInt32LE(VERSION, 8);
    header.writeUInt32LE(text.length, 12);
    header.writeDoubleLE(
      arrays.reduce((sum, { byteLength }) => sum + byteLength, 0),
      16,
    );
    await file.append(header);
    await file.append(text);
    for (const array of arrays) await file.append(bytesOf(array));
    await file.end();
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reads what {@link writeJournal} wrote, each array in a buffer of its own; null where there is no file. */
export async function readJournal(path: string): Promise<JournalContent | null> {
  const handle = await openIfThere(path);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    if (size < HEADER_BYTES + CRC_BYTES) return { damage: "is cut off" };
    const header = Buffer.alloc(HEADER_BYTES);
    await readFully(handle, header, 0);
    if (!header.subarray(0, MAGIC.length).equals(MAGIC)) return { damage: "is no journal" };
    if (header.readUInt32LE(8) !== VERSION) return { damage: "is of another version" };
    const textBytes = header.readUInt32LE(12);
    if (HEADER_BYTES + textBytes + header.readDoubleLE(16) + CRC_BYTES !== size)
      return { damage: "is cut off" };
    if (!(await isIntact(handle, size - CRC_BYTES))) return { damage: "is damaged" };
    return { value: await readContent(handle, textBytes) };
  } finally {
    await handle.close();
  }
}

async function isIntact(handle: FileHandle, end: number): Promise<boolean> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let crc = 0;
  for (let at = 0; at < end; ) {
    const part = chunk.subarray(0, Math.min(chunk.length, end - at));
    await readFully(handle, part, at);
    crc = crc32(part, crc);
    at += part.length;
  }
  await readFully(handle, chunk.subarray(0, CRC_BYTES), end);
  return chunk.readUInt32LE(0) === crc;
}

async function readContent(handle: FileHandle, textBytes: number): Promise<unknown> {
  const text = Buffer.alloc(textBytes);
  await readFully(handle, text, HEADER_BYTES);
  const arrays: Columns[] = [];
  const value: unknown = JSON.parse(text.toString(), restored(arrays));
  let at = HEADER_BYTES + textBytes;
  for (const array of arrays) {
    await readFully(handle, bytesOf(array), at);
    at += array.byteLength;
  }
  return value;
}

async function readFully(handle: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) throw new Error("the journal became shorter while it was read");
    done += bytesRead;
  }
}

/** What JSON has no words for, as an object with one key that begins with `$`. */
function storable(arrays: Columns[]): (this: unknown, key: string, value: unknown) => unknown {
  return function (this: unknown, key: string, value: unknown): unknown {
    if (typeof value === "bigint") return { $bigint: `${value}` };
    // A zero may have a sign, of which the bytes of a footer tell.
    if (typeof value === "number")
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: signed(value) };
    if (value instanceof Map) return { $map: [...value] };
    const original = (this as Record<string, unknown>)[key];
    if (original instanceof Date) return { $date: original.getTime() };
    // It would be kept as what its own toJSON makes of it.
    if (Buffer.isBuffer(original)) throw new Error("a journal cannot hold a Buffer");
    if (!ArrayBuffer.isView(value)) return value;
    const name = (Object.keys(ARRAYS) as ArrayName[]).find((known) => value instanceof ARRAYS[known]);
    if (name === undefined) throw new Error(`a journal cannot hold a ${value.constructor.name}`);
    arrays.push(value as Columns);
    return { $array: [name, (value as Columns).length] };
  };
}

function signed(value: number): string {
  return Object.is(value, -0) ? "-0" : `${value}`;
}

function restored(arrays: Columns[]): (key: string, value: unknown) => unknown {
  return (_key, value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const [name, ...others] = Object.keys(value);
    if (name === undefined || others.length > 0 || !name.startsWith("$")) return value;
    const content = (value as Record<string, unknown>)[name];
    switch (name) {
      case "$bigint":
        return BigInt(content as string);
      case "$number":
        return Number(content);
      case "$map":
        return new Map(content as [unknown, unknown][]);
      case "$date":
        return new Date(content as number);
      case "$array": {
        const [type, length] = content as [ArrayName, number];
        const array = new ARRAYS[type](length);
        arrays.push(array);
        return array;
      }
      default:
        return value;
    }
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Columns): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Appends to a file through one small buffer and ends it with the checksum of what was appended. */
class CheckedFile {
  readonly #handle: FileHandle;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #filled = 0;
  #crc = 0;
  #size = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + CHUNK_BYTES - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === CHUNK_BYTES) await this.#flush();
    }
  }

  async end(): Promise<void> {
    await this.#flush();
    this.#chunk.writeUInt32LE(this.#crc, 0);
    this.#filled = CRC_BYTES;
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = this.#chunk.subarray(0, this.#filled);
    this.#crc = crc32(bytes, this.#crc);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size + done);
      done += bytesWritten;
    }
    this.#size += bytes.length;
    this.#filled = 0;
  }
}
