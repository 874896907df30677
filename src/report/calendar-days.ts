import { compareValues } from "../order/compare-values.js";
import { daysFromDate, yearOfDay } from "../time/calendar.js";
import type { FeedDays } from "./report-model.js";

/** How much of an operating day is there; `none`: before the feed's first day or after its last. */
export type DayState = "whole" | "partial" | "missing" | "none";

/** The days of a year, of each feed that has some of them. */
export interface CalendarYear {
  year: number;
  /** Days since 1970-01-01 of its first day. */
  firstDay: number;
  feeds: { feed: FeedDays; states: DayState[] }[];
}

export interface CalendarTotals {
  feeds: number;
  whole: number;
  partial: number;
  missing: number;
}

/** The state of each day of a feed, from its first to its last. */
export function dayStates({ firstDay, dayRows, partial }: FeedDays): DayState[] {
  const states = dayRows.map((rows): DayState => (rows > 0 ? "whole" : "missing"));
  for (const { day } of partial) states[day - firstDay] = "partial";
  return states;
}

export function calendarTotals(feeds: readonly FeedDays[]): CalendarTotals {
  const totals = { feeds: feeds.length, whole: 0, partial: 0, missing: 0, none: 0 };
  for (const feed of feeds) for (const state of dayStates(feed)) totals[state]++;
  return totals;
}

/** The years that any feed has days of, the newest first. */
export function calendarYears(feeds: readonly FeedDays[]): CalendarYear[] {
  const years = new Map<number, CalendarYear>();
  // Feeds of one ISO beside each other, whatever table they are in.
  const byIso = [...feeds].sort((a, b) => compareValues(a.iso, b.iso));
  for (const feed of byIso) {
    const states = dayStates(feed);
    const last = feed.firstDay + states.length - 1;
    for (let year = yearOfDay(feed.firstDay); year <= yearOfDay(last); year++) {
      const firstDay = daysFromDate(year, 1, 1);
      const length = daysFromDate(year + 1, 1, 1) - firstDay;
      const known = years.get(year) ?? { year, firstDay, feeds: [] };
      years.set(year, known);
      const ofYear = Array.from({ length }, (_, i) => states[firstDay + i - feed.firstDay] ?? "none");
      known.feeds.push({ feed, states: ofYear });
    }
  }
  return [...years.values()].sort((a, b) => b.year - a.year);
}

/** Equal states that follow each other. */
export interface StateRun {
  state: DayState;
  from: number;
  length: number;
}

export function stateRuns(states: readonly DayState[]): StateRun[] {
  const runs: StateRun[] = [];
  for (const [i, state] of states.entries()) {
    const last = runs.at(-1);
    if (last?.state === state) last.length++;
    else runs.push({ state, from: i, length: 1 });
  }
  return runs;
}
