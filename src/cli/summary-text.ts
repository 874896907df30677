import type { ConvertSummary, OutputFile, RunTotals } from "../run/options.js";
import { printable } from "./printable.js";
import { textTable, wrap } from "./text-table.js";
import { byteSize, count, counted, duration, megabytesPerSecond } from "./units.js";

/** So many skipped and failed files, or reasons, are listed; the run record has them all. */
export const LISTED = 10;

/**
 * The summary of a run for people.
 *
 * @returns lines of at most 80 characters (paths are never cut), with a line feed at the end
 */
export function summaryText(summary: ConvertSummary): string {
  const { totals } = summary;
  const lines = [
    ...headline(summary),
    ...outputTables(summary.outputs),
    ...section([...resumedLines(summary), ...accounting(totals), ...passedOverLines(summary)]),
    ...section([
      ...fileCounts(totals),
      ...listed(
        "skipped",
        summary.skipped.map((each) => [each.file, each.reason]),
        summary.report,
      ),
      ...listed(
        "failed",
        summary.failures.map((each) => [each.file, each.message]),
        summary.report,
      ),
    ]),
    ...(summary.rejects === null
      ? []
      : section([
          "rejected records, each with line, column and reason, are in",
          `  ${printable(summary.rejects)}`,
        ])),
    ...section(unmappedWords(summary)),
    ...section(speed(summary)),
  ];
  return `${lines.join("\n")}\n`;
}

function headline({ status, outputs, totals, failures }: ConvertSummary): string[] {
  const faults = [
    ...(totals.rowsRejected === 0 ? [] : [`${counted(totals.rowsRejected, "row")} rejected`]),
    ...(failures.length === 0 ? [] : [counted(failures.length, "failure")]),
  ];
  const why = faults.length === 0 ? "" : ` (${faults.join(", ")})`;
  return wrap(`${status}${why}; ${counted(outputs.length, "file")} written, ${byteSize(totals.bytesOut)}`);
}

/** A table per folder of a feed: `OUT/energy/iso=PJM/market=DA/feed=da_hourly/`, with a line per year. */
function outputTables(outputs: readonly OutputFile[]): string[] {
  const folders = new Map<string, OutputFile[]>();
  for (const output of outputs) {
    const { folder } = splitAtYear(output.path);
    folders.set(folder, [...(folders.get(folder) ?? []), output]);
  }
  return [...folders].flatMap(([folder, files]) =>
    section([
      printable(folder),
      ...textTable(
        [
          { title: "rows", align: "right" },
          { title: "row groups", align: "right" },
          { title: "size", align: "right" },
          { title: "file" },
        ],
        files.map((file) => [
          count(file.rows),
          count(file.rowGroups),
          byteSize(file.bytes),
          printable(splitAtYear(file.path).name),
        ]),
        "  ",
      ),
    ]),
  );
}

function splitAtYear(path: string): { folder: string; name: string } {
  const at = path.search(/year=\d+[/\\][^/\\]*$/);
  const cut = at === -1 ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1 : at;
  return { folder: path.slice(0, cut), name: path.slice(cut) };
}

/**
 * The accounting as a sum: `rows read 4,200 = 4,190 written + 2 rejected + 8 duplicates dropped`.
 *
 * Says `≠` where the numbers do not add up, which is a fault of ours and never to be hidden.
 */
export function accounting(totals: RunTotals): string[] {
  const { rowsRead, rowsWritten, rowsRejected, rowsDeduplicated, rowsFiltered, rowsFailed, recordsRead } =
    totals;
  const parts = [
    `${count(rowsWritten)} written`,
    `${count(rowsRejected)} rejected`,
    `${counted(rowsDeduplicated, "duplicate")} dropped`,
    ...(rowsFiltered === 0 ? [] : [`${count(rowsFiltered)} outside the chosen years`]),
    ...(rowsFailed === 0 ? [] : [`${count(rowsFailed)} of year files that failed`]),
  ];
  const holds = rowsRead === rowsWritten + rowsRejected + rowsDeduplicated + rowsFiltered + rowsFailed;
  const start = `rows read ${count(rowsRead)} ${holds ? "=" : "≠"} `;
  // spaces within a part must not be broken at
  const glued = parts.map((part, i) => (i === 0 ? part : `+ ${part}`).replaceAll(" ", "\u00a0")).join(" ");
  const lines = wrap(glued, start, " ".repeat(start.length)).map((line) => line.replaceAll("\u00a0", " "));
  return recordsRead === rowsRead ? lines : [...lines, `from ${counted(recordsRead, "CSV record")}`];
}

