import type { DatasetCoverage, FeedCoverage } from "../dataset/coverage.js";
import type { PartialDay } from "../dataset/partial-days.js";
import { isoDate } from "../time/calendar.js";
import { calendarLines, type DayState, dayMark, type TextStyle } from "./calendar-text.js";
import { daysText, dayText } from "./days-text.js";
import { printable } from "./printable.js";
import { type TextColumn, textTable, wrap } from "./text-table.js";
import { byteSize, count, counted, shortCount } from "./units.js";

/** Ranges of days, and files, that are named; the others are counted. */
const MOST_NAMED = 6;

const YEAR_COLUMNS: readonly TextColumn[] = [
  { title: "year" },
  { title: "first day" },
  { title: "last day" },
  { title: "days", align: "right" },
  { title: "rows", align: "right" },
  { title: "groups", align: "right" },
  { title: "size", align: "right" },
  { title: "written" },
];

/** What a dataset holds, for people: lines of at most 80 characters. */
export function statusText({ feeds, stray, out }: DatasetCoverage, style: TextStyle): string {
  const legend = (["present", "partial", "missing"] as const).map(
    (state) => `${dayMark(state, style)} ${state === "present" ? "whole" : state}`,
  );
  const lines = [
    ...wrap(totalsText(feeds, out)),
    ...(feeds.length === 0 ? [] : [`A character a day: ${legend.join("  ")}`]),
    ...feeds.flatMap((feed) => ["", ...feedLines(feed, style)]),
    ...strayLines(stray),
  ];
  return `${lines.join("\n")}\n`;
}

function totalsText(feeds: readonly FeedCoverage[], out: string): string {
  const sum = (of: (feed: FeedCoverage) => number) => feeds.reduce((total, feed) => total + of(feed), 0);
  const files = sum(({ years }) => years.length);
  const missing = sum((feed) => feed.missing.length);
  const partial = sum((feed) => feed.partial.length);
  const whole = missing === 0 && partial === 0;
  const lack = [
    ...(missing > 0 ? [`${counted(missing, "day")} missing`] : []),
    ...(partial > 0 ? [`${counted(partial, "day")} partial`] : []),
  ];
  const held = `${counted(feeds.length, "feed")}, ${counted(files, "year file")}, ${counted(
    sum(({ rows }) => rows),
    "row",
  )}`;
  const tail = files === 0 ? "" : `; ${whole ? "no day missing" : lack.join(", ")}`;
  return `${printable(out)}: ${held}, ${byteSize(sum(({ bytes }) => bytes))}${tail}`;
}

function feedLines(feed: FeedCoverage, style: TextStyle): string[] {
  const { iso, table, market, locations, years, firstDay } = feed;
  const newest = years.at(-1)!;
  const things = table === "energy" ? "location" : "product";
  const size =
    locations === null
      ? `about ${counted(Math.round(newest.rowsPerInterval), "row")} per interval`
      : counted(locations, things);
  const rows = years.map((year) => [
    String(year.year),
    isoDate(year.firstDay),
    isoDate(year.lastDay),
    year.missing === 0 ? count(year.days) : `${count(year.days)} of ${count(year.days + year.missing)}`,
    shortCount(year.rows),
    count(year.rowGroups),
    byteSize(year.bytes),
    new Date(year.updated).toISOString().slice(0, 10),
  ]);
  return [
    ...wrap(`${iso} ${feed.feed}: ${table}, ${market}, ${size}`, "", "  "),
    ...textTable(YEAR_COLUMNS, rows, "  "),
    ...calendarLines(firstDay, dayStates(feed), style).map((line) => `  ${line}`),
    ...lackLines(feed, style),
  ];
}

function dayStates({ dayRows, firstDay, partial }: FeedCoverage): DayState[] {
  const states = dayRows.map((rows): DayState => (rows > 0 ? "present" : "missing"));
  for (const { day } of partial) states[day - firstDay] = "partial";
  return states;
}

/** `3 days missing: 12–14 March 2025`. */
function lackLines({ missing, partial }: FeedCoverage, { unicode }: TextStyle): string[] {
  const dash = unicode ? "–" : "-";
  const lines: string[] = [];
  if (missing.length > 0) {
    const days = daysText(missing, dash, MOST_NAMED);
    lines.push(...wrap(`${counted(missing.length, "day")} missing: ${days}`, "  ", "    "));
  }
  for (const day of partial.slice(0, MOST_NAMED)) lines.push(...wrap(partialText(day), "  ", "    "));
  if (partial.length > MOST_NAMED)
    lines.push(`  and ${counted(partial.length - MOST_NAMED, "more partial day")}`);
  return lines;
}

function partialText(partial: PartialDay): string {
  const { day, intervals, expectedIntervals, rowsPerInterval, expectedRowsPerInterval } = partial;
  const what =
    intervals < expectedIntervals
      ? `${count(intervals)} of ${counted(expectedIntervals, "interval")}`
      : `${counted(Math.round(rowsPerInterval), "row")} per interval, the days around it ${count(expectedRowsPerInterval)}`;
  return `partial: ${dayText(day)}, ${what}`;
}

function strayLines(stray: DatasetCoverage["stray"]): string[] {
  if (stray.length === 0) return [];
  const named = stray.slice(0, MOST_NAMED);
  return [
    "",
    `${counted(stray.length, "file")} left out`,
    ...named.flatMap(({ path, reason }) => [`  ${printable(path)}`, ...wrap(printable(reason), "    ")]),
    ...(stray.length > named.length ? [`  and ${count(stray.length - named.length)} more`] : []),
  ];
}
