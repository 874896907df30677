export const COMMAND_NAMES = [
  "convert",
  "update",
  "rollback",
  "demo",
  "feeds",
  "status",
  "verify",
  "bench",
  "completion",
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** Headings of `--help`, in its order. */
export const OPTION_GROUPS = [
  "Measurement",
  "Checks",
  "Output",
  "Selection",
  "Speed and memory",
  "Feed definitions",
  "Messages",
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

interface OptionBase {
  /** Long name without dashes; also the key in the configuration file. */
  readonly name: string;
  /** Another long name that means the same. */
  readonly alias?: string;
  readonly commands: readonly CommandName[];
  readonly group: OptionGroup;
  /** One sentence for `--help` and the README, without the default. */
  readonly summary: string;
  /** The default in words, where it is not a constant. */
  readonly defaultText?: string;
  /** Taken from the command line only: not from the environment and not from the configuration file. */
  readonly flagOnly?: true;
  /** Another option that means the opposite: only one of the two can come from one source. */
  readonly excludes?: string;
}

export interface FlagOption extends OptionBase {
  readonly kind: "flag";
}

export interface IntegerOption extends OptionBase {
  readonly kind: "integer";
  readonly valueName: string;
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

/** Takes whole numbers joined by commas: `1,2,4`. */
export interface IntegersOption extends OptionBase {
  readonly kind: "integers";
  readonly valueName: string;
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

export interface ChoiceOption extends OptionBase {
  readonly kind: "choice";
  readonly valueName: string;
  readonly choices: readonly string[];
  readonly default?: string;
}

export interface FolderOption extends OptionBase {
  readonly kind: "folder";
  readonly valueName: string;
  readonly default?: string;
}

export interface FileOption extends OptionBase {
  readonly kind: "file";
  readonly valueName: string;
  /** How the name must end. */
  readonly extension: string;
}

/** Takes bytes with a unit: `512MB`, `2GB`, `1.5GiB`. */
export interface SizeOption extends OptionBase {
  readonly kind: "size";
  readonly valueName: string;
}

/** Takes one value or more: `--iso PJM CAISO`. */
export interface ListOption extends OptionBase {
  readonly kind: "list";
  readonly valueName: string;
  readonly element: "iso" | "feed" | "year" | "input";
}

export type OptionDefinition =
  | FlagOption
  | IntegerOption
  | IntegersOption
  | ChoiceOption
  | FolderOption
  | FileOption
  | SizeOption
  | ListOption;
