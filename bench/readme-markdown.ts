import { median } from "../src/bench/median.js";
import { benchTargets } from "./bench-targets.js";
import { datasetTargets } from "./dataset/dataset-targets.js";
import { WHOLE_YEAR } from "./dataset/settings.js";
import { STEP } from "./dataset/step-names.js";
import { outputRatio } from "./layouts/layout-table.js";
import { REFERENCE_PEER } from "./peers/peer.js";
import { newestRecord } from "./record.js";
import type {
  Circumstances,
  DatasetRecord,
  LayoutsRecord,
  MemoryRecord,
  PeersOnInput,
  PeersRecord,
} from "./record-types.js";
import { LONG_SECONDS } from "./run-peers.js";
import { medians } from "./table.js";
import { boundText, type TargetGroup, valueText } from "./target.js";

/** What the README's benchmark is made of. */
export interface ReadmeRecords {
  peers: PeersRecord;
  /** The others: undefined when there is none. */
  memory?: MemoryRecord | undefined;
  layouts?: LayoutsRecord | undefined;
  dataset?: DatasetRecord | undefined;
}

const BEGIN = "<!-- bench -->\n";
const END = "<!-- /bench -->";
const LAYOUT_HEADINGS = [
  ...["", "MB", "files", "wall s", "MB/s", "peak MB", "DuckDB s", "DuckDB peak MB", "wall ×"],
  ...["out MB", "out ×"],
];
const HEADINGS = ["", "wall s", "CPU s", "peak MB", "out MB", "wall ×", "memory ×", "sorted"];

/** The newest records in a folder; of peers only one of all parts, for which all of them ran on plain prices. */
export async function newestForReadme(folder: string): Promise<ReadmeRecords | undefined> {
  const peers = await newestRecord(
    folder,
    "peers",
    ({ options, sets, year, smallFiles, start }) =>
      options.only.length === 0 &&
      !options.sixDecimals &&
      [sets[0], year, smallFiles, start].every((part) => part !== undefined),
  );
  if (peers === undefined) return undefined;
  const memory = await newestRecord(folder, "memory");
  const layouts = await newestRecord(folder, "layouts", areAllLayouts);
  return { peers, memory, layouts, dataset: await newestRecord(folder, "dataset", isOfWholeYear) };
}

/** Whether all layouts were measured, and DuckDB beside them. */
function areAllLayouts({ options: { only }, results }: LayoutsRecord): boolean {
  return only.length === 0 && results.some(({ duckdbRuns = [] }) => duckdbRuns.length > 0);
}

/** Whether all parts were measured, at the size that the targets are for. */
function isOfWholeYear({ options: { only, days, nodes } }: DatasetRecord): boolean {
  return only.length === 0 && days >= WHOLE_YEAR.days && nodes >= WHOLE_YEAR.nodes;
}

/** @throws Error when the text lacks the markers */
export function replaceBench(readme: string, markdown: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md lacks ${BEGIN.trim()} or ${END}.`);
  return readme.slice(0, begin + BEGIN.length) + markdown + readme.slice(end);
}

/** What the README has between its markers, or undefined. */
export function benchOf(readme: string): string | undefined {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  return begin < 0 || end < begin ? undefined : readme.slice(begin + BEGIN.length, end);
}

/**
 * What peers took for a year and for the first input of a record, the targets, how memory goes with the size of the
 * input, what other layouts take, and what a dataset costs afterwards.
 */
export function benchMarkdown({ peers: record, memory, layouts, dataset }: ReadmeRecords): string {
  const month = record.sets[0]!;
  const { year, tenth, smallFiles, start } = record;
  const lines = wrap(introduction(record));
  if (year !== undefined) lines.push("", ...peersLines("A year of PJM's day-ahead prices", year));
  lines.push("", ...peersLines(year === undefined ? "PJM's day-ahead prices" : "A month of them", month));
  const measured = { peers: month.peers, year: year?.peers, tenth: tenth?.peers };
  for (const group of benchTargets({ ...measured, smallFiles, start: start?.peers })) {
    lines.push(...targetRows(group));
  }
  lines.push(...partLines(record));
  if (memory !== undefined) lines.push("", ...wrap(memorySentence(memory)));
  if (layouts !== undefined) lines.push("", ...layoutLines(layouts));
  if (dataset !== undefined) lines.push("", ...datasetLines(dataset));
  return `${lines.join("\n")}\n`;
}

function introduction(record: PeersRecord): string {
  const { options, versions, sets } = record;
  const { peers } = sets[0]!;
  const duckdb = versions.duckdb === null ? "" : `, DuckDB ${versions.duckdb}`;
  const polars =
    versions.polars === null || !peers.some(({ name }) => name.startsWith("polars"))
      ? ""
      : `, Polars ${versions.polars}`;
  const hasReference = peers.some(({ name }) => name === REFERENCE_PEER);
  const multiples = hasReference ? ` × columns are multiples of \`${REFERENCE_PEER}\`.` : "";
  return (
    `Medians of ${rounds(options.rounds)} of \`npm run bench\` ${whenAndWhere(record)}${duckdb}${polars}, ` +
    `${options.threads} threads each.${multiples}`
  );
}

