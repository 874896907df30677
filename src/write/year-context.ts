import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LedgerInput } from "../dataset/ledger.js";
import { readManifest } from "../dataset/manifest.js";
import { yearPath } from "../dataset/year-path.js";
import type { UpdateInfo, YearSettings } from "../dataset/year-settings.js";
import type { JobFeed, PoolResult, PoolTask } from "../run/protocol.js";
import type { Credits, Semaphore } from "./credits.js";
import type { SpareShelf } from "./spare-buffers.js";
import type { YearRows } from "./year-rows.js";

/** What a year file needs of its surroundings. */
export interface YearFileContext extends YearSettings {
  iso: string;
  feed: JobFeed;
  out: string;
  /** Most pieces that are open at once while overlapping ones are merged. */
  mergeFanIn?: number;
  /** How a file that is there is added to; without it, it is replaced. */
  update?: UpdateInfo | null;
  /** The inputs of a year file, for its ledger; without it, it has none. */
  inputsOf?: (year: YearRows) => LedgerInput[];
  credits: Credits;
  /** Bounds the row groups that are being encoded or wait to be appended. */
  encoding: Semaphore;
  spare: SpareShelf;
  /**
   * Whether the job is begun once more, after its last checkpoint, when a thread dies that has rows in hand which lie
   * nowhere else; without it, or when that is so, the year fails.
   */
  startsAgain?: boolean;
  /** Told of what is done once more since a thread has died. */
  onRetry?(message: string): void;
  /** Runs a task on the pool, on a thread of its own if it must be; the buffers of its segments are moved there. */
  pool(task: PoolTask, transfer: ArrayBuffer[], alone?: boolean): Promise<PoolResult>;
}

/** Where a year file lies once it is published. */
export function finalPathOf({ iso, feed, out }: YearFileContext, year: number): string {
  const { table, market } = feed;
  return join(out, yearPath({ table, iso, market, feed: feed.feed, year }));
}

/** What the other year files of the feed were written with: those of the last year that there is. */
export async function settingsOfFeed(
  { iso, feed: { table, market, feed }, out }: YearFileContext,
  newYear: number,
): Promise<Partial<YearSettings>> {
  const pathOf = (year: number): string => yearPath({ table, iso, market, feed, year });
  const folder = dirname(dirname(join(out, pathOf(newYear))));
  const names = await readdir(folder).catch(() => []);
  const years = names.flatMap((name) => /^year=(\d{4})$/.exec(name)?.slice(1).map(Number) ?? []);
  for (const year of years.sort((a, b) => b - a)) {
    const manifest = await readManifest(out, pathOf(year));
    if (manifest !== null && manifest !== "damaged" && manifest.settings) return manifest.settings;
  }
  return {};
}
