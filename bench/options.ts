import { Command, InvalidArgumentError } from "commander";

/** What `npm run bench` measures: the peers on one input, and what gridparquet takes for others. */
const PARTS = ["peers", "year", "small-files", "start"] as const;
export type BenchPart = (typeof PARTS)[number];

/** What a benchmark run is asked to do. */
export interface BenchOptions extends RecordOptions {
  rounds: number;
  /** All, unless peers are chosen: then they alone. */
  parts: BenchPart[];
  /** Names of peers, or beginnings of names; empty for all. */
  only: string[];
  /** Inputs as multiples of `days`. */
  scale: number[];
  days: number;
  nodes: number;
  seed: number;
  threads: number;
  sixDecimals: boolean;
  keep: boolean;
}

/** Where a benchmark's record goes; nowhere unless asked for. */
export interface RecordOptions {
  /** File for the record. */
  json?: string;
  /** Keep it in bench/results, too. */
  record: boolean;
}

/** Reads the arguments. Wrong ones, and `--help`, end the process. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const command = new Command("bench")
    .description("Compares gridparquet with general engines on generated PJM day-ahead prices.")
    .option("--parts <part...>", `of ${PARTS.join(", ")}; all, or peers where --only is given`, part)
    .option("--rounds <n>", "measured rounds after the warm-up", positive, 5)
    .option("--only <name...>", "peers, by name or its beginning", [] as string[])
    .option("--scale <n...>", "input sizes, as multiples of --days", positives, [1])
    .option("--days <n>", "day files, around a New Year", positive, 30)
    .option("--nodes <n>", "nodes per hour", positive, 6000)
    .option("--seed <n>", "seed of the generated prices", positive, 1)
    .option("--threads <n>", "threads of every peer", positive, 2)
    .option("--six-decimals", "aggregates' prices with six decimals, as PJM prints them", false)
    .option("--keep", "keep the day files of a year, 7 GB, for the next run", false);
  const { parts, ...options } = withRecordOptions(command)
    .parse(argv, { from: "user" })
    .opts<Omit<BenchOptions, "parts"> & { parts?: BenchPart[] }>();
  return { ...options, parts: parts ?? (options.only.length === 0 ? [...PARTS] : ["peers"]) };
}

/** Commander hands over what was read so far. */
function part(text: string, earlier: readonly BenchPart[] | undefined): BenchPart[] {
  const name = PARTS.find((known) => known === text);
  if (name === undefined) throw new InvalidArgumentError(`Parts: ${PARTS.join(", ")}.`);
  return [...(earlier ?? []), name];
}

/** Adds the options that every benchmark has for its record. */
export function withRecordOptions(command: Command): Command {
  return command
    .option("--json <file>", "write every run, versions and machine to a file")
    .option("--record", "write them to bench/results, named for benchmark, day and commit", false);
}

/**
 * A whole number from 1, as commander reads an option.
 *
 * @throws InvalidArgumentError, which commander reports
 */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("A whole number from 1 is needed.");
  return value;
}

/** Several of them. Commander hands over the default, then what was read so far. */
export function positives(text: string, earlier: number[] & { read?: true }): number[] {
  const values: number[] & { read?: true } = earlier.read ? [...earlier, positive(text)] : [positive(text)];
  values.read = true;
  return values;
}
