import { daysText, dayText } from "../cli/days-text.js";
import { printable } from "../cli/printable.js";
import { element } from "../cli/svg.js";
import { count, counted } from "../cli/units.js";
import type { PartialDay } from "../dataset/partial-days.js";
import { monthOfDay, yearOfDay } from "../time/calendar.js";
import { type CalendarYear, calendarYears, type DayState, dayStates, stateRuns } from "./calendar-days.js";
import { details, section, tag, text } from "./html.js";
import type { FeedDays } from "./report-model.js";

/** Height of a day's bar, of 10: what a day lacks is seen without its colour, too. */
const HEIGHTS: Readonly<Record<Exclude<DayState, "none">, number>> = { whole: 10, partial: 6, missing: 3 };
/** Years that are open at first; the others are folded away. */
const OPEN_YEARS = 3;
/** Days, or ranges of days, that are named of a feed. */
const NAMED_DAYS = 30;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A calendar of each year: a strip of days for every feed. */
export function coverageSection(feeds: readonly FeedDays[]): string {
  if (feeds.length === 0) return "";
  const years = calendarYears(feeds).map((year, i) => {
    const readout = tag(
      "p",
      { class: "readout", id: readoutId(year), "aria-hidden": "true" },
      "Point at a day.",
    );
    const calendar = calendarTable(year);
    const title = String(year.year);
    if (i >= OPEN_YEARS) return details(title, readout, calendar);
    return tag("div", { class: "headed" }, tag("h3", {}, title), readout) + calendar;
  });
  return section(
    "coverage",
    "Days of each feed",
    tag("p", { class: "lead" }, coverageSentence(feeds)),
    tag(
      "ul",
      { class: "legend", "aria-label": "Legend" },
      ...(["whole", "partial", "missing"] as const).map((state) =>
        tag("li", {}, legendMark(state), LEGEND[state]),
      ),
    ),
    ...years,
    gapList(feeds),
  );
}

const LEGEND = {
  whole: "whole day",
  partial: "partial: less than the days around it",
  missing: "missing, between the feed’s first and last day",
} as const;

function legendMark(state: Exclude<DayState, "none">): string {
  const height = HEIGHTS[state] * 1.4;
  const bar = element("rect", { class: state, x: 0, y: 14 - height, width: 14, height });
  return element("svg", { width: 14, height: 14, role: "img", "aria-label": `${state}:` }, bar);
}

function coverageSentence(feeds: readonly FeedDays[]): string {
  const lacking = feeds.filter((feed) => dayStates(feed).some((state) => state !== "whole")).length;
  if (lacking === 0) return `${counted(feeds.length, "feed")}; no day is missing or partial.`;
  if (lacking === feeds.length) return `${counted(feeds.length, "feed")}; each has missing or partial days.`;
  return `${counted(feeds.length, "feed")}, of which ${count(lacking)} ${lacking === 1 ? "has" : "have"} missing or partial days.`;
}

function calendarTable(year: CalendarYear): string {
  const days = year.feeds[0]!.states.length;
  const head = [
    tag("th", { scope: "col", role: "columnheader" }, "Feed"),
    tag("th", { scope: "col", role: "columnheader", class: "months" }, monthLabels(year.firstDay, days)),
    ...["whole", "partial", "missing"].map((state) =>
      tag("th", { scope: "col", role: "columnheader", class: "right" }, state),
    ),
  ];
  const rows = year.feeds.map((each, i) =>
    calendarRow(each, year, year.feeds[i - 1]?.feed.iso !== each.feed.iso),
  );
  return tag(
    "table",
    { class: "calendar", role: "table" },
    tag("caption", {}, `Days of ${year.year} by feed`),
    tag("thead", { role: "rowgroup" }, tag("tr", { role: "row" }, ...head)),
    tag("tbody", { role: "rowgroup" }, ...rows),
  );
}

/** Where the day is said that someone points at. */
function readoutId({ year }: CalendarYear): string {
  return `calendar-${year}`;
}

