/**
 * Parquet's hybrid of run lengths and bit packing, for dictionary codes and definition levels
 * (Parquet format, "Run Length Encoding / Bit-Packing Hybrid").
 *
 * A run is `varint(count << 1)` and the value in whole bytes; a packed stretch is `varint(groups << 1 | 1)` and
 * groups of eight values, `bitWidth` bits each, low bits first.
 */
export class HybridWriter {
  readonly #bitWidth: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /**
   * @param bitWidth bits of a value, 1 to 24
   * @param values how many values will come, to make the buffer large enough
   */
  constructor(bitWidth: number, values: number) {
    if (bitWidth < 1 || bitWidth > 24) throw new RangeError(`a bit width of ${bitWidth} is not 1 to 24`);
    this.#bitWidth = bitWidth;
    this.#bytes = new Uint8Array(Math.ceil((values * bitWidth) / 8) + bitWidth + 64);
  }

  /** `count` times the same value. */
  run(value: number, count: number): void {
    if (count === 0) return;
    this.#reserve(16);
    this.#varint(count * 2);
    for (let shift = 0; shift < this.#bitWidth; shift += 8)
      this.#bytes[this.#length++] = (value >>> shift) & 255;
  }

  /** Values of which long repeats become runs and all else is packed. */
  values(codes: Int32Array, count: number): void {
    let literal = 0;
    for (let at = 0; at < count; ) {
      const value = codes[at]!;
      let end = at + 1;
      while (end < count && codes[end] === value) end++;
      // Packed stretches hold whole groups of eight: what is missing is taken from the run.
      const missing = (8 - ((at - literal) & 7)) & 7;
      if (end - at - missing >= 16) {
        this.#packed(codes, literal, at + missing);
        this.run(value, end - at - missing);
        literal = end;
      }
      at = end;
    }
    this.#packed(codes, literal, count);
  }

  /** The bytes written; the writer's own, valid until it is used again. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Codes [from, to), padded with zeros to whole groups. */
  #packed(codes: Int32Array, from: number, to: number): void {
    if (from >= to) return;
    const groups = (to - from + 7) >> 3;
    const width = this.#bitWidth;
    this.#reserve(groups * width + 8);
    this.#varint(groups * 2 + 1);
    const bytes = this.#bytes;
    let length = this.#length;
    let bits = 0;
    let held = 0;
    for (let at = from; at < to; at++) {
      bits |= codes[at]! << held;
      held += width;
      while (held >= 8) {
        bytes[length++] = bits & 255;
        bits >>>= 8;
        held -= 8;
      }
    }
    const end = this.#length + groups * width;
    bytes.fill(0, length, end);
    if (held > 0) bytes[length] = bits & 255;
    this.#length = end;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Bits that the codes of a dictionary with so many entries need; at least one, which all readers expect. */
export function codeWidth(entries: number): number {
  return Math.max(1, 32 - Math.clz32(Math.max(0, entries - 1)));
}
