import { dayRanges } from "../dataset/day-ranges.js";
import { countDays, type DayCounts, dayCountsText } from "../parquet/day-counts.js";
import { isoDate } from "../time/calendar.js";
import type { MarketClock } from "../time/market-clock.js";
import type { IntervalLength } from "./check-intervals.js";
import { nameOfKey, reportGap, utcText } from "./check-keys.js";
import type { PartResult } from "./check-part.js";
import type { FindingList } from "./checks.js";

const HOUR_MS = 3_600_000;

/**
 * Checks what lies across the parts of a file: its order, the lengths of its intervals, its days, and what each
 * location lacks between two parts.
 *
 * @param says the day counts of the file's footer; null where it has none
 * @returns what the rows themselves say of the days; null where some cannot be read
 */
export function joinParts(
  parts: readonly PartResult[],
  clock: MarketClock,
  says: string | null,
  findings: FindingList,
): DayCounts | null {
  checkBoundaries(parts, findings);
  checkLengths(
    parts.flatMap(({ lengths }) => lengths),
    findings,
  );
  if (parts.some(({ isDamaged }) => isDamaged)) return null;
  checkGaps(parts, findings);
  const days = countDays(parts.map(({ start, date, rowsOf }) => ({ start, date, rows: rowsOf })));
  if (days === null) return null;
  checkHours(parts, clock, findings);
  if (says !== null && says !== dayCountsText(days)) reportDayCounts(says, days, findings);
  return days;
}

function checkBoundaries(parts: readonly PartResult[], findings: FindingList): void {
  for (const [index, part] of parts.entries()) {
    const before = index === 0 ? undefined : parts[index - 1]!.start.at(-1);
    const start = part.start[0];
    if (before === undefined || start === undefined || start > before) continue;
    const place = { day: isoDate(part.date[0]!) };
    if (start === before)
      findings.add("row-group-cut", `the interval ${utcText(start)} lies in two row groups`, place);
    else findings.add("sort-order", `${utcText(start)} comes after ${utcText(before)}`, place);
  }
}

/** A feed's intervals are all of one length: that which most of them have. */
function checkLengths(lengths: readonly IntervalLength[], findings: FindingList): void {
  const counts = new Map<number, number>();
  for (const { length, count } of lengths) counts.set(length, (counts.get(length) ?? 0) + count);
  const [usual] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0];
  for (const { length, count, place, start } of lengths) {
    if (length === usual && length > 0) continue;
    const others = usual === length ? "" : `, the others ${usual / 60_000}`;
    const message = `the interval ${utcText(start)} has ${length / 60_000} minutes${others}`;
    findings.add("interval-length", message, place, count);
  }
}

/** Intervals that a location lacks between its last one in one part and its first one in a later part. */
function checkGaps(parts: readonly PartResult[], findings: FindingList): void {
  const last = new Map<string, { interval: number; start: number }>();
  let before = 0;
  for (const { start, date, seen } of parts) {
    for (const [index, key] of seen.keys.entries()) {
      const first = seen.first[index]!;
      const earlier = last.get(key);
      if (earlier !== undefined) {
        const place = { day: isoDate(date[first]!), location: nameOfKey(key) };
        reportGap(findings, earlier.start, start[first]!, before + first - earlier.interval - 1, place);
      }
      const end = seen.last[index]!;
      last.set(key, { interval: before + end, start: start[end]! });
    }
    before += start.length;
  }
}

/** Hours that a day lacks altogether. */
function checkHours(parts: readonly PartResult[], clock: MarketClock, findings: FindingList): void {
  const hours = new Map<number, Set<number>>();
  for (const { start, date } of parts) {
    for (const [index, ms] of start.entries()) {
      const ofDay = hours.get(date[index]!) ?? new Set();
      hours.set(date[index]!, ofDay.add(Math.floor(ms / HOUR_MS)));
    }
  }
  for (const [day, { size }] of hours) {
    const all = clock.hoursInDay(day);
    if (size < all) findings.add("hours-of-day", `it has ${size} of ${all} hours`, { day: isoDate(day) });
  }
}

function reportDayCounts(says: string, days: DayCounts, findings: FindingList): void {
  const own = JSON.parse(dayCountsText(days)) as { rows: number[]; intervals: number[] };
  let said: Partial<typeof own> & { first?: unknown };
  try {
    said = JSON.parse(says) as typeof said;
  } catch {
    said = {};
  }
  const index = days.rows.findIndex(
    (rows, i) => said?.rows?.[i] !== rows || said?.intervals?.[i] !== days.intervals[i],
  );
  const place =
    said?.first === isoDate(days.firstDay) && index >= 0 ? { day: isoDate(days.firstDay + index) } : {};
  findings.add("day-counts", "gridparquet.days in the footer says something else than the rows", place);
}

/** Days between the first and the last of a feed that no year file of it has. */
export function checkMissingDays(
  years: readonly { year: number; days: DayCounts; findings: FindingList }[],
): void {
  const present = new Set<number>();
  for (const { days } of years)
    for (const [i, rows] of days.rows.entries()) if (rows > 0) present.add(days.firstDay + i);
  const order = [...present].sort((a, b) => a - b);
  const missing: number[] = [];
  for (let day = order[0]!; day <= order.at(-1)!; day++) if (!present.has(day)) missing.push(day);
  for (const { first, last } of dayRanges(missing)) {
    const year = new Date(first * 86_400_000).getUTCFullYear();
    const { findings } = years.find((each) => each.year === year) ?? years[0]!;
    const count = last - first + 1;
    const text = count === 1 ? "the day is missing" : `${count} days are missing, to ${isoDate(last)}`;
    findings.add("missing-days", text, { day: isoDate(first) });
  }
}
