import type { OptionDefinition } from "./option-definition.js";

/** The options that only `status` and `verify` have, of the table of all: from the command line alone. */
export const DATASET_OPTIONS: readonly OptionDefinition[] = [
  {
    name: "strict",
    kind: "flag",
    commands: ["status"],
    group: "Checks",
    summary: "Exit with 2 when a day is missing or a year file cannot be read.",
    flagOnly: true,
  },
  {
    name: "deep",
    kind: "list",
    element: "input",
    valueName: "INPUT...",
    commands: ["verify"],
    group: "Checks",
    summary: "Convert these files again, into a temporary folder, and compare every row.",
    flagOnly: true,
  },
];
