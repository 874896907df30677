import { availableParallelism, tmpdir } from "node:os";
import { type BenchOptions, defaultThreads } from "../bench/options.js";
import { GridparquetError } from "../errors.js";
import { type Compression, DEFAULTS } from "../run/options.js";
import { DEFAULT_ROUNDS } from "./bench-options.js";
import type { RawArguments } from "./parse-arguments.js";
import {
  folderSetting,
  integer,
  type Resolved,
  resolveCommand,
  resolveSelections,
  type Surroundings,
  text,
} from "./resolve-options.js";
import type { Settings } from "./settings.js";

export interface BenchCommandOptions {
  bench: BenchOptions;
  /** File for the picture. */
  plot?: string;
}

/**
 * The options of `bench`, complete and checked.
 *
 * @throws GridparquetError `usage`, `bad-config`
 */
export function resolveBench(
  raw: RawArguments,
  around: Surroundings,
): Promise<Resolved<BenchCommandOptions>> {
  return resolveCommand(raw, around, async (settings) => {
    const plot = text(settings, "plot");
    return { bench: await benchOptions(raw, settings, around), ...(plot !== undefined && { plot }) };
  });
}

async function benchOptions(
  raw: RawArguments,
  settings: Settings,
  around: Surroundings,
): Promise<BenchOptions> {
  const configDir = folderSetting(settings, around.cwd);
  const selected = await resolveSelections(settings, around, configDir);
  const inputs = [...raw.inputs, ...selected.inputs];
  if (inputs.length === 0 || inputs.includes("")) {
    throw new GridparquetError("usage", inputs.length === 0 ? "no inputs given" : "an input is empty", {
      hint: "Type: gridparquet bench INPUT...",
    });
  }
  const numbers = (name: string): readonly number[] | undefined =>
    settings.get(name)?.value as readonly number[] | undefined;
  return {
    inputs,
    ...(selected.isos && { isos: selected.isos }),
    ...(selected.feeds && { feeds: selected.feeds }),
    ...(selected.years && { years: selected.years.map(Number) }),
    ...(configDir !== undefined && { configDir }),
    compression: (text(settings, "compression") as Compression | undefined) ?? DEFAULTS.compression,
    threads: numbers("threads") ?? defaultThreads(availableParallelism()),
    batchSizes: numbers("batch-size") ?? [DEFAULTS.batchSize],
    chunkSizes: numbers("chunk-size") ?? [DEFAULTS.chunkSize],
    rounds: integer(settings, "rounds") ?? DEFAULT_ROUNDS,
    work: text(settings, "work") ?? tmpdir(),
  };
}
