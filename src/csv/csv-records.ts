import { createRequire } from "node:module";
import type { Options } from "csv-parse/sync";

/** Options under which csv-parse reads what gridparquet reads; tests use them for whole files. */
export const CSV_PARSE_OPTIONS: Options = {
  record_delimiter: ["\r\n", "\n"],
  relax_column_count: true,
  skip_empty_lines: true,
};

const require = createRequire(import.meta.url);

/**
 * The records of a text, by csv-parse.
 *
 * It is loaded by the first call, as most threads of most runs never see a record that needs it.
 *
 * @throws what csv-parse throws, with a `code`
 */
export function parseRecords(text: string | Buffer): string[][] {
  const { parse } = require("csv-parse/sync") as typeof import("csv-parse/sync");
  return parse(text, CSV_PARSE_OPTIONS) as unknown as string[][];
}
