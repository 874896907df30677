import { Command, CommanderError, Option } from "commander";
import { GridparquetError } from "../errors.js";
import { COMMANDS } from "./command-table.js";
import { commandHelp, programHelp } from "./help-text.js";
import { COMMAND_NAMES, type CommandName, type OptionDefinition } from "./option-definition.js";
import { OPTIONS, optionsOf, optionTerm } from "./option-table.js";
import { type OptionValue, valueOfText } from "./option-values.js";
import { printable, shellWord } from "./printable.js";
import { closest } from "./suggest.js";

/** Arguments as typed: each value is of its type and in range; nothing else has been looked at. */
export interface RawArguments {
  readonly command: CommandName;
  readonly inputs: readonly string[];
  /** By option name; what was not typed is absent. Lists are as typed and may hold inputs, see selections.ts. */
  readonly values: ReadonlyMap<string, OptionValue>;
}

/** What to do: run a command, or print a text and end. */
export type Invocation =
  | { kind: "run"; raw: RawArguments }
  | { kind: "help"; text: string }
  | { kind: "version" };

/**
 * Parses the command line. Reads nothing but its argument.
 *
 * @param argv the arguments after the program's name
 * @throws GridparquetError `usage`, with what to type
 */
export function parseArguments(argv: readonly string[]): Invocation {
  if (argv.length === 0) {
    throw new GridparquetError("usage", "no command given", {
      hint: "Type: gridparquet convert INPUT... --out DIR   (or: gridparquet --help)",
    });
  }
  checkHelpTopic(argv);
  let raw: RawArguments | undefined;
  let output = "";
  const program = buildProgram(
    (parsed) => {
      raw = parsed;
    },
    (text) => {
      output += text;
    },
  );
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.version") return { kind: "version" };
    if (error.exitCode === 0 || error.code === "commander.help") return { kind: "help", text: output };
    throw usageError(error, argv);
  }
  if (raw === undefined) throw new GridparquetError("internal", "the command line was parsed to nothing");
  return { kind: "run", raw };
}

/** commander answers `help` of anything that is no command with the help of all. */
function checkHelpTopic([first, topic]: readonly string[]): void {
  if (first !== "help" || topic === undefined || topic.startsWith("-")) return;
  const topics = [...COMMAND_NAMES, "help"];
  if (topics.includes(topic)) return;
  const meant = closest(topic, topics);
  throw new GridparquetError("usage", `unknown command '${printable(topic)}'`, {
    hint: meant === undefined ? "See: gridparquet --help" : `Did you mean ${meant}?`,
  });
}

function buildProgram(accept: (raw: RawArguments) => void, write: (text: string) => void): Command {
  const program = new Command("gridparquet")
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => {}, outputError: () => {} })
    .configureHelp({ formatHelp: programHelp })
    .version("", "-V, --version")
    .showSuggestionAfterError();
  for (const name of COMMAND_NAMES) {
    const command = program.command(name);
    const { operand } = COMMANDS[name];
    // how many there may be says the command, in its own words
    if (operand !== "none") command.argument(`[${operand}...]`);
    command.configureHelp({ formatHelp: () => commandHelp(name) });
    for (const option of optionsOf(name))
      for (const each of commanderOptions(option)) command.addOption(each);
    command.action(() => {
      accept({ command: name, inputs: command.args, values: typedValues(command, name) });
    });
  }
  return program;
}

