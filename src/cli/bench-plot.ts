import { type ScaleLinear, type ScalePoint, scaleLinear, scalePoint } from "d3-scale";
import { line, symbol, symbolsFill } from "d3-shape";
import type { BenchResult, MeasuredRun, SettingResult } from "../bench/result.js";
import { type Dimension, inputText, medianText, settingName, variedDimensions } from "./bench-text.js";
import { element, escapeXml, label } from "./svg.js";
import { count, counted } from "./units.js";

/* All lengths are pixels. */

const PANEL = { width: 330, height: 240, top: 126 } as const;
const PANEL_LEFT = [76, 504] as const;
const WIDTH = 860;
const LEGEND_TOP = PANEL.top + PANEL.height + 72;
const LEGEND_LINE = 20;
/** How far apart the marks of two series at one place are, so that none hides the other. */
const DODGE = 7;
const INK = "#222222";
const PALE_INK = "#555555";
const GRID = "#dddddd";
/** Colours that people who are blind to some can tell apart; each series has a shape of its own as well. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif";

const AXIS_TITLES: Readonly<Record<Dimension, string>> = {
  threads: "threads",
  batchSize: "batch size (files)",
  chunkSize: "chunk size (rows)",
};

/** A measured setting that did not fail. */
type Measured = SettingResult & { median: NonNullable<SettingResult["median"]> };

/** Points that a line joins: settings that differ in nothing but what the horizontal axis shows. */
interface Series {
  name: string;
  colour: string;
  /** Path of its mark, around the origin. */
  mark: string;
  /** How far its marks are to the right of their place. */
  shift: number;
  points: Measured[];
}

interface Panel {
  title: string;
  axisTitle: string;
  left: number;
  /** What of a run is shown, in the axis' unit. */
  value: (run: MeasuredRun) => number;
}

/**
 * The costs of the settings as a picture: throughput and peak memory against threads, or against what else differs
 * where the threads do not. Marks are medians; the thin upright lines go from the least to the most of the rounds.
 *
 * @returns an SVG document without scripts, on a background of its own
 */
