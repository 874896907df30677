import { describeError, EXIT, GridparquetError } from "../errors.js";
import { logLine } from "./log-lines.js";
import type { LogFormat } from "./option-table.js";
import { printableJson, printableLines } from "./printable.js";
import type { Streams } from "./streams.js";

export interface ReportOptions {
  /** Print one JSON object on stdout as well. */
  json: boolean;
  /** Print the stack of an error that is not one of ours. */
  stack: boolean;
  /** Default: text. */
  logFormat?: LogFormat | undefined;
}

/**
 * Prints why the whole run failed: `gridparquet: MESSAGE` and an indented hint on stderr.
 *
 * @returns the exit code
 */
export function reportError(
  error: unknown,
  { stdout, stderr }: Streams,
  { json, stack, logFormat }: ReportOptions,
): number {
  const known = error instanceof GridparquetError;
  const exitCode = known ? error.exitCode : EXIT.failed;
  const code = known ? error.code : "internal";
  const message = known ? error.message : `unexpected error: ${describeError(error)}`;
  const hint = known
    ? error.hint
    : stack
      ? undefined
      : "Run it again with --log-level debug to see where it came from.";

  if (logFormat === "json") {
    stderr.write(`${logLine("error", message, logFormat, { code, exitCode, hint: hint ?? null })}\n`);
    return printFailure();
  }
  let text = `gridparquet: ${printableLines(message)}\n`;
  if (hint !== undefined) text += `  ${printableLines(hint).replaceAll("\n", "\n  ")}\n`;
  const showStack = stack && (!known || error.code === "internal");
  if (showStack && error instanceof Error && error.stack) text += `${printableLines(error.stack)}\n`;
  stderr.write(text);
  return printFailure();

  function printFailure(): number {
    if (!json) return exitCode;
    const failure = { status: "failed", exitCode, error: { code, message, hint: hint ?? null } };
    stdout.write(`${printableJson(failure)}\n`);
    return exitCode;
  }
}
