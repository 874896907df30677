/*
 * Names are data from outside, and each that is new is kept in several places while a run lasts: these limits are what
 * keeps files of ever new names from filling the memory. Markets stay far below: names have less than 100 bytes, and the
 * largest market's year has some 30,000 locations.
 */

/** Longest cell of a location's or product's description, in bytes of UTF-8; a record with a longer one is rejected. */
export const MAX_NAME_BYTES = 256;

/** Most descriptions (location, type, zone …) that one year file may have. */
export const MAX_DESCRIPTIONS = 200_000;
/** Most characters of them together. */
export const MAX_DESCRIPTION_CHARACTERS = 32 << 20;

/** A thread's own tables of descriptions are begun anew past so many characters. */
export const MAX_TABLE_CHARACTERS = 8 << 20;

/** Whether a text takes more bytes than a name may have. */
export function isTooLong(text: string): boolean {
  // No character takes more than three bytes for each of its code units, nor less than one.
  if (text.length * 3 <= MAX_NAME_BYTES) return false;
  return text.length > MAX_NAME_BYTES || Buffer.byteLength(text) > MAX_NAME_BYTES;
}
