import { LOG_LEVELS, type LogLevel } from "../run/options.js";
import { printableLines } from "./printable.js";
import type { ViewOptions } from "./resolve-options.js";

/** `gridparquet: warning: MESSAGE`. */
export function logLine(level: LogLevel, message: string): string {
  const label = { error: "", warn: "warning: ", info: "", debug: "debug: " }[level];
  return `gridparquet: ${label}${printableLines(message)}`;
}

/** Whether a message of this level is printed. */
export function isShown(level: LogLevel, view: ViewOptions): boolean {
  const most = view.quiet ? "error" : view.logLevel;
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(most);
}
