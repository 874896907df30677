import type { CompressionCodec } from "hyparquet";
import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import type { Compression } from "../run/options.js";
import { compressZstd } from "./zstd.js";

/**
 * What a page holds: a dictionary, which may be the same object for many row groups; codes; codes that are known to be
 * close to noise; or values, of which a codec finds more the closer it looks.
 */
export type PageContent = "dictionary" | "codes" | "noise" | "values";

/** Compresses the pages of a column chunk. */
export interface PageCodec {
  name: CompressionCodec;
  /** @returns the compressed page in parts, of which some may lie in `page` */
  compress(page: Uint8Array, content: PageContent): Uint8Array[];
  /** Bytes that a page of codes comes to; null where packed codes always take the fewest. */
  sizeOf: ((codes: Uint8Array) => number) | null;
}

/** Pages of codes hold little that higher levels would find. */
const LEVEL = 1;
/**
 * Prices of four decimals come to 3.8 bytes by level 2, to 6.1 by level 1; level 3 takes a third longer for 3.7. Times
 * that are five minutes apart come to 3.2 and to 6. Sorted prices in whole cents come to 1.8 by either.
 */
const LEVEL_OF_VALUES = 2;
/** Pages of fewer bytes are stored: to set the codec up for one takes longer than to write it, and saves next to nothing. */
const FEW_BYTES = 256;
/** Largest block of a zstd frame (RFC 8878, section 3.1.1.2). */
const MAX_BLOCK = 128 * 1024;

/** @throws Error for zstd when it has not been loaded (zstd.ts) */
export function pageCodec(compression: Compression): PageCodec {
  switch (compression) {
    case "none":
      return { name: "UNCOMPRESSED", compress: (page) => [page], sizeOf: null };
    case "snappy":
      return { name: "SNAPPY", compress: (page) => [snappyCompress(page)], sizeOf: null };
    case "zstd":
      return { name: "ZSTD", compress: compressPage, sizeOf: (codes) => compressZstd(codes, LEVEL).length };
  }
}

/** A zstd frame; what is noise goes into it as it is. */
function compressPage(page: Uint8Array, content: PageContent): Uint8Array[] {
  if (content === "noise" || page.length < FEW_BYTES) return storedFrame(page);
  if (content === "dictionary") return [compressOnce(page)];
  return [compressZstd(page, content === "values" ? LEVEL_OF_VALUES : LEVEL)];
}

/** Dictionary pages of entities are the same objects for many row groups. */
const compressed = new WeakMap<Uint8Array, Uint8Array>();

function compressOnce(page: Uint8Array): Uint8Array {
  let frame = compressed.get(page);
  if (frame === undefined) {
    frame = compressZstd(page, LEVEL_OF_VALUES);
    compressed.set(page, frame);
  }
  return frame;
}

/**
 * A zstd frame of raw blocks (RFC 8878, sections 3.1.1.1 and 3.1.1.2): magic number, a descriptor that says single
 * segment and four bytes of content size, then each block with three bytes of header.
 *
 * @returns its parts: headers, and between them stretches of the page where they lie
 */
export function storedFrame(page: Uint8Array): Uint8Array[] {
  const blocks = Math.max(1, Math.ceil(page.length / MAX_BLOCK));
  const frame = new Uint8Array(9);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  frame[4] = 0b1010_0000;
  view.setUint32(5, page.length, true);
  const parts: Uint8Array[] = [frame];
  for (let block = 0; block < blocks; block++) {
    const from = block * MAX_BLOCK;
    const size = Math.min(MAX_BLOCK, page.length - from);
    const header = (size << 3) | (block === blocks - 1 ? 1 : 0);
    parts.push(Uint8Array.of(header, header >>> 8, header >>> 16));
    parts.push(page.subarray(from, from + size));
  }
  return parts;
}