/** A flag has a hidden opposite, so that the command line can undo what the configuration file says. */
function commanderOptions(definition: OptionDefinition): Option[] {
  const { name, alias } = definition;
  if (definition.kind === "flag") {
    const base = name.replace(/^no-/, "");
    const [shown, opposite] = base === name ? [`--${name}`, `--no-${name}`] : [`--${name}`, `--${base}`];
    const options = [new Option(shown), new Option(opposite).hideHelp()];
    // commander takes a negated option that comes first for one that is on by default
    return base === name ? options : options.reverse();
  }
  const long = alias === undefined ? `--${name}` : `--${alias}, --${name}`;
  const value = definition.kind === "list" ? "<value...>" : "<value>";
  return [
    new Option(`${long} ${value}`).argParser((text: string, previous: unknown) => {
      rejectFlagAsValue(definition, text);
      if (definition.kind !== "list") return valueOfText(definition, text, `--${name}`);
      return [...((previous as string[] | undefined) ?? []), text];
    }),
  ];
}

/** `--out --json` is a forgotten value, not a folder named `--json`. */
function rejectFlagAsValue(option: OptionDefinition, text: string): void {
  if (!/^--?[a-z]/i.test(text)) return;
  throw missingValue(option, `: it is followed by ${printable(text)}`);
}

function missingValue(option: OptionDefinition, why = ""): GridparquetError {
  return new GridparquetError("usage", `--${option.name} has no value${why}`, {
    hint: `Type: ${optionTerm(option)}`,
  });
}

function typedValues(command: Command, name: CommandName): Map<string, OptionValue> {
  const typed = command.opts<Record<string, OptionValue | undefined>>();
  const values = new Map<string, OptionValue>();
  for (const option of optionsOf(name)) {
    const negated = option.kind === "flag" && option.name.startsWith("no-");
    const attribute = camelCase(negated ? option.name.slice(3) : option.name);
    const value = typed[attribute];
    if (value !== undefined) values.set(option.name, negated ? !value : value);
  }
  return values;
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** commander's message as one of ours, with its suggestion, or what to type, as the hint. */
function usageError(error: CommanderError, argv: readonly string[]): GridparquetError {
  const { code } = error;
  const [message, suggestion] = error.message.replace(/^error: /, "").split("\n(");
  if (code === "commander.optionMissingArgument") {
    const name = /--([a-z-]+) </.exec(error.message)?.[1];
    const command = COMMAND_NAMES.find((each) => each === argv[0]) ?? "convert";
    const option = optionsOf(command).find((each) => each.name === name);
    if (option !== undefined) return missingValue(option);
  }
  const hint = optionHint(code, message!, argv) ?? suggestion?.replace(/\)$/, "");
  return new GridparquetError("usage", message!, { hint: hint ?? hintFor(code, argv) });
}

/** Of an option that other commands have, or that stands before the command, and may be misspelt there. */
function optionHint(code: string, message: string, argv: readonly string[]): string | undefined {
  const word = /^unknown option '--([^'=]*)/.exec(message)?.[1];
  if (code !== "commander.unknownOption" || word === undefined) return undefined;
  const owners = (name: string) =>
    COMMAND_NAMES.filter((command) => optionsOf(command).some((each) => namesOf(each).includes(name)));
  const command = COMMAND_NAMES.find((name) => name === argv[0]);
  if (command !== undefined) {
    const others = owners(word);
    return others.length === 0
      ? undefined
      : `It is an option of ${others.join(", ")}. See: gridparquet ${command} --help`;
  }
  const name = owners(word).length > 0 ? word : closest(word, OPTIONS.flatMap(namesOf));
  if (name === undefined) return undefined;
  const meant = name === word ? "" : `Did you mean --${name}? `;
  return `${meant}Options follow the command: gridparquet convert INPUT... --out DIR`;
}

function namesOf({ name, alias }: OptionDefinition): string[] {
  return alias === undefined ? [name] : [name, alias];
}

function hintFor(code: string, argv: readonly string[]): string {
  const first = argv[0]!;
  if (code === "commander.unknownCommand" && /[./\\*]/.test(first)) {
    return `To convert files type: gridparquet convert ${shellWord(first)} --out DIR`;
  }
  const command = COMMAND_NAMES.some((name) => name === first) ? `${first} ` : "";
  return `See: gridparquet ${command}--help`;
}
