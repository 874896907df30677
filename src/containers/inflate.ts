import {
  createGunzip,
  createInflateRaw,
  type Gunzip,
  type InflateRaw,
  inflateRawSync,
  constants as zlib,
} from "node:zlib";
import { Damage } from "./container-entry.js";
import { type RandomAccess, readAt } from "./random-access.js";

/** Up to this size an entry is inflated in one call: a stream takes four times as long for a small one. */
const AT_ONCE_BYTES = 1 << 20;
/** Bytes that a step of a stream should come to: handing them between threads costs little, holding them too. */
const STEP_BYTES = 524_288;
const MIN_PACKED_STEP = 4096;
const MAX_PACKED_STEP = 131_072;
const REST_BYTES = 65_536;
/** What packed data may have before content: the longest tables of codes. */
const TABLES_BYTES = 512;
/** How much worse the beginning of price files is packed than all of them, mostly. */
const START_WORSE = 1.25;
/** How many times smaller gzip makes a price file, roughly. */
export const USUAL_RATIO = 8;

export type PackedFormat = "deflate" | "gzip";

/**
 * Inflates all of `packed`, in chunks; gzip may have any number of members, and zeros after them.
 *
 * Which bytes come before an error depends on `packed` alone, never on how fast they are taken.
 *
 * @param maxBytes what it may come to; beyond it, `tooMuch` is the reason of the error
 * @throws Damage, or zlib's error with a code `Z_…`
 */
export async function* inflate(
  packed: RandomAccess,
  format: PackedFormat,
  maxBytes: number,
  tooMuch: string,
): AsyncGenerator<Uint8Array> {
  if (format === "deflate" && maxBytes <= AT_ONCE_BYTES && packed.size <= 2 * AT_ONCE_BYTES) {
    yield inflateAtOnce(packed, maxBytes, tooMuch);
    return;
  }
  const ratio = format === "gzip" ? USUAL_RATIO : maxBytes / packed.size;
  const steps = new InflateSteps(packed, format, ratio, maxBytes, tooMuch);
  try {
    let next = steps.next();
    for (;;) {
      const chunks = await next;
      if (chunks === null) break;
      // The next step is taken by zlib's thread while this one's bytes are used. Its error waits until they are.
      next = steps.next();
      next.catch(() => {});
      yield* chunks;
    }
    checkRest(packed, steps.bytesUsed, format);
  } finally {
    steps.destroy();
  }
}

/**
 * A zlib stream that is driven in steps: some packed bytes in, all that they give out. Reading it as a stream would
 * give more or less of what comes before an error, by timing.
 */
class InflateSteps {
  readonly #packed: RandomAccess;
  readonly #stream: Gunzip | InflateRaw;
  readonly #packedStep: number;
  #position = 0;
  #chunks: Buffer[] = [];
  #ended = false;
  #error: Error | null = null;
  /** Ends the step that is under way. */
  #wake: () => void = () => {};

  /** @param ratio how many times larger the bytes will be, roughly; it decides about the size of the steps */
  constructor(packed: RandomAccess, format: PackedFormat, ratio: number, maxBytes: number, tooMuch: string) {
    this.#packed = packed;
    this.#packedStep = Math.round(
      Math.max(MIN_PACKED_STEP, Math.min(MAX_PACKED_STEP, STEP_BYTES / Math.max(1, ratio))),
    );
    const options = { chunkSize: STEP_BYTES };
    this.#stream = format === "gzip" ? createGunzip(options) : createInflateRaw(options);
    let total = 0;
    this.#stream.on("data", (chunk: Buffer) => {
      total += chunk.length;
      // Here and not where the bytes are used: a step of a bomb can come to a thousand times its packed bytes.
      if (total > maxBytes) this.#stream.destroy(new Damage(tooMuch));
      else this.#chunks.push(chunk);
    });
    this.#stream.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    this.#stream.on("error", (error) => {
      this.#error = error;
      this.#wake();
    });
  }

  /** Packed bytes that zlib has taken. */
  get bytesUsed(): number {
    return this.#stream.bytesWritten;
  }

  /** What the next packed bytes give; null after the end. */
  async next(): Promise<Buffer[] | null> {
    if (this.#ended) return null;
    const input = readAt(this.#packed, this.#position, this.#packedStep);
    this.#position += input.length;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // Data that end before the input does leave a write without an answer; then there is an "end".
      if (input.length === 0) this.#stream.end();
      else
        this.#stream.write(input, (error) => {
          this.#error ??= error ?? null;
          resolve();
        });
    });
    if (this.#error !== null) throw this.#error;
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

/**
 * The first `length` bytes of what raw deflate data hold, by inflating little more than that.
 *
 * @param ratio how many times larger all of it will be
 * @returns null where there are fewer, or too few in as many packed bytes
 * @throws zlib's error
 */
export function inflateStart(packed: RandomAccess, length: number, ratio: number): Buffer | null {
  // Stored as they are, the bytes take no more.
  const most = Math.min(packed.size, length + TABLES_BYTES);
  let step = Math.ceil((length / Math.max(1, ratio)) * START_WORSE) + TABLES_BYTES;
  // Room for what the first step gives, mostly; Node takes no less than 64.
  const chunkSize = 2 * Math.max(32, length);
  for (;;) {
    const input = readAt(packed, 0, Math.min(step, most));
    const content = inflateRawSync(input, { finishFlush: zlib.Z_SYNC_FLUSH, chunkSize });
    if (content.length >= length) return content.subarray(0, length);
    if (input.length === most) return null;
    step *= 2;
  }
}

function inflateAtOnce(packed: RandomAccess, maxBytes: number, tooMuch: string): Buffer {
  const input = readAt(packed, 0, packed.size);
  try {
    // With room for one byte more than there should be, one call of zlib is enough.
    const options = { maxOutputLength: Math.max(1, maxBytes), chunkSize: maxBytes + 64, info: true };
    // `info` makes it return the engine too; its type does not say so.
    const result = inflateRawSync(input, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    checkRest(packed, result.engine.bytesWritten, "deflate");
    return result.buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new Damage(tooMuch);
    throw error;
  }
}

/** zlib stops where the data say that they end: what comes after that must not be passed over in silence. */
function checkRest(packed: RandomAccess, used: number, format: PackedFormat): void {
  if (used === packed.size) return;
  if (format === "deflate")
    throw new Damage("is damaged: its compressed data end before their declared size");
  for (let position = used; position < packed.size; position += REST_BYTES) {
    if (readAt(packed, position, REST_BYTES).some((byte) => byte !== 0))
      throw new Damage("is damaged: something that is not gzip comes after its end");
  }
}
