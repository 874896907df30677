import type { CompressionCodec } from "hyparquet";
import { snappyUncompress } from "hyparquet/src/snappy.js";
import { decompressZstd } from "./zstd.js";

/** A page of 200,000 rows takes a few megabytes; what claims to be larger than this for each row is damaged. */
const MOST_BYTES_PER_ROW = 64;
const MOST_FIXED_BYTES = 64 << 20;

/**
 * A page as it was before compression. zstd must have been loaded (zstd.ts).
 *
 * @param size what the page's header says; damaged headers must not have memory set aside for them
 * @param rows of the row group
 * @throws Error when the page is not so long, or is no page of the codec
 */
export function decompressPage(
  codec: CompressionCodec,
  page: Uint8Array,
  size: number,
  rows: number,
): Uint8Array {
  if (!(size >= 0 && size <= rows * MOST_BYTES_PER_ROW + MOST_FIXED_BYTES))
    throw new Error(`a page would have ${size} bytes`);
  const bytes = inflate(codec, page, size);
  if (bytes.length !== size) throw new Error(`a page has ${bytes.length} bytes, its header says ${size}`);
  return bytes;
}

function inflate(codec: CompressionCodec, page: Uint8Array, size: number): Uint8Array {
  if (codec === "UNCOMPRESSED") return page;
  if (size === 0) return new Uint8Array(0);
  if (codec === "SNAPPY") {
    const bytes = new Uint8Array(size);
    snappyUncompress(page, bytes);
    return bytes;
  }
  if (codec !== "ZSTD") throw new Error(`its pages are compressed with ${codec}`);
  // The decoder takes the frame's word for the memory that it needs.
  const content = frameContentSize(page);
  if (content !== null && content !== size)
    throw new Error(`a page has ${content} bytes, its header says ${size}`);
  return decompressZstd(page, size);
}

/** Content size that a zstd frame's header tells (RFC 8878, section 3.1.1.1), null where it tells none. */
function frameContentSize(frame: Uint8Array): number | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 9 || view.getUint32(0, true) !== 0xfd2fb528) throw new Error("a page is no zstd frame");
  const descriptor = frame[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryId = [0, 1, 2, 4][descriptor & 3]!;
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryId;
  switch (descriptor >>> 6) {
    case 0:
      return isSingleSegment ? view.getUint8(at) : null;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}
