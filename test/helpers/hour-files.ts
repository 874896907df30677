import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import type { Random } from "./random.js";

/*
 * Files that have the hours of a day side by side, and what must come of them by a reading that is too simple to be
 * wrong: cells split at commas, days and their lengths from a table written by hand.
 */

/** A layout of columns by hour. */
export interface HourLayout {
  feed: FeedDefinition;
  header: string[];
  /** Headers that may stand in the middle of a file. */
  again: string[];
  /** Places of the columns that name what the prices are of, in the order of {@link Price.name}. */
  names: number[];
  /** Place of the component; -1 where all are the one price. */
  component: number;
  /** Place of the day; -1 where it stands above. */
  day: number;
  first: number;
  hours: number;
}

/** A wall clock, with a column for the hour that only the long day has, and the day in a column of its own. */
export const BY_HOUR = `iso: TEST
title: Test market
time_zone: America/Chicago
vocabularies:
  kinds: { Hub: HUB, Loadzone: ZONE }
feeds:
  lmp:
    title: Prices by hour
    table: energy
    market: DA
    interval_minutes: 60
    confirmed: false
    hours: { header: H*, last: 25 }
    columns:
      operating_date: { from: Day, date: [M/D/YYYY] }
      location: { from: Name }
      location_type: { from: Kind, vocabulary: kinds }
    components: { column: What, measures: { LMP: lmp_total, MCC: lmp_congestion, MLC: lmp_loss } }
    remainders: [lmp_energy]
  reserves:
    title: Reserve prices by hour
    table: ancillary
    market: DA
    interval_minutes: 60
    confirmed: false
    hours: { header: H*, last: 25 }
    columns:
      operating_date: { from: Day, date: [M/D/YYYY] }
      product: { from: Product }
      product_standard: { from: Product, vocabulary: kinds }
      region: { from: Region }
`;

/** The layout of a feed with these columns before those of the hours. */
export function layoutOf(
  feed: FeedDefinition,
  lead: string[],
  hours: string[],
  again: string[][] = [],
): HourLayout {
  const header = [...lead, ...hours];
  const place = (name: string) => lead.indexOf(name);
  const names =
    feed.table === "energy" ? [place("Node") + place("Name") + 1, place("Type") + place("Kind") + 1] : [0, 2];
  return {
    feed,
    header,
    again: [header, ...again].map((cells) => cells.join(",")),
    names,
    component: Math.max(place("Value"), place("What")),
    day: place("Day"),
    first: lead.length,
    hours: hours.length,
  };
}

/** A day as it is printed and in days since 1970-01-01, the instant at which it begins, and the hours that it has. */
export interface ModelDay {
  text: string;
  date: number;
  start: number;
  hours: number;
}

/** One price. */
export interface Price {
  start: number;
  date: number;
  hour: number;
  name: string;
  component: string;
  value: number;
  file: number;
}

export interface HourExpectation {
  prices: Price[];
  rejects: { line: number; raw: string }[];
  records: number;
  rows: number;
  filtered: number;
}

const TOTALS = ["LMP", ""];
export const COMPONENTS = ["LMP", "MCC", "MLC"];
const BAD_PRICES = ["n/a", "1e3", "1.2.3", "-", "12 345"];

/** How often things happen in a generated file, from 0 to 1. */
export interface HourTrouble {
  missing: number;
  bad: number;
  between: number;
}

/** Lines of a file, after its header. */
export function randomHourLines(
  random: Random,
  layout: HourLayout,
  days: readonly ModelDay[],
  records: number,
  trouble: HourTrouble,
): string[] {
  const lines: string[] = [];
  const names = Array.from({ length: random.int(1, 6) }, (_, index) => `N${index}`);
  let day = random.pick(days);
  for (let count = 0; count < records; count++) {
    if (random.chance(trouble.between)) {
      const commas = ",".repeat(layout.header.length - 1);
      const kinds = ["", ...layout.again];
      if (layout.day < 0) kinds.push(commas, ",,", `${random.pick(days).text}${random.pick(["", commas])}`);
      lines.push(random.pick(kinds));
    }
    if (layout.day >= 0 && random.chance(0.3)) day = random.pick(days);
    lines.push(randomRecord(random, layout, day, random.pick(names), trouble));
  }
  return lines;
}

