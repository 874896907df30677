import { Zstd } from "@hpcc-js/wasm-zstd";
import type { CompressionCodec } from "hyparquet";
import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import type { Compression } from "../run/options.js";

/** Compresses the pages of a column chunk. */
export interface PageCodec {
  name: CompressionCodec;
  /** @param packed whether the page is bit-packed codes, which may be close to noise */
  compress(page: Uint8Array, packed: boolean): Uint8Array;
}

/** Level 1: pages of codes hold little that higher levels would find. */
const ZSTD_LEVEL = 1;
/** Codes that snappy cannot bring below this share are stored: zstd would spend much time to gain next to nothing. */
const WORTH_COMPRESSING = 0.8;
/** Largest block of a zstd frame (RFC 8878, section 3.1.1.2). */
const MAX_BLOCK = 128 * 1024;

let zstd: Zstd | null = null;

/** To be awaited once in a thread before zstd is used there. */
export async function loadZstd(): Promise<void> {
  zstd ??= await Zstd.load();
}

/** @throws Error for zstd when {@link loadZstd} has not been awaited */
export function pageCodec(compression: Compression): PageCodec {
  switch (compression) {
    case "none":
      return { name: "UNCOMPRESSED", compress: (page) => page };
    case "snappy":
      return { name: "SNAPPY", compress: snappyCompress };
    case "zstd":
      return { name: "ZSTD", compress: compressZstd };
  }
}

/** A zstd frame; codes of prices, which are close to noise, go into it as they are. */
function compressZstd(page: Uint8Array, packed: boolean): Uint8Array {
  if (zstd === null) throw new Error("zstd has not been loaded in this thread");
  const worthIt = !packed || snappyCompress(page).length < page.length * WORTH_COMPRESSING;
  return worthIt ? zstdFrame(zstd, page) : storedFrame(page);
}

/** Memory of the wasm module: a stretch of it, and the members of the package's class that reach it. */
interface HeapBytes {
  ptr: number;
  size: number;
}

interface ZstdInternals {
  _mainModule: {
    malloc(size: number): HeapBytes;
    free(bytes: HeapBytes): void;
    dataToHeap(bytes: Uint8Array): HeapBytes;
    heapView(bytes: HeapBytes): Uint8Array;
  };
  _zstdClass: {
    compressBound(size: number): number;
    compress(to: number, toSize: number, from: number, fromSize: number, level: number): number;
    isError(code: number): number;
    getErrorName(code: number): string;
  };
}

/**
 * What `zstd.compress` does, less its copy of the result, which goes value by value and takes longer than the
 * compression. The package's version is pinned, and a test compares the two.
 */
function zstdFrame(library: Zstd, page: Uint8Array): Uint8Array {
  const { _mainModule: memory, _zstdClass: functions } = library as unknown as ZstdInternals;
  const input = memory.dataToHeap(page);
  const output = memory.malloc(functions.compressBound(page.length));
  try {
    const size = functions.compress(output.ptr, output.size, input.ptr, page.length, ZSTD_LEVEL);
    if (functions.isError(size)) throw new Error(`zstd failed: ${functions.getErrorName(size)}`);
    return memory.heapView({ ptr: output.ptr, size }).slice();
  } finally {
    memory.free(output);
    memory.free(input);
  }
}

/**
 * A zstd frame of raw blocks (RFC 8878, sections 3.1.1.1 and 3.1.1.2): magic number, a descriptor that says single
 * segment and four bytes of content size, then each block with three bytes of header.
 */
export function storedFrame(page: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(page.length / MAX_BLOCK));
  const frame = new Uint8Array(9 + blocks * 3 + page.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  frame[4] = 0b1010_0000;
  view.setUint32(5, page.length, true);
  let at = 9;
  for (let block = 0; block < blocks; block++) {
    const from = block * MAX_BLOCK;
    const size = Math.min(MAX_BLOCK, page.length - from);
    const header = (size << 3) | (block === blocks - 1 ? 1 : 0);
    frame[at++] = header & 255;
    frame[at++] = (header >>> 8) & 255;
    frame[at++] = header >>> 16;
    frame.set(page.subarray(from, from + size), at);
    at += size;
  }
  return frame;
}
