import { LOG_LEVELS, type LogLevel } from "../run/options.js";
import type { LogFormat } from "./option-table.js";
import { printableLines } from "./printable.js";
import type { ViewOptions } from "./resolve-options.js";

/**
 * `gridparquet: warning: MESSAGE`; or, for machines, one JSON object: time, level, message, and what else is given.
 *
 * @returns the line without its end
 */
export function logLine(
  level: LogLevel,
  message: string,
  format: LogFormat = "text",
  more: Readonly<Record<string, unknown>> = {},
): string {
  if (format === "json") return JSON.stringify({ time: new Date().toISOString(), level, message, ...more });
  const label = { error: "", warn: "warning: ", info: "", debug: "debug: " }[level];
  return `gridparquet: ${label}${printableLines(message)}`;
}

/** Whether a message of this level is printed. */
export function isShown(level: LogLevel, view: ViewOptions): boolean {
  const most = view.quiet ? "error" : view.logLevel;
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(most);
}
