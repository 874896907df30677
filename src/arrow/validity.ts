/*
 * Arrow validity bitmaps: a bit for each row, low bits first, set where the row has a value.
 */

/** 1 where the row has a value, else 0. */
export function validityBit(bits: Uint8Array, row: number): number {
  return (bits[row >> 3]! >> (row & 7)) & 1;
}

/** Marks that the row has a value. */
export function setValid(bits: Uint8Array, row: number): void {
  bits[row >> 3]! |= 1 << (row & 7);
}

/** How many of the first `rows` rows have a value. */
export function countValid(bits: Uint8Array, rows: number): number {
  let present = 0;
  for (let row = 0; row < rows; row++) present += validityBit(bits, row);
  return present;
}
