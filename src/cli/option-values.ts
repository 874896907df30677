import { GridparquetError } from "../errors.js";
import type { OptionDefinition } from "./option-definition.js";
import { printable } from "./printable.js";
import { closest } from "./suggest.js";

/** A checked value. Lists stay text until the feeds are known; see selections.ts. */
export type OptionValue = boolean | number | string | readonly string[] | readonly number[];

/**
 * Reads an option's value from text, of the command line or of an environment variable.
 *
 * @param where what the value was given with (`--threads`, `GRIDPARQUET_THREADS`), for messages
 * @throws GridparquetError `usage`
 */
export function valueOfText(option: OptionDefinition, text: string, where: string): OptionValue {
  switch (option.kind) {
    case "flag":
      return flagOfText(text, where);
    case "integer":
      if (!/^-?\d+$/.test(text)) throw wrong(option, where, quoted(text));
      return inRange(option, Number(text), where);
    case "integers":
      if (!/^\s*\d+(\s*,\s*\d+)*\s*$/.test(text)) throw wrong(option, where, quoted(text));
      return text.split(",").map((word) => inRange(option, Number(word), where));
    case "choice":
      return choice(option, text, where);
    case "folder":
      if (text === "") throw new GridparquetError("usage", `${where} needs a folder's name`);
      return text;
    case "file":
      if (!text.toLowerCase().endsWith(option.extension)) throw wrong(option, where, quoted(text));
      return text;
    case "size":
      return bytesOfText(option, text, where);
    case "list":
      return text.split(/[\s,]+/).filter((word) => word !== "");
  }
}

/**
 * Checks an option's value from the configuration file.
 *
 * @param where file, line and key, for messages
 * @throws GridparquetError `usage` when the type is wrong or the value out of range
 */
export function valueOfYaml(option: OptionDefinition, value: unknown, where: string): OptionValue {
  switch (option.kind) {
    case "flag":
      if (typeof value === "boolean") return value;
      break;
    case "integer":
      if (typeof value === "number" && Number.isInteger(value)) return inRange(option, value, where);
      break;
    case "integers":
      if (typeof value === "number" || typeof value === "string")
        return valueOfText(option, String(value), where);
      break;
    case "choice":
      if (typeof value === "string") return choice(option, value, where);
      break;
    case "folder":
      if (typeof value === "string" && value !== "") return value;
      break;
    case "file":
    case "size":
      if (typeof value === "string") return valueOfText(option, value, where);
      break;
    case "list": {
      const items: unknown[] = Array.isArray(value) ? value : [value];
      const type = option.element === "year" ? "number" : "string";
      if (items.length > 0 && items.every((item) => typeof item === type)) return items.map(String);
      break;
    }
  }
  throw wrong(option, where, shown(value));
}

/** `a whole number from 1 to 256`: what an option takes, for messages. */
export function expectation(option: OptionDefinition): string {
  switch (option.kind) {
    case "flag":
      return "true or false";
    case "integer":
      return `a whole number from ${option.min} to ${option.max}`;
    case "integers":
      return `whole numbers from ${option.min} to ${option.max}, joined by commas`;
    case "choice":
      return `one of ${option.choices.join(", ")}`;
    case "folder":
      return "a folder's name";
    case "file":
      return `a file whose name ends in ${option.extension}`;
    case "size":
      return "a size with its unit, such as 512MB or 2GB, of at least 1MB";
    case "list":
      return option.element === "year" ? "a year or a list of years" : "a name or a list of names";
  }
}

const SIZE_UNITS = { mb: 1e6, gb: 1e9, tb: 1e12, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 } as const;

function bytesOfText(option: OptionDefinition, text: string, where: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([mgt]i?b)$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * SIZE_UNITS[unit?.toLowerCase() as keyof typeof SIZE_UNITS]);
  if (!(bytes >= 1e6 && Number.isSafeInteger(bytes))) throw wrong(option, where, quoted(text));
  return bytes;
}

function flagOfText(text: string, where: string): boolean {
  const word = text.toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["0", "false", "no", "off"].includes(word)) return false;
  throw new GridparquetError("usage", `${where} must be true or false, not ${quoted(text)}`);
}

function inRange(
  option: OptionDefinition & { kind: "integer" | "integers" },
  value: number,
  where: string,
): number {
  if (value < option.min || value > option.max) throw wrong(option, where, String(value));
  return value;
}

function choice(option: OptionDefinition & { kind: "choice" }, text: string, where: string): string {
  const word = text.toLowerCase();
  if (option.choices.includes(word)) return word;
  throw wrong(option, where, quoted(text), closest(text, option.choices));
}

function wrong(option: OptionDefinition, where: string, got: string, meant?: string): GridparquetError {
  return new GridparquetError("usage", `${where} must be ${expectation(option)}, not ${got}`, {
    ...(meant !== undefined && { hint: `Did you mean ${meant}?` }),
  });
}

function quoted(text: string): string {
  return `'${printable(text)}'`;
}

function shown(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || value === undefined) return "empty";
  return printable(JSON.stringify(value) ?? String(value));
}
