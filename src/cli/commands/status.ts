import { type DatasetCoverage, readCoverage } from "../../dataset/coverage.js";
import { EXIT } from "../../errors.js";
import { logLine } from "../log-lines.js";
import { printable } from "../printable.js";
import type { StatusOptions } from "../resolve-dataset.js";
import type { Resolved } from "../resolve-options.js";
import { statusJson } from "../status-json.js";
import { statusText } from "../status-text.js";
import type { Streams } from "../streams.js";

/**
 * `gridparquet status`: returns 0; 2 when a report could not be written, and with `strict` when a day is missing or a
 * year file cannot be read.
 */
export async function statusCommand(
  { options: { out, filter, strict, style, report }, view }: Resolved<StatusOptions>,
  { stdout, stderr }: Streams,
): Promise<number> {
  const coverage = await readCoverage(out, filter);
  const problem = report === undefined ? null : await writeReport(report, coverage);
  if (problem !== null) stderr.write(`${logLine("error", problem)}\n`);
  const isPartial = problem !== null || (strict && lacksSomething(coverage));
  const exitCode = isPartial ? EXIT.partial : EXIT.complete;
  if (view.json) {
    stdout.write(`${JSON.stringify(statusJson(coverage, exitCode), null, 2)}\n`);
    return exitCode;
  }
  const isTerminal = stdout.isTTY === true;
  const shown = { unicode: isTerminal && style.unicode, color: isTerminal && style.color };
  stdout.write(statusText(coverage, shown));
  if (report !== undefined && problem === null) stdout.write(`\nreport: ${printable(report)}\n`);
  return exitCode;
}

/** Returns what went wrong, null when nothing did. */
async function writeReport(file: string, coverage: DatasetCoverage): Promise<string | null> {
  const { writeDatasetReport } = await import("../../report/write-report.js");
  const problem = await writeDatasetReport(file, coverage);
  return problem === null ? null : `${file}: ${problem}`;
}

function lacksSomething({ feeds, stray }: DatasetCoverage): boolean {
  return feeds.some(({ missing }) => missing.length > 0) || stray.some(({ kind }) => kind === "unreadable");
}
