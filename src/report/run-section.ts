import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { element } from "../cli/svg.js";
import { byteSize, count, duration } from "../cli/units.js";
import type { StageSeconds } from "../run/stage-clock.js";
import { section, table, tag } from "./html.js";
import { axisOf } from "./pack-prices.js";
import type { PageData } from "./page/page-script.js";
import { type Axis, heightOf, PLOT_HEIGHT, plotMarkup, UNITS } from "./page/plot-markup.js";
import type { RunPart } from "./report-model.js";
import type { RunSample } from "./run-samples.js";

/** Throughput is averaged over so much of the run: chunks come in by the megabyte, not by the byte. */
const WINDOW = 1 / 50;
/** Least seconds over which it is averaged. */
const LEAST_WINDOW = 0.3;

/** Throughput and memory while the run lasted, and which work took how long. */
export function runSection(run: RunPart): string {
  const { samples, summary } = run;
  const points = ratePoints(samples);
  const plots =
    samples.length < 3
      ? [tag("p", { class: "lead" }, "The run was too short for a picture of it.")]
      : [...runPlots(points, summary.peakRssBytes), runTable(points)];
  const stages = summary.stages === undefined ? [] : stageTable(summary.stages);
  return section("run", "The run over time", ...plots, ...stages);
}

/** A sample with the throughput around it. */
interface RatePoint extends RunSample {
  /** Bytes of input per second. */
  rate: number;
}

export function ratePoints(samples: readonly RunSample[]): RatePoint[] {
  const last = samples.at(-1);
  if (last === undefined) return [];
  const window = Math.max(LEAST_WINDOW, last.seconds * WINDOW);
  let from = 0;
  return samples.map((sample) => {
    while (from < samples.length - 1 && samples[from + 1]!.seconds <= sample.seconds - window) from++;
    const { seconds, bytes } = samples[from]!;
    // Before the first sample nothing had been read.
    const start =
      sample.seconds - window <= samples[0]!.seconds ? { seconds: 0, bytes: 0 } : { seconds, bytes };
    const elapsed = sample.seconds - start.seconds;
    return { ...sample, rate: elapsed > 0 ? (sample.bytes - start.bytes) / elapsed : 0 };
  });
}

function runPlots(points: readonly RatePoint[], peak: number): string[] {
  const rates = points.map(({ rate }) => rate / 1e6);
  const memory = points.map(({ rssBytes }) => rssBytes / 1e6);
  const middle = [...rates].sort((a, b) => a - b)[rates.length >> 1]!;
  return [
    figure(
      "Throughput",
      "MB of input per second",
      `Throughput over the run: half of the time above ${count(middle)} MB/s, at most ${count(Math.max(...rates))} MB/s.`,
      plot(points, rates, axisOf(0, Math.max(...rates))),
      "run-readout",
    ),
    figure(
      "Memory",
      "resident, MB",
      `Memory over the run: at most ${byteSize(peak)}.`,
      plot(points, memory, axisOf(0, Math.max(...memory))),
    ),
  ];
}

function figure(title: string, unit: string, says: string, inside: string, readout?: string): string {
  return tag("figure", {}, caption(title, unit, readout), plotElement("run-plot", says, inside));
}

/**
 * What a plot shows, in which unit, and where it says what someone points at.
 *
 * @param unit as HTML
 */
export function caption(title: string, unit: string, readout?: string): string {
  const hint = "Point at it, or use the arrow keys.";
  return tag(
    "figcaption",
    { class: "headed" },
    tag("span", {}, tag("b", {}, title), " ", tag("span", { class: "unit" }, unit)),
    ...(readout === undefined
      ? []
      : [tag("span", { class: "readout", id: readout, "aria-live": "polite" }, hint)]),
  );
}

/** A plot that {@link plotMarkup} has filled. */
export function plotElement(name: string, says: string, inside: string, id?: string): string {
  return element(
    "svg",
    {
      ...(id !== undefined && { id }),
      ...{ class: `plot ${name}`, role: "img", "aria-label": says, height: PLOT_HEIGHT, "data-left": 48 },
    },
    inside,
  );
}

