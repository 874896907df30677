import { byteSize, count, counted, duration } from "../cli/units.js";
import type { ConvertSummary, FileAccount } from "./options.js";
import type { RunDetails } from "./run-details.js";

/** Most lines of one list; run.json has them all. */
const LISTED = 20;
/** Most files of those that took longest. */
const SLOWEST = 10;

/** A run on a page, as Markdown, for people: what was read, written and left out, what took longest, the memory. */
export function runPage(startedAt: Date, summary: ConvertSummary, details: RunDetails): string {
  const { totals, outputs, failures, skipped, files } = summary;
  const { memory, versions, decoding, writing } = details;
  const left = [
    ["rejected", totals.rowsRejected],
    ["duplicates dropped", totals.rowsDeduplicated],
    ["outside the chosen years", totals.rowsFiltered],
    ["of year files that failed", totals.rowsFailed],
  ] as const;
  return [
    `# ${summary.status}: run of ${startedAt.toISOString()}`,
    "",
    `- read: ${counted(totals.files, "file")}, ${byteSize(totals.bytesIn)}, ${counted(totals.rowsRead, "row")}`,
    `- written: ${counted(outputs.length, "file")}, ${byteSize(totals.bytesOut)}, ${counted(totals.rowsWritten, "row")}`,
    ...left.filter(([, rows]) => rows > 0).map(([what, rows]) => `- ${what}: ${counted(rows, "row")}`),
    `- time: ${duration(summary.elapsedSeconds)}`,
    `- memory: ${byteSize(summary.peakRssBytes)} at its highest, of ${byteSize(memory.plan.limit.bytes)}` +
      (memory.leastCreditShare < 1 ? "; it was short, and the run slowed down" : ""),
    `- with: gridparquet ${versions.gridparquet}, Node ${versions.node}, ${versions.platform} ${versions.arch}`,
    ...(decoding.workerDeaths === 0
      ? []
      : [`- threads that died while they decoded: ${decoding.workerDeaths}; their files were tried again`]),
    ...(writing.workerDeaths === 0
      ? []
      : [`- threads that died while they wrote: ${writing.workerDeaths}; tried again: ${writing.retries}`]),
    ...table(
      "Written",
      ["rows", "size", "file"],
      outputs.map(({ rows, bytes, path }) => [count(rows), byteSize(bytes), code(path)]),
    ),
    ...list(
      "Failed",
      failures.map(({ file, message }) => `${file === "" ? "" : `${code(file)}: `}${plain(message)}`),
    ),
    ...list(
      "Skipped",
      skipped.map(({ file, reason }) => `${code(file)} ${plain(reason)}`),
    ),
    ...(summary.rejects === null ? [] : ["", `Rejected records are in ${code(summary.rejects)}.`]),
    ...table(
      "What took longest to decode",
      ["seconds", "rows", "retries", "file"],
      slowest(files).map(({ seconds, rowsRead, retries, file }) => [
        (seconds ?? 0).toFixed(2),
        count(rowsRead),
        count(retries),
        code(file),
      ]),
    ),
    ...list(
      "Tried again",
      files
        .filter(({ retries }) => retries > 0)
        .map(({ retries, file }) => `${code(file)}: ${counted(retries, "time")}`),
    ),
    "",
  ].join("\n");
}

/** Files that took longest, longest first. */
function slowest(files: readonly FileAccount[]): FileAccount[] {
  return files
    .filter(({ seconds }) => seconds !== null)
    .sort((a, b) => b.seconds! - a.seconds!)
    .slice(0, SLOWEST);
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const lines = [head, head.map(() => "-"), ...rows.slice(0, LISTED)].map(
    (cells) => `| ${cells.join(" | ")} |`,
  );
  return ["", `## ${title}`, "", ...lines, ...more(rows.length)];
}

function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ["", `## ${title}`, "", ...lines.slice(0, LISTED).map((line) => `- ${line}`), ...more(lines.length)];
}

function more(length: number): string[] {
  return length > LISTED ? ["", `and ${count(length - LISTED)} more, in run.json`] : [];
}

/** A name as code: no line break, backtick or bar of it can end the cell or the span. */
function code(text: string): string {
  return `\`${plain(text).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