/** `PJM went on from an interrupted run: 210 files with 12,345,678 rows were done`, for each ISO. */
function resumedLines({ resumed }: ConvertSummary): string[] {
  return resumed.flatMap(({ iso, filesDone, rowsDone }) => {
    const done = `${counted(filesDone, "file")} with ${counted(rowsDone, "row")}`;
    return wrap(`${iso} went on from an interrupted run: ${done} were done`, "", "  ");
  });
}

/** `3,216 CSV records of PJM/as_hourly passed over: unit is not Price`, for each feed. */
function passedOverLines({ passedOver }: ConvertSummary): string[] {
  return passedOver.flatMap(({ iso, feed, records, reason }) => {
    const text = `${counted(records, "CSV record")} of ${iso}/${feed} passed over: ${reason}`;
    return wrap(printable(text), "", "  ");
  });
}

function fileCounts(totals: RunTotals): string[] {
  const skipped = totals.filesSkipped === 0 ? "" : `; ${counted(totals.filesSkipped, "file")} skipped`;
  return [`${counted(totals.files, "file")} read, ${byteSize(totals.bytesIn)}${skipped}`];
}

/** A reason that more files than this have in common is said once. */
const ALIKE = 3;

/** The first {@link LISTED} files, or groups of files with one reason, and where the others are. */
function listed(
  what: string,
  files: readonly (readonly [string, string])[],
  report: string | null,
): string[] {
  const byReason = new Map<string, string[]>();
  for (const [file, reason] of files) byReason.set(reason, [...(byReason.get(reason) ?? []), file]);
  const entries = [...byReason].flatMap(([reason, alike]) =>
    alike.length > ALIKE ? [{ reason, alike }] : alike.map((file) => ({ reason, alike: [file] })),
  );
  const shown = entries.slice(0, LISTED);
  const lines = shown.flatMap(({ reason, alike: [first, ...others] }) => {
    // what went wrong with the run itself has no file
    const who = first === "" ? "" : `${printable(first!)}: `;
    if (others.length === 0) return wrap(`${what} ${who}${printable(reason)}`, "  ", "    ");
    const many = `${what} ${counted(others.length + 1, "file")}: ${printable(reason)}`;
    return [...wrap(many, "  ", "    "), `    such as ${printable(first!)}`];
  });
  const rest = files.length - shown.reduce((sum, { alike }) => sum + alike.length, 0);
  const place = printable(report ?? "run.json");
  if (rest > 0) return [...lines, ...wrap(`and ${count(rest)} more; all in ${place}`, "  ", "    ")];
  return files.length === shown.length ? lines : [...lines, ...wrap(`all in ${place}`, "  ", "    ")];
}

/** Most words of one kind that are named. */
const NAMED_WORDS = 8;

/** `3 words of PJM location types are not known yet (written as OTHER): FOO, BAR, BAZ`, a paragraph for each kind. */
export function unmappedWords({ unmapped, totals }: ConvertSummary): string[] {
  const kinds = new Map<string, Set<string>>();
  for (const { iso, column, value } of unmapped) {
    const kind = `${iso} ${column === "product_standard" ? "products" : `${column.replaceAll("_", " ")}s`}`;
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(value));
  }
  const lines = [...kinds].flatMap(([kind, words]) => {
    const named = [...words].slice(0, NAMED_WORDS).map((word) => printable(word));
    const are = words.size === 1 ? "is" : "are";
    const rest = words.size > NAMED_WORDS ? ", …" : "";
    const text = `${counted(words.size, "word")} of ${kind} ${are} not known yet (written as OTHER): `;
    return wrap(`${text}${named.join(", ")}${rest}`, "", "  ");
  });
  const more = totals.unmappedWords - unmapped.length;
  return more > 0 ? [...lines, `and ${counted(more, "more word")} that are not listed`] : lines;
}

function speed({ elapsedSeconds, peakRssBytes, totals }: ConvertSummary): string[] {
  const rows = elapsedSeconds > 0 ? totals.rowsRead / elapsedSeconds : 0;
  return wrap(
    `${duration(elapsedSeconds)}, ${megabytesPerSecond(totals.bytesIn, elapsedSeconds)}, ${count(rows)} rows/s, ` +
      `peak memory ${byteSize(peakRssBytes)}`,
  );
}

function section(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}
