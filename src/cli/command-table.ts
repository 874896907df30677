import { EXIT } from "../errors.js";
import { SHELLS } from "./completion/shells.js";
import type { CommandName } from "./option-definition.js";

/** What a command takes beside options. */
export type Operand = "inputs" | "folder" | "shell" | "none";

export interface CommandDefinition {
  readonly usage: string;
  /** One sentence for `--help`, the manual page and completion. */
  readonly summary: string;
  readonly operand: Operand;
  /** Lines at the end of the command's own help. */
  readonly more?: readonly string[];
}

/** Every command, once: what the parser, `--help`, the manual page and completion are made from. */
export const COMMANDS: Readonly<Record<CommandName, CommandDefinition>> = {
  convert: {
    usage: "convert INPUT... --out DIR",
    summary: "Convert CSV files, folders (with all below them) or glob patterns to Parquet.",
    operand: "inputs",
  },
  update: {
    usage: "update INPUT... --out DIR",
    summary:
      "Add the days that a dataset lacks, and rows that were revised; read no other file. Codec and row-group size are those of the files that are there, unless told.",
    operand: "inputs",
  },
  rollback: {
    usage: "rollback DIR",
    summary: "Put back the year files that were there before update --keep-previous.",
    operand: "folder",
  },
  demo: {
    usage: "demo [--out DIR]",
    summary: "Write sample files of every ISO, convert them and show queries to try.",
    operand: "none",
  },
  feeds: { usage: "feeds", summary: "List the feeds that are recognised.", operand: "none" },
  status: {
    usage: "status DIR",
    summary: "Show what a dataset holds: feeds, years, days; and which days are missing.",
    operand: "folder",
  },
  verify: {
    usage: "verify DIR",
    summary:
      "Read every year file of a dataset back and check it, down to each row; exit with 2 when one is damaged.",
    operand: "folder",
  },
  bench: {
    usage: "bench INPUT...",
    summary: "Convert files with several settings, into a temporary folder, and show what each costs.",
    operand: "inputs",
  },
  completion: {
    usage: "completion SHELL",
    summary: `Print a script for ${SHELLS.join(", ")} that completes commands, options and their values.`,
    operand: "shell",
    more: [
      "Where to put it:",
      "  bash  source <(gridparquet completion bash)  in ~/.bashrc",
      "  zsh   source <(gridparquet completion zsh)   in ~/.zshrc, after compinit",
      "  fish  gridparquet completion fish | source   in ~/.config/fish/config.fish",
    ],
  },
};

export const EXIT_CODES: readonly (readonly [number, string])[] = [
  [EXIT.complete, "complete"],
  [EXIT.partial, "partial: something was rejected, or a file or a year failed"],
  [EXIT.failed, "failed"],
  [EXIT.usage, "wrong usage"],
  [EXIT.interrupted, "interrupted"],
];

export const EXAMPLES = [
  "gridparquet convert downloads/ --out lake/",
  'gridparquet convert "pjm/*.csv" --out lake/ --iso PJM --year 2023 2024',
  "gridparquet update downloads/ --out lake/",
] as const;
