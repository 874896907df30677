import { COMMANDS } from "../command-table.js";
import { COMMAND_NAMES, type CommandName, type OptionDefinition } from "../option-definition.js";
import { optionsOf } from "../option-table.js";
import type { NamedFeed } from "../selections.js";
import { SHELLS } from "./shells.js";

/** What can be typed at a place: words, or paths, or both. */
export interface Values {
  readonly words: readonly string[];
  readonly paths: "none" | "files" | "folders";
}

export interface CompletedOption {
  /** `--iso`, `--isos`: the first is the one to offer. */
  readonly flags: readonly string[];
  readonly summary: string;
  /** How many values follow. */
  readonly takes: "nothing" | "one" | "several";
  readonly values: Values;
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly operand: Values;
  readonly options: readonly CompletedOption[];
}

export interface CompletionModel {
  readonly commands: readonly CompletedCommand[];
  /** Options before a command. */
  readonly options: readonly CompletedOption[];
}

const NOTHING: Values = { words: [], paths: "none" };
const HELP: CompletedOption = flagOption(["--help"], "Print help");

/**
 * What can be typed after `gridparquet`, made from the tables of commands and options: what a shell's script is
 * written from.
 *
 * @param feeds whose ISOs and names are offered
 */
export function completionModel(feeds: readonly NamedFeed[]): CompletionModel {
  const commands = COMMAND_NAMES.map((name) => ({
    name,
    summary: sentence(COMMANDS[name].summary),
    operand: operandOf(name),
    options: [...optionsOf(name).map((option) => completedOption(option, feeds)), HELP],
  }));
  const help = {
    name: "help",
    summary: "Print the help of a command",
    operand: { words: COMMAND_NAMES, paths: "none" as const },
    options: [],
  };
  return { commands: [...commands, help], options: [HELP, flagOption(["--version"], "Print the version")] };
}

function operandOf(name: CommandName): Values {
  switch (COMMANDS[name].operand) {
    case "inputs":
      return { words: [], paths: "files" };
    case "folder":
      return { words: [], paths: "folders" };
    case "shell":
      return { words: SHELLS, paths: "none" };
    case "none":
      return NOTHING;
  }
}

function completedOption(option: OptionDefinition, feeds: readonly NamedFeed[]): CompletedOption {
  const names = option.alias === undefined ? [option.name] : [option.name, option.alias];
  const flags = names.map((name) => `--${name}`);
  if (option.kind === "flag") return flagOption(flags, sentence(option.summary));
  const takes = option.kind === "list" ? "several" : "one";
  return { flags, summary: sentence(option.summary), takes, values: valuesOf(option, feeds) };
}

function flagOption(flags: readonly string[], summary: string): CompletedOption {
  return { flags, summary, takes: "nothing", values: NOTHING };
}

function valuesOf(option: OptionDefinition, feeds: readonly NamedFeed[]): Values {
  if (option.kind === "choice") return { words: option.choices, paths: "none" };
  if (option.kind === "folder") return { words: [], paths: "folders" };
  if (option.kind === "file") return { words: [], paths: "files" };
  if (option.kind !== "list") return NOTHING;
  if (option.element === "input") return { words: [], paths: "files" };
  if (option.element === "iso") return { words: unique(feeds.map(({ iso }) => iso)), paths: "none" };
  if (option.element === "feed") return { words: unique(feeds.map(({ feed }) => feed)), paths: "none" };
  return NOTHING;
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}

/** Without the full stop, which lists of a shell do not have. */
function sentence(summary: string): string {
  return summary.replace(/\.$/, "");
}

/** An option, and the commands that have it just so. */
export interface SharedOption extends CompletedOption {
  readonly commands: readonly string[];
}

/** The options that take values, each once for all commands in which it takes the same. */
export function optionsWithValues({ commands }: CompletionModel): SharedOption[] {
  const byMeaning = new Map<string, SharedOption>();
  for (const { name, options } of commands) {
    for (const option of options.filter(({ takes }) => takes !== "nothing")) {
      const { flags, takes, values } = option;
      const key = JSON.stringify([flags, takes, values]);
      const others = byMeaning.get(key)?.commands ?? [];
      byMeaning.set(key, { ...option, commands: [...others, name] });
    }
  }
  return [...byMeaning.values()];
}
