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

/** What the rows of some years were of, ready to be added to the ISO's lists; the text of each list if there is none. */
export interface SeenOfYears extends Pick<SeenOutcome, "warnings" | "unmapped"> {
  years: readonly SeenYear[];
  tables: ReadonlyMap<TableName, { feeds: readonly SeenFeed[]; text: string }>;
}

/** Puts together what the rows of the years were of; nothing is read or written for it. */
export function listSeen(job: JobInfo, years: readonly SeenYear[]): SeenOfYears {
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
  // Nearly always this is the list, and there is more time for it now than when the years are published.
  const texts = [...tables].map(
    ([table, feeds]) => [table, { feeds, text: seenText({ iso: job.iso, table, feeds }) }] as const,
  );
  return { years, tables: new Map(texts), warnings, unmapped };
}

/**
 * Adds what the rows of published years were of to the ISO's lists of locations and products.
 *
 * A list that cannot be written hurts no year file: it is a failure of its own. One that cannot be understood is
 * replaced, with a warning.
 */
export async function publishSeen(job: JobInfo, seen: SeenOfYears): Promise<SeenOutcome> {
  const outcome: SeenOutcome = { failures: [], warnings: [...seen.warnings], unmapped: seen.unmapped };
  for (const [table, { feeds, text }] of seen.tables) {
    try {
      const warning = await updateList(job.out, job.iso, table, feeds, text);
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
 * Merges feeds into a list on the disk and replaces it in one step.
 *
 * @param alone the text of a list of these feeds alone
 * @returns a warning when an earlier list was damaged and is lost
 */
async function updateList(
  out: string,
  iso: string,
  table: TableName,
  feeds: readonly SeenFeed[],
  alone: string,
): Promise<string | null> {
  const path = seenPath(out, iso, table);
  const earlier = await readList(path);
  const known = earlier === null ? null : parseSeen(earlier, iso, table);
  const isDamaged = typeof known === "string";
  const text = isDamaged || known === null ? alone : seenText({ iso, table, feeds: mergeSeen(known, feeds) });
  failpoint("seen:before-list");
  if (text !== earlier) await replaceFile(path, text);
  failpoint("seen:after-list");
  if (!isDamaged) return null;
  return `${path} ${known}; it has been replaced, and lists only what this run has seen`;
}

async function readList(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
