/** Numbers that take no more bytes than they must; a price is nearly always a whole number of some part of a cent. */
export type PackedNumbers =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  /** Each times `scale`. */
  | { scaled: Int32Array<ArrayBuffer>; scale: number };

/** Parts of one that prices are told in. */
const SCALES = [100, 10_000, 1_000_000] as const;
const MAX_INT32 = 2 ** 31 - 1;

/** @returns values of which {@link unpackNumbers} makes the same, to the bit */
export function packNumbers(values: Float64Array | Int32Array): PackedNumbers {
  if (values instanceof Int32Array) return values.slice();
  const scaled = new Int32Array(values.length);
  for (const scale of SCALES) if (scaleInto(values, scale, scaled)) return { scaled, scale };
  return values.slice();
}

/** Whether all values are whole numbers once they are multiplied; minus zero and what is no number are not. */
function scaleInto(values: Float64Array, scale: number, scaled: Int32Array): boolean {
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    const whole = Math.round(value * scale);
    if (whole / scale !== value || whole > MAX_INT32 || whole < -MAX_INT32) return false;
    if (whole === 0 && Object.is(value, -0)) return false;
    scaled[row] = whole;
  }
  return true;
}

export function unpackNumbers(packed: PackedNumbers): Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  if (!("scale" in packed)) return packed;
  const { scaled, scale } = packed;
  const values = new Float64Array(scaled.length);
  for (let row = 0; row < values.length; row++) values[row] = scaled[row]! / scale;
  return values;
}

/** Codes of as many bytes as the highest of them needs. */
export type PackedCodes = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** @param count how many codes there are, from 0 */
export function packCodes(codes: Int32Array, count: number): PackedCodes {
  if (count <= 1 << 8) return new Uint8Array(codes);
  return count <= 1 << 16 ? new Uint16Array(codes) : new Int32Array(codes);
}

export function unpackCodes(packed: PackedCodes): Int32Array<ArrayBuffer> {
  return new Int32Array(packed);
}
