import type { DatasetFilter } from "../dataset/find-year-files.js";
import type { UpdateOptions } from "../update/update.js";
import type { RawArguments } from "./parse-arguments.js";
import { resolveDataset } from "./resolve-dataset.js";
import { convertOf, flag, type Resolved, resolveCommand, type Surroundings } from "./resolve-options.js";
import { collectSettings } from "./settings.js";

export interface ResolvedUpdate extends Resolved<UpdateOptions> {
  /** File for the report of the run. */
  report?: string;
}

/**
 * The options of `update`, complete and checked. Settings of the output that nobody asked for are left out: they are
 * those of the year files.
 *
 * @throws GridparquetError `usage`, with what to type
 */
export async function resolveUpdate(raw: RawArguments, around: Surroundings): Promise<ResolvedUpdate> {
  const collected = await collectSettings(raw, around.env, around.cwd);
  const { settings } = collected;
  const { options, ...more } = await convertOf(raw, around, collected);
  const { rowGroupSize, compression, encoder, ...others } = options;
  return {
    options: {
      ...others,
      ...(settings.has("row-group-size") && { rowGroupSize }),
      ...(settings.has("compression") && { compression }),
      ...(settings.has("encoder") && { encoder }),
      keepPrevious: flag(settings, "keep-previous"),
    } as UpdateOptions,
    ...more,
  };
}

/**
 * The options of `rollback`, complete and checked.
 *
 * @throws GridparquetError `usage`
 */
export function resolveRollback(
  raw: RawArguments,
  around: Surroundings,
): Promise<Resolved<{ out: string; filter: DatasetFilter }>> {
  return resolveCommand(raw, around, (settings) => resolveDataset(raw, settings, around));
}
