import { isUtf8 } from "node:buffer";
import { isTooLong, MAX_NAME_BYTES } from "../arrow/name-limits.js";
import type { EntityValue } from "../arrow/row-batch.js";
import type { ColumnReading } from "../feeds/feed-definition.js";
import type { EntityTarget } from "./decode-program.js";
import { parseDecimal, whyNotDecimal } from "./parse-decimal.js";

/** Why a record was not taken: the column's header (null: the record as a whole) and the reason in words. */
export class Rejection {
  readonly column: string | null;
  readonly reason: string;

  constructor(column: string | null, reason: string) {
    this.column = column;
    this.reason = reason;
  }
}

/** Word for a value that the feed's vocabulary does not know. */
export const UNMAPPED = "OTHER";

/** Up to 15 digits: a double holds each of them. */
const WHOLE_NUMBER = /^-?\d{1,15}$/;

/** A cell without the spaces and tabs around it. */
export function trimCell(text: string): string {
  // Not by a pattern: one that looks for the last spaces tries again at each space of a run within the text.
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 32 || code === 9;

const BEYOND_ASCII = /[\x80-\xff]/;

/** The text of bytes [from, to); null when they are not UTF-8. */
export function cellText(bytes: Buffer, from: number, to: number): string | null {
  // Nearly always it is ASCII.
  const text = bytes.toString("latin1", from, to);
  if (!BEYOND_ASCII.test(text)) return text;
  return isUtf8(bytes.subarray(from, to)) ? bytes.toString("utf8", from, to) : null;
}

/** A cell as it can be shown in a reason: shortened, control characters as escapes. */
export function quoteCell(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(shown);
}

/**
 * Value of an entity column from its cell (trimmed); null for an empty cell.
 *
 * @returns the value, or a Rejection without a column
 */
export function readEntityValue(reading: ColumnReading, text: string): EntityValue | Rejection {
  if (text === "") return null;
  if (isTooLong(text)) return new Rejection(null, `is longer than ${MAX_NAME_BYTES} bytes`);
  switch (reading.kind) {
    case "integer":
      if (!WHOLE_NUMBER.test(text)) return new Rejection(null, `${quoteCell(text)} is not a whole number`);
      // Without the sign of zero.
      return Number(text) + 0;
    case "decimal":
      return readDecimal(text);
    case "quantity": {
      const match = /^(\S+?) *([A-Za-z]+)$/.exec(text);
      if (match === null || match[2]!.toUpperCase() !== reading.unit.toUpperCase()) {
        return new Rejection(null, `${quoteCell(text)} is not a number of ${reading.unit}`);
      }
      return readDecimal(match[1]!);
    }
    case "text":
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      if (/[\u0000-\u001f\u007f]/.test(text))
        return new Rejection(null, `${quoteCell(text)} has a control character`);
      if (reading.prefixes !== undefined) return wordOfPrefix(reading.prefixes, text);
      if (reading.map === undefined) return text;
      return Object.hasOwn(reading.map, text) ? reading.map[text]! : UNMAPPED;
    default:
      throw new Error(`${reading.kind} tells the interval and describes no entity`);
  }
}

/**
 * Puts what a cell (trimmed) says of an entity in its place, and the word itself where no vocabulary has it.
 *
 * @param entity values by column, then words by column
 * @returns null, or a Rejection without a column
 */
export function placeEntityValue(
  { index, required, reading }: EntityTarget,
  text: string,
  entity: EntityValue[],
): Rejection | null {
  if (text === "" && required) return new Rejection(null, "is empty");
  const value = readEntityValue(reading, text);
  if (value instanceof Rejection) return value;
  entity[index] = value;
  entity[entity.length / 2 + index] = isUnknownWord(reading, text) ? text : null;
  return null;
}

/** Whether a cell has a word that the column's vocabulary does not have. */
function isUnknownWord(reading: ColumnReading, text: string): boolean {
  return (
    reading.kind === "text" && reading.map !== undefined && text !== "" && !Object.hasOwn(reading.map, text)
  );
}

/** Word of the longest prefix that the text begins with. */
function wordOfPrefix(prefixes: Readonly<Record<string, string>>, text: string): string {
  let found = "";
  for (const prefix of Object.keys(prefixes)) {
    if (text.startsWith(prefix) && prefix.length > found.length) found = prefix;
  }
  return Object.hasOwn(prefixes, found) ? prefixes[found]! : UNMAPPED;
}

/** A decimal number from a trimmed cell that is not empty. */
export function readDecimal(text: string): number | Rejection {
  const bytes = Buffer.from(text);
  const value = parseDecimal(bytes, 0, bytes.length);
  return Number.isFinite(value) ? value : new Rejection(null, `${quoteCell(text)} ${whyNotDecimal(text)}`);
}
