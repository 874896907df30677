import { element } from "../cli/svg.js";
import { byteSize, count, counted, duration, megabytesPerSecond } from "../cli/units.js";
import type { RunTotals } from "../run/options.js";
import { type CalendarTotals, calendarTotals } from "./calendar-days.js";
import { section, table, tag } from "./html.js";
import type { ReportModel } from "./report-model.js";

/** A number that matters, what it is of, and what else there is to say. */
interface Figure {
  name: string;
  value: string;
  note: string;
}

/** The numbers that people look for first, and what became of every row. */
export function summarySection(model: ReportModel): string {
  const figures = model.run === null ? [] : runFigures(model);
  const tiles = [...figures, ...dataFigures(model)].map(({ name, value, note }) =>
    tag("div", {}, tag("dt", {}, name), tag("dd", {}, tag("strong", {}, value), tag("span", {}, note))),
  );
  return section(
    "summary",
    "Summary",
    tag("dl", { class: "tiles" }, ...tiles),
    model.run === null ? "" : rowAccount(model.run.summary.totals),
  );
}

function runFigures({ run }: ReportModel): Figure[] {
  const { totals, elapsedSeconds, peakRssBytes } = run!.summary;
  const rate = elapsedSeconds > 0 ? totals.rowsRead / elapsedSeconds : 0;
  return [
    {
      name: "Rows written",
      value: count(totals.rowsWritten),
      note: `from ${counted(totals.recordsRead, "CSV record")}`,
    },
    { name: "Read", value: byteSize(totals.bytesIn), note: counted(totals.files, "file") },
    {
      name: "Time",
      value: duration(elapsedSeconds),
      note: `${megabytesPerSecond(totals.bytesIn, elapsedSeconds)}, ${count(rate)} rows/s`,
    },
    { name: "Peak memory", value: byteSize(peakRssBytes), note: "of the whole process" },
  ];
}

function dataFigures({ outputs, coverage, run }: ReportModel): Figure[] {
  const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0);
  const rows = outputs.reduce((sum, output) => sum + output.rows, 0);
  const perRow = rows === 0 ? "" : `, ${(bytes / rows).toFixed(1)} bytes a row`;
  const written: Figure = {
    name: run === null ? "Stored" : "Written",
    value: byteSize(bytes),
    note: `${counted(outputs.length, "year file")}${perRow}`,
  };
  const days: Figure[] = coverage.length === 0 ? [] : [daysFigure(calendarTotals(coverage))];
  return run === null
    ? [{ name: "Rows", value: count(rows), note: "in all feeds" }, written, ...days]
    : [written, ...days];
}

function daysFigure({ feeds, whole, partial, missing }: CalendarTotals): Figure {
  const all = whole + partial + missing;
  const faults = [
    ...(partial === 0 ? [] : [`${count(partial)} partial`]),
    ...(missing === 0 ? [] : [`${count(missing)} missing`]),
  ];
  return {
    name: "Days of feeds",
    value: counted(all - missing, "day"),
    note: `${counted(feeds, "feed")}, ${faults.length === 0 ? "none missing" : faults.join(", ")}`,
  };
}

/** What became of the rows that were read: the parts of a bar, and the same as a sum. */
function rowAccount(totals: RunTotals): string {
  const parts = [
    { name: "written", rows: totals.rowsWritten, class: "whole" },
    { name: "rejected", rows: totals.rowsRejected, class: "bad" },
    { name: "duplicates dropped", rows: totals.rowsDeduplicated, class: "pale" },
    { name: "outside the chosen years", rows: totals.rowsFiltered, class: "faint" },
    { name: "of year files that failed", rows: totals.rowsFailed, class: "worse" },
  ].filter(({ rows }, i) => i < 3 || rows > 0);
  const sum = parts.reduce((all, { rows }) => all + rows, 0);
  const holds = sum === totals.rowsRead;
  let x = 0;
  const bars = parts.map((part) => {
    const width = totals.rowsRead === 0 ? 0 : (part.rows / totals.rowsRead) * 100;
    const bar = element("rect", {
      ...{ class: part.class, x: `${x.toFixed(3)}%`, y: 0 },
      // what is there must be seen
      ...{ width: `${(part.rows === 0 ? 0 : Math.max(width, 0.4)).toFixed(3)}%`, height: 12 },
    });
    x = Math.min(99.6, x + width);
    return bar;
  });
  const words = parts.map(({ name, rows }) => `${count(rows)} ${name}`).join(" + ");
  const sentence = `${count(totals.rowsRead)} rows read ${holds ? "=" : "≠"} ${words}`;
  const rows = parts.map((part) => [
    tag("span", { class: `key ${part.class}` }) + part.name,
    count(part.rows),
    totals.rowsRead === 0 ? "" : shareText(part.rows / totals.rowsRead),
  ]);
  const all = [
    `rows read ${holds ? "(the sum of these)" : "(not the sum of these)"}`,
    count(totals.rowsRead),
    "",
  ];
  return tag(
    "div",
    { class: "account" },
    tag("h3", {}, "What became of every row"),
    element("svg", { class: "account-bar", role: "img", "aria-label": sentence, height: 12 }, ...bars),
    table(
      "Rows by what became of them",
      [{ title: "Rows" }, { title: "Count", align: "right" }, { title: "Share", align: "right" }],
      [...rows, all],
    ),
  );
}

/** `99.97 %`; what is there is never 0, what is lacking never 100. */
export function shareText(share: number): string {
  if (share > 0 && share < 0.0001) return "< 0.01 %";
  if (share < 1 && share > 0.9999) return "> 99.99 %";
  return `${(share * 100).toFixed(share === 0 || share === 1 ? 0 : 2)} %`;
}
