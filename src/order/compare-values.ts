import type { EntityValue } from "../arrow/row-batch.js";

/** Order of two values of an entity column: null first, numbers by value, texts by their UTF-8 bytes. */
export function compareValues(a: EntityValue, b: EntityValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === "number" || typeof b === "number") return Number(a) - Number(b);
  return compareUtf8(a, b);
}

/** Surrogates, and what lies above them in the order of code units. */
const ABOVE_PLAIN = /[\ud800-\uffff]/;

/** Whether a value is a text that sorts among its like as its code units do. */
export function sortsByCodeUnits(value: EntityValue): value is string {
  return typeof value === "string" && !ABOVE_PLAIN.test(value);
}

/** Order of two strings by their UTF-8 bytes, which is the order of their code points. */
function compareUtf8(a: string, b: string): number {
  // The engine's own order is that of code units, and the same unless surrogates meet what lies above them.
  if (!ABOVE_PLAIN.test(a)) return a < b ? -1 : a > b ? 1 : 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above all others, though U+E000..U+FFFF have higher code units.
    const xHigh = x >= 0xd800 && x < 0xe000;
    const yHigh = y >= 0xd800 && y < 0xe000;
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  return a.length - b.length;
}
