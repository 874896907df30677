import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type FoundYearFile, yearFilesIfAny } from "../dataset/find-year-files.js";
import { type LedgerInput, restoreLedger } from "../dataset/ledger.js";
import { manifestOfFile } from "../dataset/manifest.js";
import { type FeedDefinition, feedKey } from "../feeds/feed-definition.js";
import type { RecognisedFile } from "../feeds/recognise.js";
import { journaledFiles } from "../journal/job-journal.js";
import type { FoundFile } from "../plan/discover-inputs.js";

export interface ChosenInputs {
  /** Those that are to be read. */
  files: RecognisedFile[];
  /** How many are not, since the dataset has their rows. */
  unchanged: number;
}

export interface UpdateChoice {
  out: string;
  ledgers: Ledgers;
  /** The files on disk, as they are now. */
  found: readonly FoundFile[];
  /** Only rows of these years are asked for; null for all. */
  years: readonly number[] | null;
}

/** An input that is recognised, with what is known of it. */
interface Candidate {
  file: RecognisedFile;
  onDisk: FoundFile;
  /** As the ledgers of its feed have it, by year. */
  known: Map<number, LedgerInput>;
  isRead: boolean;
}

/**
 * The inputs that a dataset lacks something of: those that its ledgers do not have as they are now.
 *
 * An input that the dataset has in part must be read once more, and counts as later than what is there. So that the
 * order among the inputs holds, all others of the years that it gave rows to are read with it.
 */
export async function chooseInputs(
  files: readonly RecognisedFile[],
  choice: UpdateChoice,
): Promise<ChosenInputs> {
  const onDisk = new Map(choice.found.map((file) => [file.path, file]));
  const byFeed = new Map<string, RecognisedFile[]>();
  for (const file of files) {
    const key = feedKey(file.feed);
    byFeed.set(key, [...(byFeed.get(key) ?? []), file]);
  }
  const journaled = new Map<string, ReadonlySet<string>>();
  const chosen: RecognisedFile[] = [];
  for (const ofFeed of byFeed.values()) {
    const { feed } = ofFeed[0]!;
    if (!journaled.has(feed.iso)) journaled.set(feed.iso, await journaledFiles(choice.out, feed.iso));
    const candidates = ofFeed.map(
      (file): Candidate => ({
        file,
        onDisk: onDisk.get(file.source.path)!,
        known: new Map(),
        isRead: true,
      }),
    );
    const ledgers = await readLedgers(choice, feed);
    if (ledgers.size > 0) judge(candidates, ledgers, choice.years, journaled.get(feed.iso)!);
    chosen.push(...candidates.filter(({ isRead }) => isRead).map(({ file }) => file));
  }
  return { files: chosen, unchanged: files.length - chosen.length };
}

/** The ledgers of a feed, by year; year files without one are left out. */
async function readLedgers(
  { out, ledgers: all }: UpdateChoice,
  feed: FeedDefinition,
): Promise<Map<number, LedgerInput[]>> {
  const ledgers = new Map<number, LedgerInput[]>();
  const filter = { isos: [feed.iso], feeds: [feed.feed] };
  for (const file of await yearFilesIfAny(out, filter)) {
    if (file.market !== feed.market || file.table !== feed.table) continue;
    const ledger = await all.of(file);
    if (ledger !== null) ledgers.set(file.year, ledger);
  }
  return ledgers;
}

/** What the manifests of a dataset say of the inputs; each is read once. */
export class Ledgers {
  readonly #out: string;
  readonly #known = new Map<string, Promise<LedgerInput[] | null>>();

  constructor(out: string) {
    this.#out = out;
  }

  /** The inputs of a year file; null when they are not known. */
  of({ path, year }: FoundYearFile): Promise<LedgerInput[] | null> {
    const known = this.#known.get(path) ?? this.#read(path, year);
    this.#known.set(path, known);
    return known;
  }

