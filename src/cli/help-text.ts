import { EXIT } from "../errors.js";
import {
  CONFIG_FILE,
  type CommandName,
  defaultText,
  environmentVariable,
  OPTION_GROUPS,
  type OptionDefinition,
  optionsOf,
  optionTerm,
} from "./option-table.js";
import { WIDTH, wrap } from "./text-table.js";

const TERM_WIDTH = 23;

const COMMANDS: Readonly<Record<CommandName, { usage: string; summary: string }>> = {
  convert: {
    usage: "convert INPUT... --out DIR",
    summary: "Convert CSV files, folders (with all below them) or glob patterns to Parquet.",
  },
  demo: {
    usage: "demo [--out DIR]",
    summary: "Write sample files of every ISO, convert them and show queries to try.",
  },
  feeds: { usage: "feeds", summary: "List the feeds that are recognised." },
  status: {
    usage: "status DIR",
    summary: "Show what a dataset holds: feeds, years, days; and which days are missing.",
  },
  verify: {
    usage: "verify DIR",
    summary:
      "Read every year file of a dataset back and check it, down to each row; exit with 2 when one is damaged.",
  },
  bench: {
    usage: "bench INPUT...",
    summary: "Convert files with several settings, into a temporary folder, and show what each costs.",
  },
};

const EXIT_CODES: readonly (readonly [number, string])[] = [
  [EXIT.complete, "complete"],
  [EXIT.partial, "partial: something was rejected, or a file or a year failed"],
  [EXIT.failed, "failed"],
  [EXIT.usage, "wrong usage"],
  [EXIT.interrupted, "interrupted"],
];

const EXAMPLES = [
  "gridparquet convert downloads/ --out lake/",
  'gridparquet convert "pjm/*.csv" --out lake/ --iso PJM --year 2023 2024',
];

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
    ...sourcesNote(),
    "",
    ...endLines(),
  ]);
}

/** `gridparquet convert --help`. */
export function commandHelp(name: CommandName): string {
  const { usage, summary } = COMMANDS[name];
  return text([
    `Usage: gridparquet ${usage}${usage.endsWith("]") ? "" : " [options]"}`,
    "",
    ...wrap(summary),
    "",
    ...optionLines(name),
    "",
    ...item("-h, --help", "Print this text."),
    ...(name === "convert" ? ["", ...sourcesNote(), "", ...endLines()] : []),
  ]);
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

function sourcesNote(): string[] {
  return wrap(
    `Options may also come from ${CONFIG_FILE} in the working folder (threads: 4) and from the environment ` +
      `(${environmentVariable("threads")}=4); the command line wins, then the environment. ` +
      "Every flag has an opposite: --no-strict, --progress.",
  );
}

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
