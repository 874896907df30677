import { join } from "node:path";
import { type FoundYearFile, yearFilesIfAny } from "../dataset/find-year-files.js";
import { readYearFile } from "../dataset/read-year-file.js";
import type { YearSettings } from "../dataset/year-settings.js";
import type { ChangedDays, DayCounts } from "../parquet/day-counts.js";
import { runConversion } from "../run/convert.js";
import type { ConvertOptions, ConvertSummary } from "../run/options.js";
import { type ResolvedOptions, resolveOptions } from "../run/resolved-options.js";
import { isoDate } from "../time/calendar.js";
import { chooseInputs, Ledgers, unknownFiles } from "./choose-inputs.js";

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
  const changed = new Map<string, ChangedDays>();
  const before = await yearFilesOf(options);
  const ledgers = new Ledgers(out);
  const summary = await runConversion(
    options,
    resolved,
    {
      guess: ({ files }) => unknownFiles(files, before, ledgers),
      choose: async (files, found) => {
        const chosen = await chooseInputs(files, { out, ledgers, found: found.files, years });
        filesUnchanged = chosen.unchanged;
        return chosen.files;
      },
    },
    (path, days) => changed.set(path, days),
  );
  const rowsReplaced = summary.outputs.reduce((sum, { rowsReplaced = 0 }) => sum + rowsReplaced, 0);
  const files = summary.outputs.length === 0 ? before : await yearFilesOf(options);
  return { ...summary, update: { filesUnchanged, rowsReplaced, feeds: await feedDays(out, files, changed) } };
}

/** The year files of the feeds that an update is about; none where there is no dataset yet. */
function yearFilesOf({ out, isos, feeds }: UpdateOptions): Promise<FoundYearFile[]> {
  return yearFilesIfAny(out, { ...(isos?.length && { isos }), ...(feeds?.length && { feeds }) });
}

interface FeedDays extends Pick<UpdatedDays, "iso" | "market" | "feed"> {
  /** Days with rows, since 1970-01-01. */
  before: Set<number>;
  after: Set<number>;
}

/**
 * By feed what the update added and what is missing yet.
 *
 * @param changed days of the files that were written, which need not be read again
 */
async function feedDays(
  out: string,
  files: readonly FoundYearFile[],
  changed: ReadonlyMap<string, ChangedDays>,
): Promise<UpdatedDays[]> {
  const byFeed = new Map<string, FeedDays>();
  for (const file of files) {
    const { table, iso, market, feed } = file;
    const { before, after } = changed.get(join(out, file.path)) ?? (await unchangedDays(out, file));
    const key = [table, iso, market, feed].join("/");
    const known = byFeed.get(key) ?? { iso, market, feed, before: new Set(), after: new Set() };
    byFeed.set(key, known);
    for (const day of presentDays(before)) known.before.add(day);
    for (const day of presentDays(after)) known.after.add(day);
  }
  return [...byFeed.values()]
    .map(({ iso, market, feed, before, after }) => {
      const days = [...after].sort((a, b) => a - b);
      const added = days.filter((day) => !before.has(day)).map(isoDate);
      const missing = days.flatMap((day, i) => daysBetween(days[i - 1] ?? day, day)).map(isoDate);
      return { iso, market, feed, added, missing };
    })
    .filter(({ added, missing }) => added.length > 0 || missing.length > 0);
}

/** Days of a file as its footer has them; none of one that cannot be understood. */
async function unchangedDays(out: string, file: FoundYearFile): Promise<ChangedDays> {
  const info = await readYearFile(out, file);
  const days = "reason" in info ? null : info.days;
  return { before: days, after: days };
}

function presentDays(days: DayCounts | null): number[] {
  return days?.rows.flatMap((rows, index) => (rows > 0 ? [days.firstDay + index] : [])) ?? [];
}

/** The days after one and before another. */
function daysBetween(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first - 1) }, (_, i) => first + 1 + i);
}