function calendarRow(
  { feed, states }: CalendarYear["feeds"][number],
  year: CalendarYear,
  isFirst: boolean,
): string {
  const counts = { whole: 0, partial: 0, missing: 0, none: 0 };
  for (const state of states) counts[state]++;
  const words = (["whole", "partial", "missing"] as const)
    .map((state) => `${counts[state]} ${state}`)
    .join(", ");
  const name = printable(`${feed.iso} ${feed.feed}`);
  const runs = stateRuns(states);
  const strip = element(
    "svg",
    {
      ...{ class: "strip", role: "img", "aria-label": `${name} in ${year.year}: ${words}` },
      ...{ viewBox: `0 0 ${states.length} 10`, preserveAspectRatio: "none", height: 18 },
      ...{ "data-feed": name, "data-first": year.firstDay, "data-readout": readoutId(year) },
      "data-days": runs.map(({ state, length }) => `${state[0]}${length}`).join(""),
    },
    element("rect", { class: "ground", x: 0, y: 9.4, width: states.length, height: 0.6 }),
    ...(["whole", "partial", "missing"] as const).flatMap((state) => {
      const bars = runs
        .filter((run) => run.state === state)
        .map(({ from, length }) => `M${from} ${10 - HEIGHTS[state]}h${length}v${HEIGHTS[state]}h-${length}z`);
      return bars.length === 0 ? [] : [element("path", { class: state, d: bars.join("") })];
    }),
  );
  const number = (state: "whole" | "partial" | "missing"): string =>
    tag(
      "td",
      { role: "cell", class: `right ${state}${counts[state] === 0 ? " zero" : ""}`, "data-label": state },
      count(counts[state]),
    );
  return tag(
    "tr",
    { role: "row", ...(isFirst && { class: "first" }) },
    tag("th", { scope: "row", role: "rowheader" }, tag("b", {}, text(feed.iso)), ` ${text(feed.feed)}`),
    tag("td", { role: "cell", class: "days" }, strip),
    ...(["whole", "partial", "missing"] as const).map(number),
  );
}

/** The months, where they begin. */
function monthLabels(firstDay: number, days: number): string {
  const labels: string[] = [];
  for (let i = 0; i < days; i++) {
    if (i > 0 && monthOfDay(firstDay + i) === monthOfDay(firstDay + i - 1)) continue;
    const x = `${((i / days) * 100).toFixed(2)}%`;
    labels.push(element("text", { class: "tick", x, y: 12 }, MONTHS[labels.length]!));
  }
  const year = yearOfDay(firstDay);
  return element("svg", { height: 16, role: "img", "aria-label": `Months of ${year}` }, ...labels);
}

/** The same in words: which days of which feeds. */
function gapList(feeds: readonly FeedDays[]): string {
  const items = feeds.flatMap((feed) => {
    const words = [...missingWords(feed), ...partialWords(feed)];
    if (words.length === 0) return [];
    const name = tag("dt", {}, tag("b", {}, text(feed.iso)), ` ${text(feed.feed)}`);
    return [name, ...words.map((each) => tag("dd", {}, each))];
  });
  if (items.length === 0) return "";
  return details("Missing and partial days in words", tag("dl", { class: "gaps" }, ...items));
}

function missingWords(feed: FeedDays): string[] {
  const missing = feed.dayRows.flatMap((rows, i) => (rows === 0 ? [feed.firstDay + i] : []));
  return missing.length === 0 ? [] : [`missing: ${daysText(missing, "–", NAMED_DAYS)}`];
}

function partialWords({ partial }: FeedDays): string[] {
  const named = partial.slice(0, NAMED_DAYS).map((day) => `${dayText(day.day)} (${lackText(day)})`);
  const more = partial.length > NAMED_DAYS ? `, and ${counted(partial.length - NAMED_DAYS, "more day")}` : "";
  return named.length === 0 ? [] : [`partial: ${named.join(", ")}${more}`];
}

function lackText(day: PartialDay): string {
  const { intervals, expectedIntervals, rowsPerInterval, expectedRowsPerInterval } = day;
  if (intervals < expectedIntervals) return `${count(intervals)} of ${count(expectedIntervals)} intervals`;
  return `${count(rowsPerInterval)} rows per interval, not ${count(expectedRowsPerInterval)}`;
}
