import { type DatasetCoverage, readCoverage } from "../../dataset/coverage.js";
import { EXIT } from "../../errors.js";
import type { StatusOptions } from "../resolve-dataset.js";
import type { Resolved } from "../resolve-options.js";
import { statusJson } from "../status-json.js";
import { statusText } from "../status-text.js";
import type { Streams } from "../streams.js";

/** `gridparquet status`: returns 0; with `strict` 2 when a day is missing or a year file cannot be read. */
export async function statusCommand(
  { options: { out, filter, strict, style }, view }: Resolved<StatusOptions>,
  { stdout }: Streams,
): Promise<number> {
  const coverage = await readCoverage(out, filter);
  const exitCode = strict && lacksSomething(coverage) ? EXIT.partial : EXIT.complete;
  if (view.json) {
    stdout.write(`${JSON.stringify(statusJson(coverage, exitCode), null, 2)}\n`);
    return exitCode;
  }
  const isTerminal = stdout.isTTY === true;
  const shown = { unicode: isTerminal && style.unicode, color: isTerminal && style.color };
  stdout.write(statusText(coverage, shown));
  return exitCode;
}

function lacksSomething({ feeds, stray }: DatasetCoverage): boolean {
  return feeds.some(({ missing }) => missing.length > 0) || stray.some(({ kind }) => kind === "unreadable");
}
