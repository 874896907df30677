/**
 * Reads codes of Parquet's hybrid of run lengths and bit packing (Parquet format, "Run Length Encoding / Bit-Packing
 * Hybrid"): what packCodes and packRuns write.
 *
 * @param bitWidth bits of a code, 0 to 24
 * @param out takes `count` codes, from `at` on
 * @returns the highest of them
 * @throws Error when the bytes end before that
 */
export function unpackCodes(
  bytes: Uint8Array,
  from: number,
  to: number,
  bitWidth: number,
  out: Int32Array,
  at: number,
  count: number,
): number {
  if (bitWidth > 24) throw new Error(`codes of ${bitWidth} bits`);
  const end = at + count;
  if (bitWidth === 0) {
    out.fill(0, at, end);
    return 0;
  }
  const width = (bitWidth + 7) >> 3;
  let byte = from;
  let most = 0;
  while (at < end) {
    let header = 0;
    for (let scale = 1; ; scale *= 128) {
      if (byte >= to || scale > 2 ** 35) throw new Error("codes end too early");
      const part = bytes[byte++]!;
      header += (part & 127) * scale;
      if (part < 128) break;
    }
    const size = Math.floor(header / 2);
    if (header % 2 === 1) {
      const codes = Math.min(size * 8, end - at);
      if (byte + Math.ceil((codes * bitWidth) / 8) > to) throw new Error("codes end too early");
      most = Math.max(most, unpackBits(bytes, byte, bitWidth, out, at, codes));
      byte += size * bitWidth;
      at += codes;
    } else {
      if (byte + width > to || size === 0) throw new Error("codes end too early");
      let code = 0;
      for (let i = 0; i < width; i++) code |= bytes[byte++]! << (8 * i);
      const codes = Math.min(size, end - at);
      out.fill(code, at, at + codes);
      most = Math.max(most, code);
      at += codes;
    }
  }
  return most;
}

/** The code of one bit that all of `count` codes are, where a single run says so; null where it takes reading them. */
export function onlyCode(bytes: Uint8Array, from: number, to: number, count: number): number | null {
  let header = 0;
  let byte = from;
  for (let scale = 1; byte < to && scale < 2 ** 35; scale *= 128) {
    const part = bytes[byte++]!;
    header += (part & 127) * scale;
    if (part >= 128) continue;
    const isRun = header % 2 === 0 && header / 2 >= count && byte < to && bytes[byte]! <= 1;
    return isRun ? bytes[byte]! : null;
  }
  return null;
}

/** Codes that lie bit by bit, the lowest first; returns the highest of them. */
function unpackBits(
  bytes: Uint8Array,
  from: number,
  bitWidth: number,
  out: Int32Array,
  at: number,
  count: number,
): number {
  const mask = (1 << bitWidth) - 1;
  // Four bytes hold any code of 24 bits, wherever in its first byte it begins. What lies behind the end counts as 0.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = bytes.length - 4;
  let bit = from * 8;
  let most = 0;
  let i = 0;
  for (; i < count && bit >>> 3 <= last; i++) {
    const code = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask;
    if (code > most) most = code;
    out[at + i] = code;
    bit += bitWidth;
  }
  for (; i < count; i++) {
    const byte = bit >>> 3;
    const word =
      bytes[byte]! |
      ((bytes[byte + 1] ?? 0) << 8) |
      ((bytes[byte + 2] ?? 0) << 16) |
      ((bytes[byte + 3] ?? 0) << 24);
    const code = (word >>> (bit & 7)) & mask;
    if (code > most) most = code;
    out[at + i] = code;
    bit += bitWidth;
  }
  return most;
}
