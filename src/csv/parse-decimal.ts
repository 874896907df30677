const MINUS = 45;
const PLUS = 43;
const DOT = 46;

/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** An integer of up to this many digits is exact in a double. */
const EXACT_DIGITS = 15;

/**
 * Reads a decimal number (`-12.340000`, `.2`, `+7`) from bytes [start, end).
 *
 * Up to 15 digits are an exact integer divided by an exact power of ten, which IEEE 754 rounds correctly: the
 * result equals what `Number` makes of the text. Longer ones are left to `Number`.
 *
 * @returns the number; NaN when the bytes are anything else, such as an exponent, `NaN`, `(1.25)` or `1,234.50`
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const sign = bytes[at];
  if (at < end && (sign === MINUS || sign === PLUS)) at++;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (bytes[at] === DOT && decimals < 0) decimals = 0;
    else return Number.NaN;
  }
  if (digits === 0) return Number.NaN;
  if (digits > EXACT_DIGITS) {
    let text = "";
    for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
    return Number(text);
  }
  const value = decimals > 0 ? mantissa / POWERS_OF_TEN[decimals]! : mantissa;
  return sign === MINUS ? -value : value;
}

/** Reads a whole number with up to 15 digits from bytes [start, end); NaN when it is anything else. */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative) at++;
  if (at >= end || end - at > EXACT_DIGITS) return Number.NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? 0 - value : value;
}

/** Why a text is not a decimal number that gridparquet reads, in words for the reject's reason. */
export function whyNotDecimal(text: string): string {
  // None of these may try a long text again at each of its characters.
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$/.test(text)) return "is in exponent notation";
  if (/^[-+]?(nan|inf(inity)?|null|n\/?a|none|-+)$/i.test(text)) return "stands for no number";
  if (/^\(.*\)$/.test(text)) return "is in parentheses (a negative amount?)";
  if (/^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(text)) return "has thousands separators";
  return "is not a number";
}
