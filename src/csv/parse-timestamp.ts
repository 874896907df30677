import type { DateForm, TimestampForm } from "../feeds/feed-definition.js";
import { daysFromDate } from "../time/calendar.js";

const SLASH = 47;
const COLON = 58;
const SPACE = 32;
const DASH = 45;
const UPPER_T = 84;
const PLUS = 43;
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

/** A reader that tries the forms of a date in turn: days since 1970-01-01, or NaN. */
export function dateReader(forms: readonly DateForm[]): TimestampReader {
  const readers = forms.map((form) => (form === "M/D/YYYY" ? readUsDate : readIsoDate));
  return (bytes, start, end) => {
    for (const read of readers) {
      const day = read(bytes, start, end);
      if (!Number.isNaN(day)) return day;
    }
    return Number.NaN;
  };
}

const READERS: Record<TimestampForm, TimestampReader> = {
  "M/D/YYYY H:mm:ss": (bytes, start, end) => readUsTime(bytes, start, end, true),
  "YYYY-MM-DDTHH:mm:ss±HH:mm": (bytes, start, end) => readWithOffset(bytes, start, end, UPPER_T),
  "YYYY-MM-DD HH:mm:ss±HH:mm": (bytes, start, end) => readWithOffset(bytes, start, end, SPACE),
  "M/D/YYYY H:mm": (bytes, start, end) => readUsTime(bytes, start, end, false),
  "M/D/YYYY h:mm:ss AM": readTwelveHour,
  "YYYY-MM-DDTHH:mm:ss": readIso,
};

/** `9/1/2025 4:05:00 AM`, with or without leading zeros in month, day and hour. */
function readTwelveHour(bytes: Uint8Array, start: number, end: number): number {
  const dateEnd = usDateEnd(bytes, start, end);
  let at = dateEnd + 1;
  const hourEnd = digitsEnd(bytes, at, end, 2);
  const hour = number(bytes, at, hourEnd);
  at = hourEnd;
  if (end - at !== 9 || bytes[at] !== COLON || bytes[at + 3] !== COLON || bytes[at + 6] !== SPACE)
    return Number.NaN;
  const half = bytes[at + 7]! | 32;
  if ((half !== 97 && half !== 112) || (bytes[at + 8]! | 32) !== 109) return Number.NaN;
  if (!(hour >= 1 && hour <= 12)) return Number.NaN;
  const hours = (hour % 12) + (half === 112 ? 12 : 0);
  const day = readUsDate(bytes, start, dateEnd);
  return instant(day, hours, number(bytes, at + 1, at + 3), number(bytes, at + 4, at + 6));
}

/** `2024-01-01 00:00:00-05:00`: the instant, the offset taken off. */
function readWithOffset(bytes: Uint8Array, start: number, end: number, separator: number): number {
  if (end - start !== 25 || bytes[start + 10] !== separator || bytes[start + 22] !== COLON) return Number.NaN;
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return Number.NaN;
  const sign = bytes[start + 19] === PLUS ? 1 : bytes[start + 19] === DASH ? -1 : Number.NaN;
  const offset = number(bytes, start + 20, start + 22) * 60 + number(bytes, start + 23, end);
  const hour = number(bytes, start + 11, start + 13);
  if (!(hour < 24)) return Number.NaN;
  const day = readIsoDate(bytes, start, start + 10);
  const wall = instant(
    day,
    hour,
    number(bytes, start + 14, start + 16),
    number(bytes, start + 17, start + 19),
  );
  return wall - sign * offset * 60_000;
}

/** `07/18/2022 00:05:00`, `4/1/2026 6:00`: hours 0 to 23, with seconds or without. */
function readUsTime(bytes: Uint8Array, start: number, end: number, seconds: boolean): number {
  const dateEnd = usDateEnd(bytes, start, end);
  const hourEnd = digitsEnd(bytes, dateEnd + 1, end, 2);
  const hour = number(bytes, dateEnd + 1, hourEnd);
  if (end - hourEnd !== (seconds ? 6 : 3) || bytes[hourEnd] !== COLON) return Number.NaN;
  if (seconds && bytes[hourEnd + 3] !== COLON) return Number.NaN;
  if (!(hour < 24)) return Number.NaN;
  const second = seconds ? number(bytes, hourEnd + 4, hourEnd + 6) : 0;
  return instant(readUsDate(bytes, start, dateEnd), hour, number(bytes, hourEnd + 1, hourEnd + 3), second);
}

/** Where the space after a date stands; `end` when there is none. */
function usDateEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SPACE) at++;
  return at;
}

/** `9/1/2025`, `01/31/2022`: days since 1970-01-01. */
function readUsDate(bytes: Uint8Array, start: number, end: number): number {
  const monthEnd = digitsEnd(bytes, start, end, 2);
  const dayEnd = digitsEnd(bytes, monthEnd + 1, end, 2);
  if (bytes[monthEnd] !== SLASH || bytes[dayEnd] !== SLASH || end - dayEnd !== 5) return Number.NaN;
  const month = number(bytes, start, monthEnd);
  return daysFromDate(number(bytes, dayEnd + 1, end), month, number(bytes, monthEnd + 1, dayEnd));
}

/** `2025-09-01`: days since 1970-01-01. */
function readIsoDate(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 10 || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return Number.NaN;
  const month = number(bytes, start + 5, start + 7);
  return daysFromDate(number(bytes, start, start + 4), month, number(bytes, start + 8, end));
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
  const day = readIsoDate(bytes, start, start + 10);
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
