import type { TimestampForm } from "../feeds/feed-definition.js";
import { daysFromDate } from "../time/calendar.js";

const SLASH = 47;
const COLON = 58;
const SPACE = 32;
const DASH = 45;
const UPPER_T = 84;
const DAY_MS = 86_400_000;

/** Reads bytes [start, end) as one form of time stamp: epoch milliseconds as if it were UTC, or NaN. */
export type TimestampReader = (bytes: Uint8Array, start: number, end: number) => number;

/** A reader that tries the forms in turn; the form that fitted last is tried first. */
export function timestampReader(forms: readonly TimestampForm[]): TimestampReader {
  const readers = forms.map((form) => READERS[form]);
  if (readers.length === 1) return readers[0]!;
  let likely = 0;
  return (bytes, start, end) => {
    const value = readers[likely]!(bytes, start, end);
    if (!Number.isNaN(value)) return value;
    for (let i = 0; i < readers.length; i++) {
      const other = readers[i]!(bytes, start, end);
      if (Number.isNaN(other)) continue;
      likely = i;
      return other;
    }
    return Number.NaN;
  };
}

const READERS: Record<TimestampForm, TimestampReader> = {
  "M/D/YYYY h:mm:ss AM": readTwelveHour,
  "YYYY-MM-DDTHH:mm:ss": readIso,
};

/** `9/1/2025 4:05:00 AM`, with or without leading zeros in month, day and hour. */
function readTwelveHour(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const monthEnd = digitsEnd(bytes, at, end, 2);
  const month = number(bytes, at, monthEnd);
  if (bytes[monthEnd] !== SLASH) return Number.NaN;
  at = monthEnd + 1;
  const dayEnd = digitsEnd(bytes, at, end, 2);
  const day = number(bytes, at, dayEnd);
  if (bytes[dayEnd] !== SLASH) return Number.NaN;
  at = dayEnd + 1;
  const year = number(bytes, at, at + 4);
  if (bytes[at + 4] !== SPACE) return Number.NaN;
  at += 5;
  const hourEnd = digitsEnd(bytes, at, end, 2);
  const hour = number(bytes, at, hourEnd);
  at = hourEnd;
  if (end - at !== 9 || bytes[at] !== COLON || bytes[at + 3] !== COLON || bytes[at + 6] !== SPACE)
    return Number.NaN;
  const half = bytes[at + 7]! | 32;
  if ((half !== 97 && half !== 112) || (bytes[at + 8]! | 32) !== 109) return Number.NaN;
  if (!(hour >= 1 && hour <= 12)) return Number.NaN;
  const hours = (hour % 12) + (half === 112 ? 12 : 0);
  return instant(
    daysFromDate(year, month, day),
    hours,
    number(bytes, at + 1, at + 3),
    number(bytes, at + 4, at + 6),
  );
}

/** `2025-09-01T04:05:00`, with zeros in a fraction of the second if there is one. */
function readIso(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 19 || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return Number.NaN;
  if (bytes[start + 10] !== UPPER_T || bytes[start + 13] !== COLON || bytes[start + 16] !== COLON)
    return Number.NaN;
  if (end - start > 19) {
    if (bytes[start + 19] !== 46 || end - start === 20) return Number.NaN;
    for (let at = start + 20; at < end; at++) if (bytes[at] !== 48) return Number.NaN;
  }
  const day = daysFromDate(
    number(bytes, start, start + 4),
    number(bytes, start + 5, start + 7),
    number(bytes, start + 8, start + 10),
  );
  const hour = number(bytes, start + 11, start + 13);
  if (!(hour < 24)) return Number.NaN;
  return instant(day, hour, number(bytes, start + 14, start + 16), number(bytes, start + 17, start + 19));
}

function instant(day: number, hour: number, minute: number, second: number): number {
  if (!(minute < 60 && second < 60)) return Number.NaN;
  return day * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1000;
}

/** End of the run of digits that begins at `at`, looking at no more than `most` of them. */
function digitsEnd(bytes: Uint8Array, at: number, end: number, most: number): number {
  const limit = Math.min(end, at + most);
  while (at < limit && bytes[at]! >= 48 && bytes[at]! <= 57) at++;
  return at;
}

/** The whole number printed in [start, end); NaN when it is empty or has anything but digits. */
function number(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
