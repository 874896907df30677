import type { Scratch } from "../wasm/scratch.js";

/*
 * Parquet's hybrid of run lengths and bit packing, for dictionary codes and definition levels (Parquet format,
 * "Run Length Encoding / Bit-Packing Hybrid").
 */

/**
 * Codes of which long repeats become runs and all else is packed.
 *
 * @param bitWidth bits of a code, 1 to 24
 * @returns bytes in the scratch memory
 */
export function packCodes(
  scratch: Scratch,
  codes: Int32Array,
  count: number,
  bitWidth: number,
): Uint8Array<ArrayBuffer> {
  checkWidth(bitWidth);
  const from = scratch.addressOf(codes.subarray(0, count));
  // A run, or the head of a packed stretch, stands for at least eight codes.
  const out = scratch.uint8(Math.ceil((count * bitWidth) / 8) + Math.ceil(count / 8) * 6 + bitWidth + 64);
  const end = scratch.kernels.hybrid(from, count, bitWidth, out.byteOffset);
  return out.subarray(0, end - out.byteOffset);
}

/**
 * Runs of one code each.
 *
 * @param runs pairs of a code and how often it comes
 * @param bitWidth bits of a code, 1 to 24
 */
export function packRuns(runs: Int32Array, bitWidth: number): Uint8Array<ArrayBuffer> {
  checkWidth(bitWidth);
  // A length of 31 bits, shifted by one, has five bytes at most.
  const bytes = new Uint8Array((runs.length / 2) * (5 + Math.ceil(bitWidth / 8)));
  let at = 0;
  for (let pair = 0; pair < runs.length; pair += 2) {
    const count = runs[pair + 1]!;
    if (count === 0) continue;
    let rest = count * 2;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128;
    bytes[at++] = rest;
    for (let shift = 0; shift < bitWidth; shift += 8) bytes[at++] = (runs[pair]! >>> shift) & 255;
  }
  return bytes.slice(0, at);
}

function checkWidth(bitWidth: number): void {
  if (bitWidth < 1 || bitWidth > 24) throw new RangeError(`a bit width of ${bitWidth} is not 1 to 24`);
}

/** Bits that the codes of a dictionary with so many entries need; at least one, which all readers expect. */
export function codeWidth(entries: number): number {
  return Math.max(1, 32 - Math.clz32(Math.max(0, entries - 1)));
}
