import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError, isNoRoom } from "../errors.js";
import { feedKey } from "../feeds/feed-definition.js";
import { makeFolder } from "../make-folder.js";
import { failpoint } from "../run/failpoints.js";
import { packageVersion } from "../version.js";
import { syncFolder } from "../write/part-file.js";
import type { JobState } from "./job-state.js";
import { readJournal, writeJournal } from "./journal-format.js";
import { type DoneFile, doneFiles, type JournalHead, type JournalPlan, whyUnfit } from "./journal-plan.js";

/** A checkpoint is not written before so many times the time has passed that the last one took: it costs 2 % at most. */
const PAUSE_FACTOR = 50;

/** `OUT/_gridparquet/journal/pjm.journal`. */
export function journalPath(out: string, iso: string): string {
  return join(out, "_gridparquet", "journal", `${iso.toLowerCase()}.journal`);
}

export function isJournalThere(out: string, iso: string): boolean {
  return existsSync(journalPath(out, iso));
}

/** The inputs that a run had in its plan which was killed, as far as its journal tells: feed and path of each. */
export async function journaledFiles(out: string, iso: string): Promise<ReadonlySet<string>> {
  const content = isJournalThere(out, iso)
    ? await readJournal(journalPath(out, iso)).catch(() => null)
    : null;
  if (content === null || "damage" in content) return new Set();
  const { files } = (content.value as JobState).head;
  return new Set(files.map(({ feed, path }) => `${feedKey({ iso, feed })} ${path}`));
}

/** Removes an ISO's journal, with one that was set aside. */
export async function removeJournal(out: string, iso: string): Promise<void> {
  const path = journalPath(out, iso);
  for (const each of [path, temporary(path), setAside(path)])
    if (existsSync(each)) await rm(each, { force: true });
}

const temporary = (path: string): string => `${path}.partial`;
const setAside = (path: string): string => `${path}.set-aside`;

/** The journal of one ISO's job: one file, which always holds the last checkpoint as a whole. */
export class JobJournal {
  /** Whether there is a checkpoint on the disk to which the part files fit. */
  isKept = false;
  /** Why checkpoints cannot be written, once that is so; the job goes on without. */
  failure: string | null = null;
  readonly plan: JournalPlan;
  readonly #iso: string;
  readonly #files: readonly { path: string; feed: string }[];
  readonly #out: string;
  readonly #path: string;
  readonly #begun = performance.now();
  #version: string | null = null;
  #folder: Promise<void> | null = null;
  #lastEnd = this.#begun;
  #lastMs = 0;

  constructor(
    job: { iso: string; out: string; files: readonly { path: string; feed: string }[] },
    plan: JournalPlan,
  ) {
    this.plan = plan;
    this.#iso = job.iso;
    this.#files = job.files;
    this.#out = job.out;
    this.#path = journalPath(job.out, job.iso);
  }

  /** Whether it is time for a checkpoint at the end of a task. */
  get isDue(): boolean {
    const { intervalMs } = this.plan;
    if (this.failure !== null) return false;
    const pause = intervalMs === 0 ? 0 : Math.max(intervalMs, PAUSE_FACTOR * this.#lastMs);
    return performance.now() - this.#lastEnd >= pause;
  }

  /** Whether what is done is worth a checkpoint before the job goes on to something else. */
  get isWorthwhile(): boolean {
    if (this.failure !== null) return false;
    return this.isKept || performance.now() - this.#begun >= this.plan.intervalMs;
  }

  /** What ties a checkpoint to its inputs. */
  head(progress: Pick<JournalHead, "done" | "rows" | "isPublishing">): JournalHead {
    const { settings, feeds } = this.plan;
    const { done } = progress;
    const files = doneFiles(this.#files, this.plan, done.files + (done.bytes > 0 ? 1 : 0));
    const used = new Set(files.map(({ feed }) => feed));
    return {
      version: this.#thisVersion,
      settings,
      feeds: Object.fromEntries(Object.entries(feeds).filter(([feed]) => used.has(feed))),
      files,
      ...progress,
    };
  }

  /**
   * Replaces the checkpoint on the disk.
   *
   * @param begun when the work for it began, as `performance.now()` says
   * @throws when there is no room on the disk; any other failure only ends the journal (see {@link failure})
   */
  async save(state: JobState, begun: number): Promise<void> {
    const path = temporary(this.#path);
    try {
      this.#folder ??= makeFolder(dirname(path));
      await this.#folder;
      await writeJournal(path, state);
      failpoint("checkpoint:before-rename");
      await rename(path, this.#path);
      failpoint("checkpoint:after-rename");
      await syncFolder(dirname(path));
      this.isKept = true;
    } catch (error) {
      await rm(path, { force: true }).catch(() => undefined);
      if (isNoRoom(error)) throw error;
      this.failure = `the journal ${this.#path} cannot be written: ${describeError(error)}; if the run is interrupted, ${this.#iso} will be converted from its beginning`;
    }
    this.#lastEnd = performance.now();
    this.#lastMs = this.#lastEnd - begun;
  }

  /** The state that is on the disk, or why this run cannot go on from it; null where there is none. */
  async load(): Promise<JobState | { unfit: string } | null> {
    try {
      const content = await readJournal(this.#path);
      if (content === null) return null;
      if ("damage" in content) return { unfit: `it ${content.damage}` };
      const state = content.value as JobState;
      const unfit = whyUnfit(state.head, this.#iso, this.plan, this.#allFiles(), this.#thisVersion);
      return unfit === null ? state : { unfit };
    } catch (error) {
      return { unfit: `it cannot be read: ${describeError(error)}` };
    }
  }

  /** Puts the journal out of the way; returns the sentence that says so. */
  async setAside(reason: string): Promise<string> {
    await rename(this.#path, setAside(this.#path));
    return `the journal of ${this.#iso} is set aside: ${reason}; starting anew`;
  }

  async remove(): Promise<void> {
    this.isKept = false;
    await removeJournal(this.#out, this.#iso);
  }

  get #thisVersion(): string {
    this.#version ??= packageVersion();
    return this.#version;
  }

  #allFiles(): DoneFile[] {
    return doneFiles(this.#files, this.plan, this.#files.length);
  }
}
