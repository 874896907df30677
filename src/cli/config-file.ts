import { statSync } from "node:fs";
import { join } from "node:path";
import { describeError, GridparquetError } from "../errors.js";
import type { OptionDefinition } from "./option-definition.js";
import { CONFIG_FILE, sharedOptions } from "./option-table.js";
import { type OptionValue, valueOfYaml } from "./option-values.js";
import { printable } from "./printable.js";
import { closest } from "./suggest.js";

export interface FileSetting {
  value: OptionValue;
  /** `gridparquet.config.yaml:3: threads`. */
  where: string;
}

/**
 * Reads `gridparquet.config.yaml` of a folder: a mapping from long option names to values.
 *
 * @returns the settings by option name; empty when there is no such file
 * @throws GridparquetError `usage` that names file, line and key
 */
export async function readConfigFile(folder: string): Promise<Map<string, FileSetting>> {
  const path = join(folder, CONFIG_FILE);
  let text: string;
  try {
    // YAML takes long to load, and most folders have no such file.
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return new Map();
    const { readYaml } = await import("../yaml-text.js");
    text = readYaml(path);
  } catch (cause) {
    throw new GridparquetError("usage", `cannot read ${CONFIG_FILE}: ${describeError(cause)}`, { cause });
  }
  return parseConfig(text);
}

/** {@link readConfigFile} for a text. */
export async function parseConfig(text: string): Promise<Map<string, FileSetting>> {
  const { isMap, isScalar } = await import("yaml");
  const { parseYaml } = await import("../yaml-text.js");
  const { document, content, problems, lineAt } = parseYaml(text);
  const [problem] = problems;
  if (problem !== undefined) {
    throw new GridparquetError("usage", `${CONFIG_FILE}:${problem.line}: ${problem.message}`);
  }
  const settings = new Map<string, FileSetting>();
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return settings;
  }
  if (!isMap(document.contents)) {
    throw new GridparquetError("usage", `${CONFIG_FILE}:1: must be options and their values, one per line`, {
      hint: "For example: threads: 4",
    });
  }
  const values = content as Record<string, unknown>;
  for (const { key } of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    const at = `${CONFIG_FILE}:${lineAt((isScalar(key) ? key.range?.[0] : undefined) ?? 0)}`;
    const where = `${at}: ${printable(name)}`;
    const option = optionOfKey(name, at);
    if (settings.has(option.name)) {
      throw new GridparquetError("usage", `${where} says the same as ${option.name}; keep one of them`);
    }
    settings.set(option.name, { value: valueOfYaml(option, values[name], where), where });
  }
  return settings;
}

function optionOfKey(name: string, at: string): OptionDefinition {
  const options = sharedOptions();
  const option = options.find((each) => each.name === name || each.alias === name);
  if (option !== undefined) return option;
  const meant = closest(
    name.replace(/^--/, "").replaceAll("_", "-"),
    options.map((each) => each.name),
  );
  throw new GridparquetError("usage", `${at}: ${printable(name)} is not an option`, {
    hint:
      meant === undefined
        ? "Keys are the long options without dashes; see: gridparquet convert --help"
        : `Did you mean ${meant}?`,
  });
}
