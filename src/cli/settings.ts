import { GridparquetError } from "../errors.js";
import { type FileSetting, readConfigFile } from "./config-file.js";
import type { OptionDefinition } from "./option-definition.js";
import { environmentVariable, optionsOf, sharedOptions } from "./option-table.js";
import { type OptionValue, valueOfText } from "./option-values.js";
import type { RawArguments } from "./parse-arguments.js";
import { closest } from "./suggest.js";

/** A value and where it was given, for messages: `--threads`, `GRIDPARQUET_THREADS`, `gridparquet.config.yaml:3: threads`. */
export interface Setting {
  readonly value: OptionValue;
  readonly where: string;
  readonly source: "flag" | "environment" | "file";
}

export type Settings = ReadonlyMap<string, Setting>;

export interface CollectedSettings {
  /** By option name. */
  settings: Settings;
  /** About variables that look misspelt. */
  warnings: string[];
}

/**
 * The settings of a command from all three sources: flags, then environment, then configuration file.
 *
 * The file is checked as a whole, whatever the command uses of it.
 *
 * @throws GridparquetError `usage`
 */
export async function collectSettings(
  raw: RawArguments,
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<CollectedSettings> {
  const options = optionsOf(raw.command);
  const flags = new Map<string, Setting>();
  for (const [name, value] of raw.values) flags.set(name, { value, where: `--${name}`, source: "flag" });
  const file = fileSettings(await readConfigFile(folder));
  const layers = [flags, environmentSettings(env), file];

  const settings = new Map<string, Setting>();
  for (const layer of layers) {
    // a layer hides what lower layers say, be it with the option itself or with its opposite
    const before = new Map(settings);
    for (const option of options) {
      const setting = layer.get(option.name);
      if (setting === undefined) continue;
      if (layer !== flags && option.flagOnly) continue;
      checkOpposite(option, setting, layer);
      const opposite = option.excludes === undefined ? undefined : before.get(option.excludes);
      if (!before.has(option.name) && (opposite === undefined || opposite.value === false)) {
        settings.set(option.name, setting);
      }
    }
  }
  return { settings, warnings: misspeltVariables(env) };
}

function checkOpposite(option: OptionDefinition, setting: Setting, layer: Settings): void {
  const other = option.excludes === undefined ? undefined : layer.get(option.excludes);
  if (other === undefined || other.value === false || setting.value === false) return;
  throw new GridparquetError("usage", `${setting.where} and ${other.where} cannot be used together`, {
    hint: "Leave out one of them.",
  });
}

function fileSettings(file: ReadonlyMap<string, FileSetting>): Settings {
  return new Map([...file].map(([name, setting]) => [name, { ...setting, source: "file" as const }]));
}

function environmentSettings(env: NodeJS.ProcessEnv): Settings {
  const settings = new Map<string, Setting>();
  for (const option of sharedOptions()) {
    for (const name of [option.name, option.alias]) {
      if (name === undefined) continue;
      const where = environmentVariable(name);
      const text = env[where]?.trim();
      // an empty variable is how shells and CI systems leave one out
      if (text === undefined || text === "" || settings.has(option.name)) continue;
      settings.set(option.name, { value: valueOfText(option, text, where), where, source: "environment" });
    }
  }
  return settings;
}

function misspeltVariables(env: NodeJS.ProcessEnv): string[] {
  const known = sharedOptions().flatMap((option) => [option.name, ...(option.alias ? [option.alias] : [])]);
  const variables = known.map(environmentVariable);
  return Object.keys(env)
    .filter((name) => name.startsWith("GRIDPARQUET_") && !variables.includes(name))
    .flatMap((name) => {
      const meant = closest(name.slice("GRIDPARQUET_".length).replaceAll("_", "-"), known);
      return meant === undefined ? [] : [`${name} is ignored; did you mean ${environmentVariable(meant)}?`];
    });
}