/** What each peer took on one input. */
function peersLines(what: string, { input, peers, notRun, failed }: PeersOnInput): string[] {
  const counts = peers.map(({ runs }) => runs.length);
  const [most, fewest] = [Math.max(...counts), Math.min(...counts)];
  const fewer = fewest < most ? `, in ${rounds(fewest)} where one takes more than ${LONG_SECONDS} s` : "";
  const files = inputText(input.files, "files", input.bytes);
  const lines = [
    ...wrap(`${what}: ${files}, ${million(input.rows)} rows${fewer}.`),
    "",
    ...tableHead(HEADINGS, [0, HEADINGS.length - 1]),
  ];
  const reference = peers.find(({ name }) => name === REFERENCE_PEER)?.median;
  const times = (value: number, base: number | undefined) =>
    base === undefined ? "" : (value / base).toFixed(2);
  for (const { name, median: of, outputBytes, sorted } of peers) {
    lines.push(
      tableRow([
        `\`${name}\``,
        of.wallSeconds.toFixed(2),
        of.cpuSeconds.toFixed(2),
        megabytes(of.peakRssBytes),
        (outputBytes / 1e6).toFixed(1),
        times(of.wallSeconds, reference?.wallSeconds),
        times(of.peakRssBytes, reference?.peakRssBytes),
        sorted ? "yes" : "no",
      ]),
    );
  }
  const absent = [
    ...notRun.map(({ name, reason }) => `\`${name}\` did not run: ${reason}.`),
    ...failed.map(({ name, reason }) => `\`${name}\` failed: ${reason}.`),
  ];
  for (const sentence of absent) lines.push("", ...wrap(sentence));
  return lines;
}

/** What the other parts were measured on. */
function partLines({ tenth, smallFiles, start }: PeersRecord): string[] {
  const inputs = [
    ...(tenth === undefined
      ? []
      : [`a tenth of the year: ${inputText(tenth.input.files, "files", tenth.input.bytes)}`]),
    ...(smallFiles === undefined
      ? []
      : [
          `small zips: ${inputText(smallFiles.input.files, "files", smallFiles.input.csvBytes)} of CSV, ` +
            `${million(smallFiles.rows)} rows`,
        ]),
  ];
  const reference = start?.peers.find(({ name }) => name === REFERENCE_PEER)?.median;
  const sentences = [
    ...(inputs.length === 0 ? [] : [`Inputs: ${inputs.join("; ")}.`]),
    ...(reference === undefined
      ? []
      : [`DuckDB takes ${reference.wallSeconds.toFixed(2)} s for the file of 100 rows.`]),
  ];
  return sentences.length === 0 ? [] : ["", ...wrap(sentences.join(" "))];
}

function inputText(count: number, unit: string, bytes: number): string {
  return `${count.toLocaleString("en-US")} ${unit}, ${megabytes(bytes)} MB`;
}

function million(rows: number): string {
  return `${(rows / 1e6).toFixed(1)} million`;
}

function memorySentence(record: MemoryRecord): string {
  const peaks = record.sizes.map(({ input, runs }) => {
    const peak = median(runs.map(({ peakRssBytes }) => peakRssBytes));
    return `${megabytes(peak)} MB for ${megabytes(input.bytes)} MB`;
  });
  return (
    `Peak memory of gridparquet by size of the input, medians of ${rounds(record.options.rounds)} of ` +
    `\`npm run bench:memory\` ${whenAndWhere(record)}, ${record.options.threads} threads: ${peaks.join(", ")}.`
  );
}