  async #read(path: string, year: number): Promise<LedgerInput[] | null> {
    return restoreLedger((await manifestOfFile(this.#out, path))?.inputs, year);
  }
}

/**
 * The files on disk that are in no ledger as they are now, by path, size and time alone: it is only a guess at what
 * {@link chooseInputs} will choose, made before any of them is opened.
 */
export async function unknownFiles(
  found: readonly FoundFile[],
  years: readonly FoundYearFile[],
  ledgers: Ledgers,
): Promise<FoundFile[]> {
  const keyOf = (path: string, bytes: number, modified: number) => `${path}|${bytes}|${Math.floor(modified)}`;
  const known = new Set<string>();
  for (const year of years)
    for (const { path, bytes, modified } of (await ledgers.of(year)) ?? [])
      known.add(keyOf(path, bytes, modified));
  return found.filter(({ path, bytes, modified }) => !known.has(keyOf(resolve(path), bytes, modified)));
}

/** Finds out which of a feed's inputs need not be read. */
function judge(
  candidates: readonly Candidate[],
  ledgers: ReadonlyMap<number, readonly LedgerInput[]>,
  years: readonly number[] | null,
  journaled: ReadonlySet<string>,
): void {
  match(candidates, ledgers);
  const again = new Set<number>();
  for (const candidate of candidates) {
    const { file, known } = candidate;
    if (known.size === 0) continue;
    candidate.isRead = !isTaken(known, years);
    // A run that was killed had it in its plan: to go on, this one must have the same plan.
    if (journaled.has(`${feedKey(file.feed)} ${resolve(file.path)}`)) candidate.isRead = true;
    else if (candidate.isRead) for (const year of known.keys()) again.add(year);
  }
  for (const year of orphanedYears(candidates)) again.add(year);
  for (let before = -1; again.size > before; ) {
    before = again.size;
    for (const candidate of candidates) {
      if (![...candidate.known.keys()].some((year) => again.has(year))) continue;
      candidate.isRead = true;
      for (const year of candidate.known.keys()) again.add(year);
    }
  }
}

/** Whether all rows of an input that are asked for are in the dataset. */
function isTaken(known: ReadonlyMap<number, LedgerInput>, years: readonly number[] | null): boolean {
  return [...known.values()].every(
    (input) =>
      input.years.every((year) => known.has(year) || years?.includes(year) === false) &&
      (input.only === null || (years?.every((year) => input.only!.includes(year)) ?? false)),
  );
}

/** Years with rows that were left out for their total, which a new input may have. */
function orphanedYears(candidates: readonly Candidate[]): number[] {
  const starts = candidates
    .filter(({ known }) => known.size === 0)
    .map(({ file }) => file.firstStart ?? Number.NEGATIVE_INFINITY);
  const first = Math.min(...starts);
  return candidates.flatMap(({ known }) =>
    [...known].flatMap(([year, { orphans }]) => (orphans !== null && first <= orphans ? [year] : [])),
  );
}

/** Finds the inputs in the ledgers: under their own path or, where nothing lies there any more, moved. */
function match(candidates: readonly Candidate[], ledgers: ReadonlyMap<number, readonly LedgerInput[]>): void {
  const byPath = new Map<string, Map<number, LedgerInput>>();
  for (const [year, ledger] of ledgers) {
    for (const input of ledger) {
      const key = keyOf(input.path, input);
      byPath.set(key, (byPath.get(key) ?? new Map()).set(year, input));
    }
  }
  const unknown: Candidate[] = [];
  for (const candidate of candidates) {
    const known = keysOf(resolve(candidate.file.source.path), candidate).flatMap((key) => {
      const years = [...(byPath.get(key) ?? [])];
      byPath.delete(key);
      return years;
    });
    if (known.length === 0) unknown.push(candidate);
    else candidate.known = new Map(known);
  }
  const moved = new Map<string, Map<number, LedgerInput>[]>();
  for (const known of byPath.values()) {
    const input = [...known.values()][0]!;
    const key = keyOf(basename(input.path), input);
    moved.set(key, [...(moved.get(key) ?? []), known]);
  }
  for (const candidate of unknown) {
    for (const key of keysOf(basename(candidate.file.source.path), candidate)) {
      const left = moved.get(key) ?? [];
      const index = left.findIndex((known) => !existsSync([...known.values()][0]!.path));
      if (index < 0) continue;
      candidate.known = left.splice(index, 1)[0]!;
      break;
    }
  }
}

/** Keys of what an input may be in a ledger: with its sample and, as earlier versions have listed it, without. */
function keysOf(path: string, { file, onDisk }: Candidate): string[] {
  const { bytes, modified } = onDisk;
  const identity = { entry: file.source.entry.join("/"), bytes, modified: Math.floor(modified) };
  return [file.sample, null].map((sample) => keyOf(path, { ...identity, sample }));
}

function keyOf(
  path: string,
  { entry, bytes, modified, sample }: Pick<LedgerInput, "entry" | "bytes" | "modified" | "sample">,
): string {
  return `${entry === "" ? path : join(path, entry)}|${bytes}|${modified}|${sample ?? ""}`;
}
