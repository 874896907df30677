import type { CompressionCodec } from "hyparquet";
import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import type { Compression } from "../run/options.js";
import { compressZstd } from "./zstd.js";

/**
 * What a page holds: a dictionary, which may be the same object for many row groups; bit-packed codes, which may be
 * close to noise; or anything else, which is worth compressing.
 */
export type PageContent = "dictionary" | "codes" | "values";

/** Compresses the pages of a column chunk. */
export interface PageCodec {
  name: CompressionCodec;
  /** @returns the compressed page in parts, of which some may lie in `page` */
  compress(page: Uint8Array, content: PageContent): Uint8Array[];
}

/** Packed codes of which this much does not get below {@link WORTH_COMPRESSING} are stored as they are. */
const SAMPLE_BYTES = 16 * 1024;
const WORTH_COMPRESSING = 0.8;
/** Pages of fewer bytes are stored: to set the codec up for one takes longer than to write it, and saves next to nothing. */
const FEW_BYTES = 256;
/** Largest block of a zstd frame (RFC 8878, section 3.1.1.2). */
const MAX_BLOCK = 128 * 1024;

/** @throws Error for zstd when it has not been loaded (zstd.ts) */
export function pageCodec(compression: Compression): PageCodec {
  switch (compression) {
    case "none":
      return { name: "UNCOMPRESSED", compress: (page) => [page] };
    case "snappy":
      return { name: "SNAPPY", compress: (page) => [snappyCompress(page)] };
    case "zstd":
      return { name: "ZSTD", compress: compressPage };
  }
}

/** A zstd frame; codes of prices, which are close to noise, go into it as they are. */
function compressPage(page: Uint8Array, content: PageContent): Uint8Array[] {
  if (page.length < FEW_BYTES) return storedFrame(page);
  if (content === "dictionary") return [compressOnce(page)];
  if (content === "values") return [compressZstd(page)];
  const sample = page.subarray(0, SAMPLE_BYTES);
  const frame = compressZstd(sample);
  if (frame.length > sample.length * WORTH_COMPRESSING) return storedFrame(page);
  return [sample.length === page.length ? frame : compressZstd(page)];
}

/** Dictionary pages of entities are the same objects for many row groups. */
const compressed = new WeakMap<Uint8Array, Uint8Array>();

function compressOnce(page: Uint8Array): Uint8Array {
  let frame = compressed.get(page);
  if (frame === undefined) {
    frame = compressZstd(page);
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