function layoutLines(record: LayoutsRecord): string[] {
  const { options, results, failed } = record;
  const introduction =
    `The markets' layouts, medians of ${rounds(options.rounds)} of \`npm run bench:layouts\` ${whenAndWhere(record)}, ` +
    `DuckDB ${record.versions.duckdb}, ${options.threads} threads each. DuckDB writes a file per year, not sorted; ` +
    "it cannot read zips.";
  const lines = [...wrap(introduction), "", ...tableHead(LAYOUT_HEADINGS, [0])];
  for (const { name, input, runs, duckdbRuns = [], outputBytes } of results) {
    const own = medians({ runs });
    const duckdb = duckdbRuns.length === 0 ? null : medians({ runs: duckdbRuns });
    lines.push(
      tableRow([
        name,
        megabytes(input.csvBytes),
        input.files.toLocaleString("en-US"),
        own.wallSeconds.toFixed(2),
        (input.csvBytes / 1e6 / own.wallSeconds).toFixed(0),
        megabytes(own.peakRssBytes),
        duckdb?.wallSeconds.toFixed(2) ?? "",
        duckdb === null ? "" : megabytes(duckdb.peakRssBytes),
        duckdb === null ? "" : (own.wallSeconds / duckdb.wallSeconds).toFixed(2),
        outputBytes === undefined ? "" : (outputBytes.own / 1e6).toFixed(1),
        outputRatio(outputBytes),
      ]),
    );
  }
  for (const { name, reason } of failed) lines.push("", ...wrap(`\`${name}\` failed: ${reason}.`));
  return lines;
}

function datasetLines(record: DatasetRecord): string[] {
  const { options, inputs, results, failed } = record;
  const introduction =
    `What a dataset costs once it is there, medians of ${rounds(options.rounds)} of \`npm run bench:dataset\` ` +
    `${whenAndWhere(record)}, ${options.threads} threads unless said otherwise.`;
  const lines = [...wrap(introduction), ...targetRows({ title: "", targets: datasetTargets(record) })];
  const costs = [STEP.update, STEP.dayAlone, STEP.updateAgain, STEP.copy].flatMap((name) => {
    const result = results.find((each) => each.name === name);
    if (result === undefined) return [];
    const { wallSeconds, peakRssBytes } = medians(result);
    const memory = name === STEP.copy ? "" : ` and ${megabytes(peakRssBytes)} MB`;
    return [`${name} ${wallSeconds.toFixed(2)} s${memory}`];
  });
  const sentences = [
    ...(costs.length === 0 ? [] : [`Time and peak memory: ${costs.join("; ")}.`]),
    `Inputs: ${inputs.map(({ part, what }) => `${part}: ${what}`).join("; ")}.`,
    ...failed.map(({ name, reason }) => `\`${name}\` failed: ${reason}.`),
  ];
  for (const sentence of sentences) lines.push("", ...wrap(sentence));
  return lines;
}

/** A table of what was measured and what it is to be; what was not measured is left out. */
function targetRows({ title, targets }: TargetGroup): string[] {
  const symbols = (text: string) => text.replace("<=", "≤").replace(">=", "≥").replace(/ x$/, " ×");
  const rows = targets
    .filter(({ measured }) => measured !== null)
    .map((target) =>
      tableRow([target.what, symbols(valueText(target.measured, target.unit)), symbols(boundText(target))]),
    );
  return rows.length === 0 ? [] : ["", ...tableHead([title, "measured", "target"], [0]), ...rows];
}

/** `on 2026-01-31 (commit 0123abc): Some CPU, 2 cores, 16 GB, Node 20.20.2` */
function whenAndWhere({ date, commit, machine, versions }: Circumstances): string {
  const of =
    commit === null ? "" : ` (commit ${commit.slice(0, 7)}${commit.endsWith("+") ? " with changes" : ""})`;
  const cpu = machine.cpu ?? machine.platform;
  const memory = `${(machine.memoryBytes / 2 ** 30).toFixed(0)} GB`;
  const node = versions.node.replace(/^v/, "");
  return `on ${date.slice(0, 10)}${of}: ${cpu}, ${machine.cores} cores, ${memory}, Node ${node}`;
}

function rounds(count: number): string {
  return count === 1 ? "one round" : `${count} rounds`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

/** Headings, and what the columns are aligned by: those of text to the left. */
function tableHead(headings: readonly string[], texts: readonly number[]): string[] {
  return [tableRow(headings), tableRow(headings.map((_, column) => (texts.includes(column) ? "-" : "-:")))];
}

function tableRow(cells: readonly string[]): string {
  return `|${cells.map((cell) => ` ${cell} |`.replace("  |", " |")).join("")}`;
}

/** Lines of at most 118 characters, broken between words. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= 118)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
