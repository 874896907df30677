import { statSync } from "node:fs";
import { resolve } from "node:path";
import { GridparquetError } from "../errors.js";
import type { FeedDefinition } from "../feeds/feed-definition.js";
import {
  type Compression,
  type ConvertOptions,
  DEFAULTS,
  type Encoder,
  type LogLevel,
  MAX_PARALLEL_JOBS,
} from "../run/options.js";
import type { ListOption } from "./option-definition.js";
import { CLI_DEFAULTS, type LogFormat, OPTIONS } from "./option-table.js";
import type { RawArguments } from "./parse-arguments.js";
import { printable, shellWord } from "./printable.js";
import {
  feedVocabulary,
  isoVocabulary,
  type NamedFeed,
  splitSelection,
  type Vocabulary,
  yearVocabulary,
} from "./selections.js";
import { type CollectedSettings, collectSettings, type Settings } from "./settings.js";

/** The world outside the arguments, read here and nowhere later. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  /** Working folder: of the configuration file, and what relative paths start from. */
  cwd: string;
  loadFeeds: (configDir?: string) => Promise<FeedDefinition[]>;
}

/** What is printed, and how. */
export interface ViewOptions {
  json: boolean;
  quiet: boolean;
  progress: boolean;
  /** Whether a terminal, if there is one, can move its cursor. */
  cursor: boolean;
  logLevel: LogLevel;
  logFormat: LogFormat;
}

export interface Resolved<T> {
  options: T;
  view: ViewOptions;
  /** To be printed before the command runs. */
  warnings: string[];
}

/** The settings of a command, of which `optionsOf` makes its options, and how they are printed. */
export async function resolveCommand<T>(
  raw: RawArguments,
  around: Surroundings,
  optionsOf: (settings: Settings) => T | Promise<T>,
): Promise<Resolved<T>> {
  const { settings, warnings } = await collectSettings(raw, around.env, around.cwd);
  const options = await optionsOf(settings);
  return { options, view: viewOptions(settings, around.env), warnings };
}

export interface DemoOptions {
  folder: string;
  threads?: number;
}

export interface ResolvedConvert extends Resolved<ConvertOptions> {
  /** File for the report of the run. */
  report?: string;
}

/**
 * The options of `convert`, complete and checked; nothing after this reads a flag, a variable or the configuration file.
 *
 * @throws GridparquetError `usage`, `bad-config`
 */
export async function resolveConvert(raw: RawArguments, around: Surroundings): Promise<ResolvedConvert> {
  return convertOf(raw, around, await collectSettings(raw, around.env, around.cwd));
}

/** {@link resolveConvert} with the settings collected. */
export async function convertOf(
  raw: RawArguments,
  around: Surroundings,
  { settings, warnings }: CollectedSettings,
): Promise<ResolvedConvert> {
  const configDir = folderSetting(settings, around.cwd);
  const selected = await resolveSelections(settings, around, configDir);
  const inputs = [...raw.inputs, ...selected.inputs];
  const out = text(settings, "out");
  checkPresent(raw.command, inputs, out, settings, around.cwd);

  const parallel = integer(settings, "max-parallel") ?? DEFAULTS.maxParallel;
  if (parallel > MAX_PARALLEL_JOBS) {
    const { where } = settings.get("max-parallel")!;
    warnings.push(
      `${where} is ${parallel}, but at most ${MAX_PARALLEL_JOBS} ISOs run at once; running ${MAX_PARALLEL_JOBS}`,
    );
  }
  const threads = integer(settings, "threads");
  const memoryLimit = integer(settings, "memory-limit");
  const metricsFile = text(settings, "metrics-file");
  const options: ConvertOptions = {
    inputs,
    out: out!,
    ...(selected.isos && { isos: selected.isos }),
    ...(selected.feeds && { feeds: selected.feeds }),
    ...(selected.years && { years: selected.years.map(Number) }),
    sequential: flag(settings, "sequential"),
    maxParallel: Math.min(parallel, MAX_PARALLEL_JOBS),
    ...(threads !== undefined && { threads }),
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(metricsFile !== undefined && { metricsFile }),
    batchSize: integer(settings, "batch-size") ?? DEFAULTS.batchSize,
    chunkSize: integer(settings, "chunk-size") ?? DEFAULTS.chunkSize,
    rowGroupSize: integer(settings, "row-group-size") ?? DEFAULTS.rowGroupSize,
    mergeFanIn: integer(settings, "merge-fan-in") ?? DEFAULTS.mergeFanIn,
    encoder: (text(settings, "encoder") as Encoder | undefined) ?? DEFAULTS.encoder,
    compression: (text(settings, "compression") as Compression | undefined) ?? DEFAULTS.compression,
    ...(configDir !== undefined && { configDir }),
    fresh: flag(settings, "fresh"),
    dryRun: flag(settings, "dry-run"),
    strict: flag(settings, "strict"),
  };
  const report = text(settings, "report");
  if (report !== undefined && options.dryRun)
    warnings.push(`${settings.get("report")!.where} is left out: a dry run has nothing to report`);
  const isReported = report !== undefined && !options.dryRun;
  return { options, view: viewOptions(settings, around.env), warnings, ...(isReported && { report }) };
}

