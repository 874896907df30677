import { DEFAULTS } from "../run/options.js";
import type { OptionDefinition } from "./option-definition.js";

/** What `convert` takes, and `bench` several of. */
export const THREADS = { min: 1, max: 256 } as const;
export const BATCH_SIZES = { min: 1, max: 100_000 } as const;
export const CHUNK_SIZES = { min: 1, max: 10_000_000 } as const;

/** Rounds of `bench`. */
export const DEFAULT_ROUNDS = 3;

/**
 * The options that only `bench` has, of the table of all: from the command line alone, since what the environment and
 * the configuration file call threads is one number, for `convert`.
 */
export const BENCH_OPTIONS: readonly OptionDefinition[] = [
  {
    name: "threads",
    kind: "integers",
    valueName: "N,...",
    ...THREADS,
    defaultText: "1, half and all of the cores",
    commands: ["bench"],
    group: "Measurement",
    summary: "Threads to try.",
    flagOnly: true,
  },
  {
    name: "batch-size",
    kind: "integers",
    valueName: "FILES,...",
    ...BATCH_SIZES,
    default: DEFAULTS.batchSize,
    commands: ["bench"],
    group: "Measurement",
    summary: "Files in a scheduling group, to try.",
    flagOnly: true,
  },
  {
    name: "chunk-size",
    kind: "integers",
    valueName: "ROWS,...",
    ...CHUNK_SIZES,
    default: DEFAULTS.chunkSize,
    commands: ["bench"],
    group: "Measurement",
    summary: "Most rows in one batch between threads, to try.",
    flagOnly: true,
  },
  {
    name: "rounds",
    kind: "integer",
    valueName: "N",
    min: 1,
    max: 1000,
    default: DEFAULT_ROUNDS,
    commands: ["bench"],
    group: "Measurement",
    summary: "Runs of each setting, after a warm-up that is not counted; medians are shown.",
    flagOnly: true,
  },
  {
    name: "plot",
    kind: "file",
    valueName: "FILE.svg",
    extension: ".svg",
    commands: ["bench"],
    group: "Measurement",
    summary: "Draw throughput and peak memory as an SVG picture.",
    flagOnly: true,
  },
  {
    name: "work",
    kind: "folder",
    valueName: "DIR",
    defaultText: "the system's temporary folder",
    commands: ["bench"],
    group: "Measurement",
    summary: "Folder in which the outputs are written, one at a time, and removed.",
    flagOnly: true,
  },
];
