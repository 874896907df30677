import { packageVersion } from "../version.js";
import { COMMANDS, EXAMPLES, EXIT_CODES } from "./command-table.js";
import { describe, SOURCES_NOTE } from "./help-text.js";
import { COMMAND_NAMES, type CommandName } from "./option-definition.js";
import { optionsOf, optionTerm } from "./option-table.js";

/** The manual page, as man(7) macros, made from the tables of commands and options. */
export function manPage(): string {
  const lines = [
    `.TH GRIDPARQUET 1 "" "gridparquet ${packageVersion()}"`,
    ".SH NAME",
    "gridparquet \\- CSV files of North American electricity markets to Parquet",
    ".SH SYNOPSIS",
    ...COMMAND_NAMES.flatMap((name) => [".B gridparquet", escaped(COMMANDS[name].usage), ".br"]),
    ".SH COMMANDS",
    ...COMMAND_NAMES.flatMap(commandLines),
    ".SH CONFIGURATION",
    escaped(SOURCES_NOTE),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, meaning]) => item(String(code), meaning)),
    ".SH EXAMPLES",
    ".nf",
    ...EXAMPLES.map(escaped),
    ".fi",
  ];
  return `${lines.join("\n")}\n`;
}

function commandLines(name: CommandName): string[] {
  const { usage, summary, more = [] } = COMMANDS[name];
  return [
    `.SS "${escaped(usage)}"`,
    escaped(summary),
    ...optionsOf(name).flatMap((option) => item(optionTerm(option), describe(option))),
    ...(more.length === 0 ? [] : [".PP", ".nf", ...more.map(escaped), ".fi"]),
  ];
}

function item(term: string, text: string): string[] {
  return [".TP", `\\fB${escaped(term)}\\fR`, escaped(text)];
}

/** Text that roff takes as it is: no escapes, plain hyphens, and no request at the start of a line. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq")
    .replace(/^(?=[.'])/, "\\&");
}
