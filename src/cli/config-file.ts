import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Document, LineCounter, ParsedNode } from "yaml";
import { describeError, GridparquetError } from "../errors.js";
import { CONFIG_FILE, type OptionDefinition, sharedOptions } from "./option-table.js";
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
  let text: string;
  try {
    text = readFileSync(join(folder, CONFIG_FILE), "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw new GridparquetError("usage", `cannot read ${CONFIG_FILE}: ${describeError(cause)}`, { cause });
  }
  return parseConfig(text);
}

/** {@link readConfigFile} for a text. */
export async function parseConfig(text: string): Promise<Map<string, FileSetting>> {
  const { isMap, isScalar, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document: Document.Parsed<ParsedNode> = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
  });
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new GridparquetError(
      "usage",
      `${CONFIG_FILE}:${lineAt(lines, problem.pos[0])}: ${problem.message}`,
    );
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
  const values = document.toJS() as Record<string, unknown>;
  for (const { key } of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    const at = `${CONFIG_FILE}:${lineAt(lines, key.range?.[0] ?? 0)}`;
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

function lineAt(lines: LineCounter, offset: number): number {
  return lines.linePos(offset).line;
}
