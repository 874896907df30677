import { readCoverage } from "../dataset/coverage.js";
import type { YearSettings } from "../dataset/manifest.js";
import { GridparquetError } from "../errors.js";
import { runConversion } from "../run/convert.js";
import type { ConvertOptions, ConvertSummary } from "../run/options.js";
import { type ResolvedOptions, resolveOptions } from "../run/resolved-options.js";
import { isoDate } from "../time/calendar.js";
import { chooseInputs } from "./choose-inputs.js";

/** Options of {@link update}. Settings of the output that are left out are those that a year file was written with. */
export interface UpdateOptions extends ConvertOptions {
  /** Keeps the year files that are replaced, for {@link rollback}. */
  keepPrevious?: boolean;
}

/** What an update did; of `outputs` only the year files that it changed. */
export interface UpdateSummary extends ConvertSummary {
  update: UpdateOutcome;
}

export interface UpdateOutcome {
  /** Inputs that were not read, since the dataset has their rows. */
  filesUnchanged: number;
  /** Rows of the dataset in whose place later ones came. */
  rowsReplaced: number;
  /** By feed: those that got days, or have days missing. */
  feeds: UpdatedDays[];
}

export interface UpdatedDays {
  iso: string;
  market: string;
  feed: string;
  /** Operating days that had no row before, as ISO dates, in order. */
  added: string[];
  /** Days between the feed's first and last that have no row. */
  missing: string[];
}

/**
 * Adds to a dataset what it lacks: reads the inputs whose rows it does not have, and writes the year files that they
 * change. What is there and does not overlap is copied as bytes; the result is that of one {@link convert} of
 * everything.
 *
 * Of two rows with one key the one with the higher version stays, else that of the update.
 *
 * @throws GridparquetError as {@link convert}
 */
export async function update(options: UpdateOptions): Promise<UpdateSummary> {
  const { rowGroupSize, compression, encoder, keepPrevious = false } = options;
  const settings: Partial<YearSettings> = {
    ...(rowGroupSize !== undefined && { rowGroupSize }),
    ...(compression !== undefined && { compression }),
    ...(encoder !== undefined && { encoder }),
  };
  const resolved: ResolvedOptions = { ...resolveOptions(options), update: { settings, keepPrevious } };
  const { out, years } = resolved;
  let filesUnchanged = 0;
  const before = await daysOf(options);
  const summary = await runConversion(options, resolved, async (files, found) => {
    const chosen = await chooseInputs(files, { out, found: found.files, years });
    filesUnchanged = chosen.unchanged;
    return chosen.files;
  });
  const rowsReplaced = summary.outputs.reduce((sum, { rowsReplaced = 0 }) => sum + rowsReplaced, 0);
  const after = summary.outputs.length === 0 ? before : await daysOf(options);
  return { ...summary, update: { filesUnchanged, rowsReplaced, feeds: compareDays(before, after) } };
}

interface FeedDays extends Pick<UpdatedDays, "iso" | "market" | "feed"> {
  present: Set<number>;
  missing: readonly number[];
}

/** The days of the feeds that an update is about, by feed; none where there is no dataset yet. */
async function daysOf({ out, isos, feeds }: UpdateOptions): Promise<Map<string, FeedDays>> {
  try {
    const filter = { ...(isos?.length && { isos }), ...(feeds?.length && { feeds }) };
    const coverage = await readCoverage(out, filter);
    return new Map(
      coverage.feeds.map(({ table, iso, market, feed, firstDay, dayRows, missing }) => {
        const present = new Set(dayRows.flatMap((rows, index) => (rows > 0 ? [firstDay + index] : [])));
        return [[table, iso, market, feed].join("/"), { iso, market, feed, present, missing }];
      }),
    );
  } catch (error) {
    const isNone =
      error instanceof GridparquetError && (error.code === "input-missing" || error.code === "input-empty");
    if (isNone) return new Map();
    throw error;
  }
}

function compareDays(
  before: ReadonlyMap<string, FeedDays>,
  after: ReadonlyMap<string, FeedDays>,
): UpdatedDays[] {
  return [...after]
    .map(([key, { iso, market, feed, present, missing }]) => {
      const known = before.get(key)?.present;
      const added = [...present].filter((day) => !known?.has(day)).map(isoDate);
      return { iso, market, feed, added, missing: missing.map(isoDate) };
    })
    .filter(({ added, missing }) => added.length > 0 || missing.length > 0);
}
