import { COMPRESSIONS, DEFAULTS, ENCODERS, LOG_LEVELS, type LogLevel } from "../run/options.js";
import { BATCH_SIZES, BENCH_OPTIONS, CHUNK_SIZES, THREADS } from "./bench-options.js";
import { DATASET_OPTIONS } from "./dataset-options.js";
import type { CommandName, OptionDefinition } from "./option-definition.js";
import { count } from "./units.js";

/** Name of the configuration file, looked for in the working folder. */
export const CONFIG_FILE = "gridparquet.config.yaml";

/** Operating years that can be asked for. */
export const YEARS = { min: 1990, max: 2100 } as const;

export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Defaults of what only the command line has; those of {@link convert} are in {@link DEFAULTS}. */
export const CLI_DEFAULTS = {
  logFormat: "text" as LogFormat,
  logLevel: "warn" as LogLevel,
  demoFolder: "gridparquet-demo",
} as const;

/**
 * Every option of every command, once. The parser, `--help`, the environment variables, the configuration file and
 * the README's table are all made from this list.
 */
export const OPTIONS: readonly OptionDefinition[] = [
  {
    name: "out",
    kind: "folder",
    valueName: "DIR",
    commands: ["convert", "update"],
    group: "Output",
    summary: "Output folder; made if missing. Required.",
  },
  {
    name: "out",
    kind: "folder",
    valueName: "DIR",
    commands: ["demo"],
    group: "Output",
    summary: "Folder for the sample files and the output made from them.",
    default: CLI_DEFAULTS.demoFolder,
    flagOnly: true,
  },
  {
    name: "compression",
    kind: "choice",
    valueName: "CODEC",
    choices: COMPRESSIONS,
    default: DEFAULTS.compression,
    commands: ["convert", "update", "bench"],
    group: "Output",
    summary: "Parquet codec: zstd, snappy or none.",
  },
  {
    name: "encoder",
    kind: "choice",
    valueName: "NAME",
    choices: ENCODERS,
    default: DEFAULTS.encoder,
    commands: ["convert", "update"],
    group: "Output",
    summary: "Parquet encoder: own, or parquet-wasm for all columns, to compare.",
  },
  {
    name: "row-group-size",
    kind: "integer",
    valueName: "ROWS",
    min: 1,
    max: 10_000_000,
    default: DEFAULTS.rowGroupSize,
    commands: ["convert", "update"],
    group: "Output",
    summary: "Most rows in a row group.",
  },
  {
    name: "merge-fan-in",
    kind: "integer",
    valueName: "N",
    min: 2,
    max: 1024,
    default: DEFAULTS.mergeFanIn,
    commands: ["convert", "update"],
    group: "Speed and memory",
    summary: "Row groups that are open at once while overlapping ones are merged.",
  },
  {
    name: "keep-previous",
    kind: "flag",
    commands: ["update"],
    group: "Output",
    summary: "Keep the year files that are replaced, for `gridparquet rollback`.",
    flagOnly: true,
  },
  {
    name: "strict",
    kind: "flag",
    commands: ["convert", "update"],
    group: "Output",
    summary: "A rejected record makes the run fail.",
  },
  {
    name: "fresh",
    kind: "flag",
    commands: ["convert", "update"],
    group: "Output",
    summary: "Begin anew, whatever an interrupted run has left.",
  },
  {
    name: "report",
    kind: "file",
    extension: ".html",
    valueName: "FILE",
    commands: ["convert", "update", "status"],
    group: "Output",
    summary: "Also write a report: one HTML file that needs no network.",
  },
  {
    name: "dry-run",
    kind: "flag",
    commands: ["convert", "update"],
    group: "Output",
    summary: "Print which file would be read as what; write nothing.",
  },
  {
    name: "iso",
    alias: "isos",
    kind: "list",
    element: "iso",
    valueName: "ISO...",
    commands: ["convert", "update", "rollback", "bench", "status", "verify"],
    group: "Selection",
    summary: "Only these ISOs.",
    defaultText: "all",
  },
  {
    name: "feed",
    kind: "list",
    element: "feed",
    valueName: "FEED...",
    commands: ["convert", "update", "rollback", "bench", "status", "verify"],
    group: "Selection",
    summary: "Only these feeds, as `gridparquet feeds` names them.",
    defaultText: "all",
  },
  {
    name: "year",
    kind: "list",
    element: "year",
    valueName: "YEAR...",
    commands: ["convert", "update", "rollback", "bench", "status", "verify"],
    group: "Selection",
    summary: "Only rows of these operating years.",
    defaultText: "all",
    excludes: "all",
  },
  {
    name: "all",
    kind: "flag",
    commands: ["convert", "update", "bench"],
    group: "Selection",
    summary: "Every year. Not together with --year.",
    defaultText: "on",
    excludes: "year",
  },
  {
    name: "threads",
    kind: "integer",
    valueName: "N",
    ...THREADS,
    defaultText: "the machine's cores",
    commands: ["convert", "update", "demo", "verify"],
    group: "Speed and memory",
    summary: "Threads that decode and encode.",
  },
  {
    name: "memory-limit",
    kind: "size",
    valueName: "SIZE",
    defaultText: "what the container or the machine has left",
    commands: ["convert", "update"],
    group: "Speed and memory",
    summary: "Most memory to use, such as 512MB or 2GB: threads and batches are made to fit.",
  },
  {
    name: "max-parallel",
    kind: "integer",
    valueName: "N",
    min: 1,
    max: 256,
    default: DEFAULTS.maxParallel,
    commands: ["convert", "update"],
    group: "Speed and memory",
    summary: "ISOs at once; never more than 2.",
  },
  {
    name: "sequential",
    kind: "flag",
    commands: ["convert", "update"],
    group: "Speed and memory",
    summary: "One ISO and one file at a time: same output, least memory.",
  },
  {
    name: "batch-size",
    kind: "integer",
    valueName: "FILES",
    ...BATCH_SIZES,
    default: DEFAULTS.batchSize,
    commands: ["convert", "update"],
    group: "Speed and memory",
    summary: "Files in a scheduling group.",
  },
  {
    name: "chunk-size",
    kind: "integer",
    valueName: "ROWS",
    ...CHUNK_SIZES,
    default: DEFAULTS.chunkSize,
    commands: ["convert", "update"],
    group: "Speed and memory",
    summary: "Most rows in one batch between threads.",
  },
  ...DATASET_OPTIONS,
  ...BENCH_OPTIONS,
  {
    name: "config",
    kind: "folder",
    valueName: "DIR",
    commands: ["convert", "update", "feeds", "verify", "bench"],
    group: "Feed definitions",
    summary: "Folder with own feed definitions (YAML), added to the built-in ones.",
  },
  {
    name: "json",
    kind: "flag",
    commands: ["convert", "update", "rollback", "feeds", "status", "verify", "bench"],
    group: "Messages",
    summary: "Print one JSON value on stdout instead of text.",
  },
  {
    name: "quiet",
    kind: "flag",
    commands: ["convert", "update", "rollback", "demo", "verify", "bench"],
    group: "Messages",
    summary: "Print no text but errors.",
  },
  {
    name: "no-progress",
    kind: "flag",
    commands: ["convert", "update", "demo", "verify", "bench"],
    group: "Messages",
    summary: "Show no progress on stderr.",
  },
  {
    name: "log-level",
    kind: "choice",
    valueName: "LEVEL",
    choices: LOG_LEVELS,
    default: CLI_DEFAULTS.logLevel,
    commands: ["convert", "update", "demo", "bench"],
    group: "Messages",
    summary: "Messages on stderr: error, warn, info or debug.",
  },
  {
    name: "log-format",
    kind: "choice",
    valueName: "FORMAT",
    choices: LOG_FORMATS,
    default: CLI_DEFAULTS.logFormat,
    commands: ["convert", "update"],
    group: "Messages",
    summary: "Messages on stderr as text, or as json: one object a line, and no progress.",
  },
  {
    name: "metrics-file",
    kind: "file",
    valueName: "FILE.prom",
    extension: ".prom",
    commands: ["convert", "update"],
    group: "Messages",
    summary: "Keep metrics of the run in a file, for Prometheus' node_exporter (textfile collector).",
  },
];

/** The options of a command, in the table's order. */
export function optionsOf(command: CommandName): OptionDefinition[] {
  return OPTIONS.filter((option) => option.commands.includes(command));
}

/** Options that the environment and the configuration file may set. */
export function sharedOptions(): OptionDefinition[] {
  return OPTIONS.filter((option) => option.flagOnly === undefined);
}

/** `GRIDPARQUET_MAX_PARALLEL` for `max-parallel`. */
export function environmentVariable(name: string): string {
  return `GRIDPARQUET_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** `--max-parallel N`, as help and README print it. */
export function optionTerm(option: OptionDefinition): string {
  return option.kind === "flag" ? `--${option.name}` : `--${option.name} ${option.valueName}`;
}

/** The default in words (`100,000`), null where there is none. */
export function defaultText(option: OptionDefinition): string | null {
  if (option.defaultText !== undefined) return option.defaultText;
  if (!("default" in option) || option.default === undefined) return null;
  return typeof option.default === "number" ? count(option.default) : option.default;
}