export function benchPlot(result: BenchResult): string {
  const measured = result.settings.filter((setting): setting is Measured => setting.median !== null);
  const varied = variedDimensions(measured);
  const across = varied[0] ?? "threads";
  const series = seriesOf(
    measured,
    across,
    varied.filter((dimension) => dimension !== across),
  );
  const legend = series.length > 1 ? legendLines(series) : [];
  const height = LEGEND_TOP + legend.length * LEGEND_LINE - (legend.length === 0 ? 20 : 0);
  const title = `gridparquet convert: throughput and peak memory by ${AXIS_TITLES[across]}`;
  const notes = subtitles(result);
  const panels = panelsOf(result.input.bytes).map((panel) => drawPanel(panel, series, across));
  const root = {
    xmlns: "http://www.w3.org/2000/svg",
    ...{ width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}`, role: "img" },
    ...{ "font-family": FONT, "font-size": 12, fill: INK },
  };
  return `${element(
    "svg",
    root,
    element("title", {}, escapeXml(title)),
    element("desc", {}, escapeXml(notes.join(". "))),
    element("rect", { width: WIDTH, height, fill: "#ffffff" }),
    label(title, 24, 34, "start", { "font-size": 18, "font-weight": 600 }),
    ...notes.map((note, i) => label(note, 24, 56 + i * 17, "start", { fill: PALE_INK })),
    ...panels,
    ...legend,
  )}\n`;
}

function subtitles({ input, compression, rounds, machine, settings }: BenchResult): string[] {
  const failed = settings.filter(({ error }) => error !== null).length;
  const lost = failed === 0 ? "" : `; ${counted(failed, "setting")} failed`;
  const range = rounds === 1 ? "" : " (upright lines: least to most)";
  const memory = `${(machine.memoryBytes / 1e9).toFixed(0)} GB`;
  return [
    `${inputText(input)}; ${compression}; ${medianText(rounds)}${range}${lost}`,
    `${machine.cpu}, ${counted(machine.cores, "core")}, ${memory}; Node ${machine.node}, ${machine.platform}`,
  ];
}

function panelsOf(inputBytes: number): Panel[] {
  return [
    {
      title: "Throughput (more is better)",
      axisTitle: "MB of input per second",
      left: PANEL_LEFT[0],
      value: ({ wallSeconds }) => inputBytes / 1e6 / wallSeconds,
    },
    {
      title: "Peak memory (less is better)",
      axisTitle: "peak resident memory (MB)",
      left: PANEL_LEFT[1],
      value: ({ peakRssBytes }) => peakRssBytes / 1e6,
    },
  ];
}

function seriesOf(measured: readonly Measured[], across: Dimension, others: readonly Dimension[]): Series[] {
  const byName = new Map<string, Measured[]>();
  for (const setting of measured) {
    const name = others.length === 0 ? "" : settingName(setting, others);
    byName.set(name, [...(byName.get(name) ?? []), setting]);
  }
  return [...byName].map(([name, points], i) => ({
    name,
    colour: COLOURS[i % COLOURS.length]!,
    mark: symbol(symbolsFill[i % symbolsFill.length], 56)()!,
    shift: (i - (byName.size - 1) / 2) * DODGE,
    points: points.sort((a, b) => a[across] - b[across]),
  }));
}

function drawPanel(panel: Panel, series: readonly Series[], across: Dimension): string {
  const values = [...new Set(series.flatMap(({ points }) => points.map((point) => point[across])))];
  const x = scalePoint<number>()
    .domain(values.sort((a, b) => a - b))
    .range([0, PANEL.width])
    .padding(0.5);
  const runs = series.flatMap(({ points }) => points.flatMap((point) => point.runs));
  const most = Math.max(...runs.map(panel.value));
  // room for the number above the highest mark
  const y = scaleLinear()
    .domain([0, most * 1.1])
    .nice(5)
    .range([PANEL.height, 0]);
  const position = { transform: `translate(${panel.left} ${PANEL.top})` };
  return element(
    "g",
    position,
    label(panel.title, 0, -10, "start", { "font-size": 14, "font-weight": 600 }),
    ...axes(x, y, panel.axisTitle, AXIS_TITLES[across]),
    ...series.flatMap((each) => drawSeries(each, panel, x, y, across, series.length === 1)),
  );
}

function axes(
  x: ScalePoint<number>,
  y: ScaleLinear<number, number>,
  yTitle: string,
  xTitle: string,
): string[] {
  const { width, height } = PANEL;
  const write = y.tickFormat(5);
  return [
    ...y
      .ticks(5)
      .flatMap((tick) => [
        element("line", { x1: 0, x2: width, y1: y(tick), y2: y(tick), stroke: tick === 0 ? INK : GRID }),
        label(write(tick), -8, y(tick) + 4, "end"),
      ]),
    ...x.domain().map((value) => label(count(value), x(value)!, height + 18, "middle")),
    label(xTitle, width / 2, height + 40, "middle", { fill: PALE_INK }),
    label(yTitle, 0, 0, "middle", { transform: `translate(-56 ${height / 2}) rotate(-90)`, fill: PALE_INK }),
  ];
}

function drawSeries(
  { points, colour, mark, shift }: Series,
  { value }: Panel,
  x: ScalePoint<number>,
  y: ScaleLinear<number, number>,
  across: Dimension,
  withNumbers: boolean,
): string[] {
  const place = (point: Measured): number => x(point[across])! + shift;
  const path = line<Measured>(place, (point) => y(value(point.median))).digits(2);
  return [
    element("path", { d: path(points) ?? "", fill: "none", stroke: colour, "stroke-width": 2 }),
    ...points.flatMap((point) => {
      const at = place(point);
      const rounds = point.runs.map(value);
      const [low, high] = [y(Math.min(...rounds)), y(Math.max(...rounds))];
      const middle = value(point.median);
      const number = middle < 10 ? middle.toFixed(1) : count(middle);
      return [
        element("line", { x1: at, x2: at, y1: low, y2: high, stroke: colour, "stroke-width": 1.5 }),
        element("path", {
          d: mark,
          transform: `translate(${at.toFixed(2)} ${y(middle).toFixed(2)})`,
          fill: colour,
        }),
        ...(withNumbers ? [label(number, at, Math.min(high, y(middle)) - 10, "middle")] : []),
      ];
    }),
  ];
}

function legendLines(series: readonly Series[]): string[] {
  return series.map(({ name, colour, mark }, i) => {
    const top = LEGEND_TOP + i * LEGEND_LINE - 6;
    const left = PANEL_LEFT[0];
    return element(
      "g",
      { transform: `translate(${left} ${top})` },
      element("line", { x1: -14, x2: 14, y1: 0, y2: 0, stroke: colour, "stroke-width": 2 }),
      element("path", { d: mark, fill: colour }),
      label(name, 24, 4, "start"),
    );
  });
}
