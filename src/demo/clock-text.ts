import { GridparquetError } from "../errors.js";

/** How the markets print times. `ms` is what `new Date(ms)` shows in its UTC fields: UTC, or a wall clock. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** `2025-03-09`. */
export function dashedDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** `20250309`. */
export function compactDay(ms: number): string {
  return dashedDay(ms).replaceAll("-", "");
}

/** `03/09/2025`. */
export function slashedDay(ms: number): string {
  const day = dashedDay(ms);
  return `${day.slice(5, 7)}/${day.slice(8)}/${day.slice(0, 4)}`;
}

/** `14:05:00`. */
export function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** `03/09/2025 14:05:00`. */
export function slashedTime(ms: number): string {
  return `${slashedDay(ms)} ${clockTime(ms)}`;
}

/** `07`. */
export function twoDigits(n: number): string {
  return String(n).padStart(2, "0");
}

/** Hour of the day, 0 to 23. */
export function hourOf(ms: number): number {
  return new Date(ms).getUTCHours();
}

/**
 * Midnight of a date.
 *
 * @param date `YYYY-MM-DD`
 * @throws GridparquetError `usage` when there is no such date
 */
export function midnightOf(date: string): number {
  const midnight = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(midnight) || dashedDay(midnight) !== date) {
    throw new GridparquetError("usage", `"${date}" is not a date.`, { hint: "Write it as YYYY-MM-DD." });
  }
  return midnight;
}