function randomRecord(
  random: Random,
  layout: HourLayout,
  day: ModelDay,
  name: string,
  trouble: HourTrouble,
): string {
  const cells = layout.header.map(() => "x");
  for (const [index, place] of layout.names.entries())
    cells[place] = index === 0 ? name : random.pick(["Hub", "Loadzone", "New kind"]);
  if (layout.component >= 0) cells[layout.component] = random.pick(COMPONENTS);
  if (layout.day >= 0) cells[layout.day] = day.text;
  const length = layout.day >= 0 ? day.hours : layout.hours;
  for (let hour = 0; hour < layout.hours; hour++) {
    const isMissing = hour >= length || random.chance(trouble.missing);
    cells[layout.first + hour] = isMissing ? "" : (random.int(-9999, 99_999) / 100).toFixed(random.int(1, 3));
  }
  if (random.chance(trouble.bad)) spoil(random, layout, cells, length);
  return cells.join(",");
}

/** Makes a record one that cannot be taken. */
function spoil(random: Random, layout: HourLayout, cells: string[], length: number): void {
  const spoilers = [
    () => {
      cells[layout.first + random.int(0, layout.hours - 1)] = random.pick(BAD_PRICES);
    },
    () => void cells.pop(),
    () => void cells.push("1"),
  ];
  if (layout.component >= 0)
    spoilers.push(() => {
      cells[layout.component] = random.pick(["MGHG", "lmp", ""]);
    });
  if (layout.day >= 0)
    spoilers.push(() => {
      cells[layout.day] = random.pick(["2/30/2025", "", "1/1/1066"]);
    });
  if (length < layout.hours)
    spoilers.push(() => {
      cells[layout.first + length] = "1.5";
    });
  random.pick(spoilers)();
}

/** What must come of a file's lines. */
export function expectedOfHours(
  layout: HourLayout,
  days: readonly ModelDay[],
  lines: readonly string[],
  options: { file: number; firstLine: number; day: ModelDay | null; years: readonly number[] | null },
): HourExpectation {
  const expected: HourExpectation = { prices: [], rejects: [], records: 0, rows: 0, filtered: 0 };
  let above = options.day;
  for (const [index, line] of lines.entries()) {
    if (line === "" || layout.again.includes(line)) continue;
    const cells = line.split(",");
    if (layout.day < 0) {
      if (cells.every((cell) => cell === "")) continue;
      const next = days.find(({ text }) => text === cells[0]);
      if (next !== undefined) {
        above = next;
        continue;
      }
    }
    expected.records++;
    const day = layout.day < 0 ? above : days.find(({ text }) => text === cells[layout.day]);
    const values = readRecord(layout, cells, day?.hours ?? 0);
    if (day === null || day === undefined || values === null) {
      expected.rejects.push({ line: options.firstLine + index, raw: line });
      expected.rows += layout.hours;
      continue;
    }
    const component = layout.component < 0 ? "" : cells[layout.component]!;
    const given = values.filter((value) => value !== null).length;
    const isTotal = TOTALS.includes(component);
    if (isTotal) expected.rows += given;
    const { date } = day;
    if (options.years !== null && !options.years.includes(new Date(date * 86_400_000).getUTCFullYear())) {
      if (isTotal) expected.filtered += given;
      continue;
    }
    const name = layout.names.map((place) => cells[place]).join("|");
    for (const [hour, value] of values.entries()) {
      if (value === null) continue;
      const start = day.start + hour * 3_600_000;
      expected.prices.push({ start, date, hour: hour + 1, name, component, value, file: options.file });
    }
  }
  return expected;
}

/** Values of a record by hour; null when it cannot be taken. */
function readRecord(layout: HourLayout, cells: readonly string[], length: number): (number | null)[] | null {
  if (cells.length !== layout.header.length) return null;
  if (layout.component >= 0 && !COMPONENTS.includes(cells[layout.component]!)) return null;
  const prices = cells.slice(layout.first, layout.first + layout.hours);
  if (prices.some((cell, hour) => cell !== "" && (hour >= length || !/^-?\d+\.\d+$/.test(cell)))) return null;
  return prices.map((cell) => (cell === "" ? null : Number(cell)));
}
