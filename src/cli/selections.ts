import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { GridparquetError } from "../errors.js";
import type { ListOption } from "./option-definition.js";
import { YEARS } from "./option-table.js";
import { printable } from "./printable.js";
import type { Setting } from "./settings.js";
import { closest } from "./suggest.js";

/** More values than these are not listed in a message. */
const MOST_LISTED = 12;

/** The values that a list option takes. */
export interface Vocabulary {
  /** The value that a word stands for, undefined when it is none. */
  read: (word: string) => string | undefined;
  /** Every value, for messages; empty when there are too many to list. */
  all: readonly string[];
  /** What is to be said of a word that is no value here but would be one elsewhere. */
  elsewhere?: (word: string) => string | undefined;
}

export interface Selection {
  values: string[];
  /** Words that are no values but look like inputs: `convert --iso PJM data/` gives `data/`. */
  inputs: string[];
}

/**
 * Splits what a list option took into its values and the inputs that it swallowed.
 *
 * A word that is a value is taken as one. Any other word is an input if it exists or looks like a path; so is,
 * after the first input, a word that is both a value and an existing path. Values may be joined by commas.
 *
 * @param cwd folder that relative paths start from
 * @throws GridparquetError `usage` for a word that is neither, and when no value is left
 */
export function splitSelection(
  option: ListOption,
  setting: Setting,
  vocabulary: Vocabulary,
  cwd: string,
): Selection {
  const selection: Selection = { values: [], inputs: [] };
  for (const word of setting.value as readonly string[]) {
    const fromFlag = setting.source === "flag";
    const exists = fromFlag && existsSync(resolve(cwd, word));
    const parts = word.split(",").filter((part) => part !== "");
    const values = parts.map(vocabulary.read);
    const isValue = parts.length > 0 && values.every((value) => value !== undefined);
    if (isValue && !(exists && selection.inputs.length > 0)) selection.values.push(...(values as string[]));
    else if (exists || (fromFlag && looksLikePath(word))) selection.inputs.push(word);
    else throw unknown(option, setting, parts.find((_, i) => values[i] === undefined) ?? word, vocabulary);
  }
  if (selection.values.length === 0) {
    const [first] = selection.inputs;
    throw new GridparquetError(
      "usage",
      `${setting.where} has no ${nounOf(option)}${first === undefined ? "" : `: ${printable(first)} is an input`}`,
      {
        hint: `Type: --${option.name} ${option.valueName}`,
      },
    );
  }
  selection.values = [...new Set(selection.values)];
  return selection;
}

/** What of a feed a word can name. */
export interface NamedFeed {
  readonly iso: string;
  readonly feed: string;
}

/** ISO names of the definitions; upper and lower case are the same. */
export function isoVocabulary(feeds: readonly NamedFeed[]): Vocabulary {
  return namesVocabulary(feeds.map((feed) => feed.iso));
}

/** Feed names of the definitions, of the chosen ISOs if any; upper and lower case are the same. */
export function feedVocabulary(feeds: readonly NamedFeed[], isos: readonly string[] | undefined): Vocabulary {
  const chosen = feeds.filter((feed) => isos?.includes(feed.iso) ?? true);
  const elsewhere = (word: string): string | undefined => {
    const owners = feeds
      .filter(({ feed }) => feed.toLowerCase() === word.toLowerCase())
      .map(({ iso }) => iso);
    return owners.length === 0
      ? undefined
      : `It is a feed of ${[...new Set(owners)].join(", ")}, which --iso leaves out.`;
  };
  return { ...namesVocabulary(chosen.map((feed) => feed.feed)), elsewhere };
}

export function yearVocabulary(): Vocabulary {
  const read = (word: string) =>
    /^\d{4}$/.test(word) && +word >= YEARS.min && +word <= YEARS.max ? word : undefined;
  return { read, all: [] };
}

function namesVocabulary(names: readonly string[]): Vocabulary {
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  return { read: (word) => byLowerCase.get(word.toLowerCase()), all: [...byLowerCase.values()] };
}

function looksLikePath(word: string): boolean {
  // a number is a mistyped year rather than a file: 2024.5
  return /[./\\*?]/.test(word) && !/^[-+]?\d+(\.\d*)?$/.test(word);
}

function nounOf(option: ListOption): string {
  return option.element === "iso" ? "ISO" : option.element;
}

function unknown(
  option: ListOption,
  setting: Setting,
  word: string,
  { all, elsewhere }: Vocabulary,
): GridparquetError {
  if (option.element === "year") {
    return new GridparquetError(
      "usage",
      `${setting.where}: '${printable(word)}' is not a year from ${YEARS.min} to ${YEARS.max}`,
      {
        hint: "Give years one by one: 2023 2024.",
      },
    );
  }
  const meant = closest(word, all);
  const orInput = setting.source === "flag" ? ", nor an existing file or folder" : "";
  const known =
    all.length > MOST_LISTED ? "All are listed by: gridparquet feeds" : `Known: ${all.join(", ")}.`;
  const hint = elsewhere?.(word) ?? (meant === undefined ? known : `Did you mean ${meant}? ${known}`);
  return new GridparquetError(
    "usage",
    `${setting.where}: '${printable(word)}' is not a known ${nounOf(option)}${orInput}`,
    { hint },
  );
}