export function resolveDemo(raw: RawArguments, around: Surroundings): Promise<Resolved<DemoOptions>> {
  return resolveCommand(raw, around, (settings) => {
    const threads = integer(settings, "threads");
    const folder = text(settings, "out") ?? CLI_DEFAULTS.demoFolder;
    return { folder, ...(threads !== undefined && { threads }) };
  });
}

export function resolveFeeds(
  raw: RawArguments,
  around: Surroundings,
): Promise<Resolved<{ feeds: FeedDefinition[] }>> {
  return resolveCommand(raw, around, async (settings) => ({
    feeds: await around.loadFeeds(folderSetting(settings, around.cwd)),
  }));
}

interface Selections {
  isos?: string[];
  feeds?: string[];
  years?: string[];
  inputs: string[];
}

export async function resolveSelections(
  settings: Settings,
  around: { cwd: string; loadFeeds: (configDir?: string) => Promise<readonly NamedFeed[]> },
  configDir: string | undefined,
): Promise<Selections> {
  const selections: Selections = { inputs: [] };
  const select = (name: string, vocabulary: Vocabulary): string[] | undefined => {
    const setting = settings.get(name);
    if (setting === undefined) return undefined;
    const option = OPTIONS.find((each) => each.name === name) as ListOption;
    const { values, inputs } = splitSelection(option, setting, vocabulary, around.cwd);
    selections.inputs.push(...inputs);
    return values;
  };
  // reading the definitions takes longer than all else here
  const needed = settings.has("iso") || settings.has("feed");
  const feeds = needed ? await around.loadFeeds(configDir) : [];
  const isos = select("iso", isoVocabulary(feeds));
  const feedNames = select("feed", feedVocabulary(feeds, isos));
  const years = select("year", yearVocabulary());
  return {
    ...(isos && { isos }),
    ...(feedNames && { feeds: feedNames }),
    ...(years && { years }),
    inputs: selections.inputs,
  };
}

function checkPresent(
  command: string,
  inputs: readonly string[],
  out: string | undefined,
  settings: Settings,
  cwd: string,
): void {
  if (inputs.length > 0 && out !== undefined) {
    if (inputs.includes(""))
      throw new GridparquetError("usage", "an input is empty", { hint: "Check the quotes." });
    return;
  }
  const swallowed = ["iso", "feed", "year"].flatMap((name) => {
    const setting = settings.get(name);
    if (setting?.source !== "flag") return [];
    return (setting.value as readonly string[]).filter((word) => exists(resolve(cwd, word)));
  });
  const typed = inputs.length === 0 ? "INPUT..." : inputs.map(shellWord).join(" ");
  const missing =
    inputs.length === 0
      ? out === undefined
        ? "no inputs and no --out given"
        : "no inputs given"
      : "no --out given";
  const toType = `Type: gridparquet ${command} ${typed} --out ${out === undefined ? "DIR" : shellWord(out)}`;
  throw new GridparquetError("usage", missing, {
    hint:
      inputs.length === 0 && swallowed.length > 0
        ? `${toType}\n${printable(swallowed[0]!)} was read as a value of an option; inputs go before the options.`
        : toType,
  });
}

/** The folder of own feed definitions, checked to be one. */
export function folderSetting(settings: Settings, cwd: string): string | undefined {
  const setting = settings.get("config");
  if (setting === undefined) return undefined;
  const folder = setting.value as string;
  const stats = statSync(resolve(cwd, folder), { throwIfNoEntry: false });
  if (stats?.isDirectory()) return folder;
  const problem = stats === undefined ? "does not exist" : "is not a folder";
  throw new GridparquetError("usage", `${setting.where}: ${printable(folder)} ${problem}`, {
    hint: "Give --config a folder with .yaml files.",
  });
}

export function viewOptions(settings: Settings, env: NodeJS.ProcessEnv): ViewOptions {
  return {
    json: flag(settings, "json"),
    quiet: flag(settings, "quiet"),
    progress: !flag(settings, "no-progress"),
    cursor: env.TERM !== "dumb",
    logLevel: (text(settings, "log-level") as LogLevel | undefined) ?? CLI_DEFAULTS.logLevel,
    logFormat: (text(settings, "log-format") as LogFormat | undefined) ?? CLI_DEFAULTS.logFormat,
  };
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

export function flag(settings: Settings, name: string): boolean {
  return settings.get(name)?.value === true;
}

export function integer(settings: Settings, name: string): number | undefined {
  return settings.get(name)?.value as number | undefined;
}

export function text(settings: Settings, name: string): string | undefined {
  return settings.get(name)?.value as string | undefined;
}
