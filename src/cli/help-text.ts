import { COMMANDS, EXAMPLES, EXIT_CODES } from "./command-table.js";
import { type CommandName, OPTION_GROUPS, type OptionDefinition } from "./option-definition.js";
import { CONFIG_FILE, defaultText, environmentVariable, optionsOf, optionTerm } from "./option-table.js";
import { WIDTH, wrap } from "./text-table.js";

const TERM_WIDTH = 23;

/** `gridparquet --help`. */
export function programHelp(): string {
  return text([
    "gridparquet turns the CSV files of North American electricity markets into",
    "typed, year-partitioned Parquet.",
    "",
    "Usage: gridparquet COMMAND [options]",
    "",
    "Commands:",
    ...(Object.keys(COMMANDS) as CommandName[]).flatMap((name) => {
      const { usage, summary } = COMMANDS[name];
      return item(usage, summary, 28);
    }),
    "",
    "Options of convert:",
    "",
    ...optionLines("convert"),
    "",
    ...item("-h, --help", "Print this text, or a command's: gridparquet demo --help"),
    ...item("-V, --version", "Print the version."),
    "",
    ...wrap(SOURCES_NOTE),
    "",
    ...endLines(),
  ]);
}

/** `gridparquet convert --help`. */
export function commandHelp(name: CommandName): string {
  const { usage, summary, more = [] } = COMMANDS[name];
  return text([
    `Usage: gridparquet ${usage}${usage.endsWith("]") || optionsOf(name).length === 0 ? "" : " [options]"}`,
    "",
    ...wrap(summary),
    "",
    ...(optionsOf(name).length === 0 ? [] : [...optionLines(name), ""]),
    ...item("-h, --help", "Print this text."),
    ...(name === "convert" || name === "update"
      ? ["", ...wrap(SOURCES_NOTE), "", ...endLines()]
      : sourcesOf(name)),
    ...(more.length === 0 ? [] : ["", ...more]),
  ]);
}

/** Where the options of a command come from, if not all from the command line. */
function sourcesOf(name: CommandName): string[] {
  const options = optionsOf(name);
  const typed = options.filter(({ flagOnly }) => flagOnly).map((option) => `--${option.name}`);
  if (typed.length === options.length) return [];
  const but = typed.length === 0 ? "" : `, but for ${typed.join(", ")}`;
  return ["", ...wrap(`Options may also come from ${CONFIG_FILE} and from the environment${but}.`)];
}

function optionLines(command: CommandName): string[] {
  const options = optionsOf(command);
  const groups = OPTION_GROUPS.filter((group) => options.some((option) => option.group === group));
  return groups.flatMap((group, i) => {
    const members = options.filter((option) => option.group === group);
    return [
      ...(i === 0 ? [] : [""]),
      `${group}:`,
      ...members.flatMap((option) => item(optionTerm(option), describe(option))),
    ];
  });
}

/** The summary with alias and default. */
export function describe(option: OptionDefinition): string {
  const notes = [
    ...(option.alias === undefined ? [] : [`also --${option.alias}`]),
    ...(defaultText(option) === null ? [] : [`default: ${defaultText(option)}`]),
  ];
  return notes.length === 0 ? option.summary : `${option.summary} (${notes.join("; ")})`;
}

/** Where options come from, for `--help` and the manual page. */
export const SOURCES_NOTE =
  `Options may also come from ${CONFIG_FILE} in the working folder (threads: 4) and from the environment ` +
  `(${environmentVariable("threads")}=4); the command line wins, then the environment. ` +
  "Every flag has an opposite: --no-strict, --progress.";

function endLines(): string[] {
  return [
    "Exit codes:",
    ...EXIT_CODES.flatMap(([code, meaning]) => item(String(code), meaning, 5)),
    "",
    "Examples:",
    ...EXAMPLES.map((example) => `  ${example}`),
  ];
}

function item(term: string, description: string, width = TERM_WIDTH): string[] {
  const hanging = " ".repeat(width + 2);
  const first = `  ${term.padEnd(width)}`;
  return wrap(description, first, hanging, WIDTH);
}

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
