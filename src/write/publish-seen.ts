import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TableName } from "../arrow/tables.js";
import { describeWriteError } from "../errors.js";
import { failpoint } from "../run/failpoints.js";
import type { Failure, UnmappedWord } from "../run/options.js";
import type { JobFeed, JobInfo } from "../run/protocol.js";
import { isoDate } from "../time/calendar.js";
import { replaceFile } from "./replace-file.js";
import { SeenEntities } from "./seen-entities.js";
import { mergeSeen, parseSeen, SEEN_NAMES, type SeenFeed, seenText } from "./seen-list.js";

/** What the rows of a published year were of. */
export interface SeenYear {
  feed: JobFeed;
  seen: SeenEntities;
}

/** What came of listing what was seen. */
export interface SeenOutcome {
  failures: Failure[];
  /** Whole sentences about what a person should know. */
  warnings: string[];
  /** Words of no vocabulary, in no order; each once. */
  unmapped: UnmappedWord[];
}

/** `OUT/_gridparquet/locations/pjm.json`, or products. */
export function seenPath(out: string, iso: string, table: TableName): string {
  return join(out, "_gridparquet", SEEN_NAMES[table], `${iso.toLowerCase()}.json`);
}

/** A list with feeds added. */
interface WidenedList {
  /** The list before; null where there was none. */
  earlier: string | null;
  text: string;
  /** What was wrong with the list before, so that it is lost; null when nothing was. */
  damage: string | null;
}

/** What the rows of some years were of, ready to be added to the ISO's lists. */
export interface SeenOfYears extends Pick<SeenOutcome, "warnings" | "unmapped"> {
  /** By table; without the list where that could not be read. */
  tables: ReadonlyMap<TableName, { feeds: readonly SeenFeed[]; list: WidenedList | null }>;
}

/** Puts together what the rows of the years were of, with what is listed already; nothing is written. */
export async function listSeen(job: JobInfo, years: readonly SeenYear[]): Promise<SeenOfYears> {
  const warnings: string[] = [];
  const unmapped: UnmappedWord[] = [];
  const tables = new Map<TableName, SeenFeed[]>();
  const dateText = rememberDates();
  for (const feed of job.feeds) {
    const all = new SeenEntities(feed.table);
    for (const { seen } of years.filter((year) => year.feed === feed)) all.absorb(seen);
    const entries = all
      .list()
      .map(({ values, first, last }) => ({ values, firstDay: dateText(first), lastDay: dateText(last) }));
    for (const { column, value } of all.words())
      unmapped.push({ iso: job.iso, feed: feed.feed, column, value });
    if (all.overflowed) {
      const list = SEEN_NAMES[feed.table];
      warnings.push(`${job.iso}/${feed.feed} has too many ${list} for a list; they are not listed`);
    }
    if (entries.length === 0) continue;
    const feeds = tables.get(feed.table) ?? [];
    tables.set(feed.table, [...feeds, { feed: feed.feed, market: feed.market, entries }]);
  }
  // There is more time for it now than when the years are published; a list that cannot be read is told of then.
  const lists = [...tables].map(async ([table, feeds]) => {
    const list = await widenedList(job, table, feeds).catch(() => null);
    return [table, { feeds, list }] as const;
  });
  return { tables: new Map(await Promise.all(lists)), warnings, unmapped };
}

/**
 * Adds what the rows of published years were of to the ISO's lists of locations and products.
 *
 * A list that cannot be written hurts no year file: it is a failure of its own. One that cannot be understood is
 * replaced, with a warning.
 */
export async function publishSeen(job: JobInfo, seen: SeenOfYears): Promise<SeenOutcome> {
  const outcome: SeenOutcome = { failures: [], warnings: [...seen.warnings], unmapped: seen.unmapped };
  for (const [table, { feeds, list }] of seen.tables) {
    try {
      const warning = await updateList(job, table, feeds, list);
      if (warning !== null) outcome.warnings.push(warning);
    } catch (error) {
      outcome.failures.push({
        file: seenPath(job.out, job.iso, table),
        message: `the list of ${SEEN_NAMES[table]} was not written: ${describeWriteError(error)}`,
      });
    }
  }
  return outcome;
}

/** {@link isoDate}, which is made once for each of the few days that thousands of entries have. */
function rememberDates(): (day: number) => string {
  const dates = new Map<number, string>();
  return (day) => {
    const known = dates.get(day) ?? isoDate(day);
    dates.set(day, known);
    return known;
  };
}

/**
 * Replaces a list on the disk, in one step, by one with feeds added.
 *
 * @param prepared what that was when the list was looked at before
 * @returns a warning when an earlier list was damaged and is lost
 */
async function updateList(
  job: JobInfo,
  table: TableName,
  feeds: readonly SeenFeed[],
  prepared: WidenedList | null,
): Promise<string | null> {
  const path = seenPath(job.out, job.iso, table);
  const isStill = prepared !== null && (await readList(path)) === prepared.earlier;
  const { earlier, text, damage } = isStill ? prepared : await widenedList(job, table, feeds);
  failpoint("seen:before-list");
  if (text !== earlier) await replaceFile(path, text);
  failpoint("seen:after-list");
  return damage && `${path} ${damage}; it has been replaced, and lists only what this run has seen`;
}

async function widenedList(
  { out, iso }: JobInfo,
  table: TableName,
  feeds: readonly SeenFeed[],
): Promise<WidenedList> {
  const earlier = await readList(seenPath(out, iso, table));
  const known = earlier === null ? [] : parseSeen(earlier, iso, table);
  const damage = typeof known === "string" ? known : null;
  // Of one run no location comes twice: only another's list has to be merged.
  const all = typeof known === "string" || known.length === 0 ? feeds : mergeSeen(known, feeds);
  return { earlier, text: seenText({ iso, table, feeds: all }), damage };
}

async function readList(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
