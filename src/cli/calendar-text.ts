import { monthOfDay } from "../time/calendar.js";

/** How a day is drawn. */
export type DayState = "present" | "partial" | "missing" | "outside";

/** What can be shown on the terminal, or wherever the text goes. */
export interface TextStyle {
  /** Whether characters beyond ASCII can be shown. */
  unicode: boolean;
  color: boolean;
}

const UNICODE_MARKS: Readonly<Record<DayState, string>> = {
  present: "█",
  partial: "▒",
  missing: "·",
  outside: " ",
};
const ASCII_MARKS: Readonly<Record<DayState, string>> = {
  present: "#",
  partial: "+",
  missing: ".",
  outside: " ",
};
/** Select Graphic Rendition (ECMA-48, section 8.3.117): green, yellow, red. */
const COLORS: Readonly<Partial<Record<DayState, string>>> = { present: "32", partial: "33", missing: "31" };

/** Fewer whole or empty months than this are drawn like any other. */
const SHORTEST_SPAN = 3;

/** The character of a day, in its colour. */
export function dayMark(state: DayState, style: TextStyle): string {
  return paint((style.unicode ? UNICODE_MARKS : ASCII_MARKS)[state], state, style);
}

function paint(text: string, state: DayState, { color }: TextStyle): string {
  const code = COLORS[state];
  return color && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
}

interface Month {
  /** `2025-03`. */
  name: string;
  /** From its first day on. */
  states: DayState[];
}

/**
 * A calendar as lines: a month a line, a day a character. Months that follow each other and lack nothing, or have
 * nothing, share a line.
 *
 * @param firstDay of the states, in days since 1970-01-01
 */
export function calendarLines(firstDay: number, states: readonly DayState[], style: TextStyle): string[] {
  const months = monthsOf(firstDay, states);
  const lines: string[] = [];
  for (let at = 0; at < months.length; ) {
    const same = onlyState(months[at]!);
    let end = at;
    while (end < months.length && same !== null && onlyState(months[end]!) === same) end++;
    if (end - at >= SHORTEST_SPAN) {
      const days = months.slice(at, end).reduce((sum, month) => sum + month.states.length, 0);
      const dash = style.unicode ? "–" : "-";
      const all = paint(`${same === "missing" ? "none" : "all"} of ${days} days`, same!, style);
      lines.push(`${months[at]!.name} ${dash} ${months[end - 1]!.name}  ${all}`);
      at = end;
    } else {
      const month = months[at++]!;
      lines.push(`${month.name}  ${drawDays(month.states, style)}`.trimEnd());
    }
  }
  return lines;
}

/** The state of all days of a month that is whole or empty. */
function onlyState({ states }: Month): "present" | "missing" | null {
  const [first] = states;
  const isOne = (first === "present" || first === "missing") && states.every((state) => state === first);
  return isOne ? first : null;
}

function monthsOf(firstDay: number, states: readonly DayState[]): Month[] {
  const months: Month[] = [];
  const lastDay = firstDay + states.length - 1;
  for (let day = monthStart(firstDay); day <= lastDay; day = nextMonth(day)) {
    const end = nextMonth(day);
    months.push({
      name: new Date(day * 86_400_000).toISOString().slice(0, 7),
      states: Array.from({ length: end - day }, (_, i) => states[day + i - firstDay] ?? "outside"),
    });
  }
  return months;
}

/** Days in a row of one state are coloured together. */
function drawDays(states: readonly DayState[], style: TextStyle): string {
  let text = "";
  for (let at = 0; at < states.length; ) {
    let end = at;
    while (end < states.length && states[end] === states[at]) end++;
    const mark = (style.unicode ? UNICODE_MARKS : ASCII_MARKS)[states[at]!];
    text += paint(mark.repeat(end - at), states[at]!, style);
    at = end;
  }
  return text;
}

function monthStart(day: number): number {
  return day - new Date(day * 86_400_000).getUTCDate() + 1;
}

function nextMonth(start: number): number {
  let day = start + 28;
  while (monthOfDay(day) === monthOfDay(start)) day++;
  return day;
}
