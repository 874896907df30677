import { median } from "../src/bench/median.js";
import type { Usage } from "./measure.js";
import type { BenchRecord, PeersContent, PeersOnInput } from "./record-types.js";

/** Something that was measured several times. */
export interface Series {
  /** What was measured: a peer, a layout, a size. */
  name: string;
  quantity: string;
  /** One per round. */
  values: readonly number[];
}

/** A series in two records. */
export interface Comparison {
  name: string;
  quantity: string;
  /** Medians; null where the record does not have the series. */
  a: number | null;
  b: number | null;
  /** B as a multiple of A. */
  ratio: number | null;
  /**
   * Whether B is above or below A by more than the rounds differ among themselves: no round of one lies within the
   * range of the other's. Null where a side has fewer than two rounds.
   */
  verdict: "higher" | "lower" | "within spread" | null;
}

/** All that a record has measured, round by round. */
export function seriesOf(record: BenchRecord): Series[] {
  switch (record.bench) {
    case "peers":
      return peersSeries(record);
    case "layouts":
      return record.results.flatMap(({ name, runs, duckdbRuns = [], inflateSeconds }) => [
        ...usageSeries(name, runs),
        ...(duckdbRuns.length > 0 ? usageSeries(`${name}, DuckDB`, duckdbRuns) : []),
        ...(inflateSeconds.length > 0 ? [{ name, quantity: "inflate s", values: inflateSeconds }] : []),
      ]);
    case "startup":
    case "dataset":
      return record.results.flatMap(({ name, runs }) => usageSeries(name, runs));
    case "memory":
      return record.sizes.flatMap(({ scale, runs }) => usageSeries(`${scale}x`, runs));
    case "soak": {
      const { samples, trend, wallSeconds } = record;
      // Memory fills in the first conversions; what follows is compared.
      const settled = samples.slice(Math.floor(samples.length / 3));
      const name = "conversion";
      return [
        { name, quantity: "wall s", values: wallSeconds },
        { name, quantity: "RSS MB", values: settled.map(({ rssBytes }) => rssBytes / 1e6) },
        { name, quantity: "slope MB/h", values: [trend.bytesPerHour / 1e6] },
      ];
    }
  }
}

function peersSeries({ sets, year, tenth, smallFiles, start }: PeersContent): Series[] {
  const seriesOn = (what: string, { peers }: Pick<PeersOnInput, "peers">) =>
    peers.flatMap(({ name, runs }) => usageSeries(name + what, runs));
  return [
    ...sets.flatMap((set) =>
      seriesOn(sets.length > 1 ? ` ${(set.input.bytes / 1e6).toFixed(0)} MB` : "", set),
    ),
    ...(year === undefined ? [] : seriesOn(", year", year)),
    ...(tenth === undefined ? [] : seriesOn(", tenth of it", tenth)),
    ...(smallFiles === undefined ? [] : usageSeries("small zips", smallFiles.runs)),
    ...(start === undefined ? [] : seriesOn(", 100 rows", start)),
  ];
}

function usageSeries(name: string, runs: readonly Usage[]): Series[] {
  return [
    { name, quantity: "wall s", values: runs.map(({ wallSeconds }) => wallSeconds) },
    { name, quantity: "CPU s", values: runs.map(({ cpuSeconds }) => cpuSeconds) },
    { name, quantity: "peak MB", values: runs.map(({ peakRssBytes }) => peakRssBytes / 1e6) },
  ];
}

/**
 * Every series of either record, those of A first.
 *
 * @throws Error when the records are of different benchmarks
 */
export function compareRecords(a: BenchRecord, b: BenchRecord): Comparison[] {
  if (a.bench !== b.bench) throw new Error(`A is a record of ${a.bench}, B of ${b.bench}.`);
  const [seriesA, seriesB] = [seriesOf(a), seriesOf(b)];
  const alike = (one: Series) => (other: Series) =>
    other.name === one.name && other.quantity === one.quantity;
  return [
    ...seriesA.map((series) => compareSeries(series, seriesB.find(alike(series)))),
    ...seriesB
      .filter((series) => !seriesA.some(alike(series)))
      .map((series) => ({ ...compareSeries(series, undefined), a: null, b: medianOf(series) })),
  ];
}

function compareSeries(a: Series, b: Series | undefined): Comparison {
  const { name, quantity } = a;
  const [medianA, medianB] = [medianOf(a), medianOf(b)];
  const ratio = medianA === null || medianB === null || medianA === 0 ? null : medianB / medianA;
  const verdict = b === undefined ? null : verdictOf(a.values, b.values);
  return { name, quantity, a: medianA, b: medianB, ratio, verdict };
}

function medianOf(series: Series | undefined): number | null {
  return series === undefined || series.values.length === 0 ? null : median(series.values);
}

function verdictOf(a: readonly number[], b: readonly number[]): Comparison["verdict"] {
  if (a.length < 2 || b.length < 2) return null;
  if (Math.min(...b) > Math.max(...a)) return "higher";
  if (Math.max(...b) < Math.min(...a)) return "lower";
  return "within spread";
}

const HEADINGS = ["A", "B", "B/A"];
const WIDTHS = [10, 10, 7];

/** The comparison as a table that fits 80 columns; `higher` and `lower` are beyond the spread of the rounds. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const lines = [row("", "", HEADINGS, "B is")];
  let last: string | undefined;
  for (const { name, quantity, a, b, ratio, verdict } of comparisons) {
    const cells = [a, b, ratio].map((value) => (value === null ? "-" : value.toFixed(2)));
    lines.push(row(name === last ? "" : name, quantity, cells, verdict ?? "-"));
    last = name;
  }
  return `${lines.join("\n")}\n`;
}

function row(name: string, quantity: string, cells: readonly string[], verdict: string): string {
  const numbers = cells.map((cell, i) => cell.padStart(WIDTHS[i]!)).join("");
  return `${name.padEnd(25)}${quantity.padEnd(11)}${numbers}  ${verdict}`.trimEnd();
}

/** What the two runs did not have in common, a sentence each: numbers of other machines or inputs say little. */
export function differencesOf(a: BenchRecord, b: BenchRecord): string[] {
  const sentences: string[] = [];
  const compare = (what: string, of: (record: BenchRecord) => unknown) => {
    const [left, right] = [JSON.stringify(of(a)), JSON.stringify(of(b))];
    if (left !== right) sentences.push(`The ${what} differ: A ${left}, B ${right}.`);
  };
  compare("machines", ({ machine }) => machine);
  compare("versions", ({ versions }) => versions);
  compare("options", ({ options }) => options);
  compare("inputs", inputsOf);
  return sentences;
}

/** Bytes of the inputs. */
function inputsOf(record: BenchRecord): number[] {
  switch (record.bench) {
    case "peers":
      return record.sets.map(({ input }) => input.bytes);
    case "layouts":
      return record.results.map(({ input }) => input.bytes);
    case "memory":
      return record.sizes.map(({ input }) => input.bytes);
    case "soak":
      return [record.input.bytes];
    case "dataset":
      return record.inputs.map(({ bytes }) => bytes);
    case "startup":
      return [];
  }
}
