import { type DayRange, dayRanges } from "../dataset/day-ranges.js";

const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

interface DateParts {
  day: number;
  month: string;
  year: number;
}

/** `12 March 2025` for a day that is given in days since 1970-01-01. */
export function dayText(day: number): string {
  const { day: ofMonth, month, year } = parts(day);
  return `${ofMonth} ${month} ${year}`;
}

/**
 * Days as people say them: `3, 12–14 March 2025, 30 December 2025 – 2 January 2026`.
 *
 * @param days in rising order, in days since 1970-01-01
 * @param dash between the ends of a range: `–`, or `-` where only ASCII can be shown
 * @param most ranges that are named; the others are counted in days
 */
export function daysText(days: readonly number[], dash = "–", most = Number.POSITIVE_INFINITY): string {
  const ranges = dayRanges(days);
  const named = ranges.slice(0, most);
  const texts: string[] = [];
  for (const [index, range] of named.entries()) {
    const text = rangeText(range, dash);
    const next = named[index + 1];
    // The month is said once, after the last of its ranges.
    const shared = next !== undefined && isWithinMonth(range) && isWithinMonth(next);
    texts.push(shared && sameMonth(range.first, next.first) ? shortText(range, dash) : text);
  }
  const rest = ranges.slice(most).reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (rest > 0) texts.push(`and ${rest} more ${rest === 1 ? "day" : "days"}`);
  return texts.join(", ");
}

function rangeText(range: DayRange, dash: string): string {
  const { first, last } = range;
  const [from, to] = [parts(first), parts(last)];
  if (isWithinMonth(range)) return `${shortText(range, dash)} ${to.month} ${to.year}`;
  const start = from.year === to.year ? `${from.day} ${from.month}` : dayText(first);
  return `${start} ${dash} ${dayText(last)}`;
}

/** The days of a range within a month: `12`, `12–14`. */
function shortText({ first, last }: DayRange, dash: string): string {
  const from = parts(first).day;
  return first === last ? `${from}` : `${from}${dash}${parts(last).day}`;
}

const isWithinMonth = ({ first, last }: DayRange): boolean => sameMonth(first, last);

function sameMonth(a: number, b: number): boolean {
  const [first, second] = [parts(a), parts(b)];
  return first.month === second.month && first.year === second.year;
}

function parts(day: number): DateParts {
  const date = new Date(day * 86_400_000);
  return { day: date.getUTCDate(), month: MONTHS[date.getUTCMonth()]!, year: date.getUTCFullYear() };
}