function plot(points: readonly RatePoint[], values: readonly number[], axis: Axis): string {
  const last = points.at(-1)!.seconds;
  const x = scaleLinear().domain([0, last]).range([0, UNITS]);
  const across = (_: unknown, i: number): number => x(points[i]!.seconds);
  const up = (value: number): number => heightOf(axis, value);
  const band = area<number>(across, UNITS, up).digits(1)(values) ?? "";
  const stroke = line<number>(across, up).digits(1)(values) ?? "";
  const inside = element("path", { class: "band", d: band }) + element("path", { class: "line", d: stroke });
  const labels = x.ticks(4).map((tick): [number, string] => [tick / last, secondsText(tick, last)]);
  return plotMarkup(axis, labels, inside);
}

function secondsText(seconds: number, last: number): string {
  if (last < 120) return `${seconds} s`;
  return seconds % 60 === 0 ? `${count(seconds / 60)} min` : duration(seconds);
}

/** Moments of the run, for those who do not see the plots. */
function runTable(points: readonly RatePoint[]): string {
  const shown = 12;
  const step = Math.max(1, Math.ceil(points.length / shown));
  const rows = points
    .filter((_, i) => i % step === step - 1 || i === points.length - 1)
    .map(({ seconds, rate, rssBytes, rows, bytes }) => [
      duration(seconds),
      `${count(rate / 1e6)} MB/s`,
      byteSize(rssBytes),
      count(rows),
      byteSize(bytes),
    ]);
  const right = { align: "right" as const };
  return tag(
    "details",
    {},
    tag("summary", {}, "The same as a table"),
    table(
      "The run over time",
      [
        { title: "After" },
        { title: "Throughput", ...right },
        { title: "Memory", ...right },
        { title: "Rows read", ...right },
        { title: "Input read", ...right },
      ],
      rows,
    ),
  );
}

/** What a plot says of each sample; see {@link PageData}. */
export function runTexts(samples: readonly RunSample[]): PageData["run"] {
  const points = ratePoints(samples);
  return {
    seconds: points.map(({ seconds }) => Math.round(seconds * 100) / 100),
    texts: points.map(
      ({ seconds, rate, rssBytes, rows }) =>
        `After ${duration(seconds)}: ${count(rate / 1e6)} MB/s, ${byteSize(rssBytes)} of memory, ${count(rows)} rows`,
    ),
  };
}

const STAGE_NAMES: Readonly<Record<keyof StageSeconds, string>> = {
  plan: "look at the files and plan",
  unpack: "unpack archives",
  decode: "read and decode CSV",
  encode: "sort and encode row groups",
  merge: "merge rows that came out of order",
  append: "write to the disk",
  publish: "publish finished year files",
  wait: "writer waits for rows",
};

function stageTable(stages: StageSeconds): string[] {
  const names = Object.keys(STAGE_NAMES) as (keyof StageSeconds)[];
  const most = Math.max(...names.map((name) => stages[name]), 1e-9);
  const rows = names.map((name) => {
    const width = `${((stages[name] / most) * 100).toFixed(2)}%`;
    const bar = element("rect", { class: name === "wait" ? "faint" : "whole", width, height: 12 });
    return [
      STAGE_NAMES[name],
      element("svg", { class: "bar", height: 12, role: "img", "aria-label": duration(stages[name]) }, bar),
      duration(stages[name]),
    ];
  });
  return [
    tag("h3", {}, "Where the time went"),
    tag(
      "p",
      { class: "lead" },
      "Seconds of work, added up over threads that work side by side: together they are more than the time that passed.",
    ),
    tag(
      "div",
      { class: "stages" },
      table(
        "Seconds by kind of work",
        [{ title: "Work" }, { title: "Share" }, { title: "Time", align: "right" }],
        rows,
      ),
    ),
  ];
}
