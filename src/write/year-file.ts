import { MAX_DESCRIPTION_CHARACTERS, MAX_DESCRIPTIONS } from "../arrow/name-limits.js";
import { batchBytes, type EntityTable, type Segment } from "../arrow/row-batch.js";
import { describeError, describeWriteError, isNoRoom, isThreadDeath } from "../errors.js";
import type { ReadyYear, YearState } from "../journal/job-state.js";
import { restoreBatch, type TableShelf } from "../journal/saved-rows.js";
import type { Orphan } from "../order/sort-rows.js";
import { failpoint } from "../run/failpoints.js";
import type { OutputFile } from "../run/options.js";
import type { EncodeResult, JobFeed } from "../run/protocol.js";
import { completeYear } from "./complete-year.js";
import { CopyAhead } from "./copy-ahead.js";
import { ExistingYear } from "./existing-year.js";
import { PendingRows, type RowGroupRows } from "./pending-rows.js";
import type { Piece } from "./pieces.js";
import { keepPrevious } from "./previous-file.js";
import { RowGroupStore } from "./row-group-store.js";
import { SeenEntities } from "./seen-entities.js";
import { SEEN_NAMES } from "./seen-list.js";
import { finalPathOf, settingsOfFeed, type YearFileContext } from "./year-context.js";
import { ManifestFile } from "./year-manifest.js";
import { YearParts } from "./year-parts.js";
import { addCounts, addSources, type YearRows } from "./year-rows.js";

/**
 * One year of one feed: takes rows in plan order, has row groups encoded, appends them, publishes the file.
 *
 * Rows that come in order of time go to the disk as final row groups. Rows that come later than their time make
 * further pieces, which {@link publish} merges with those that they overlap. The row groups of a file that is added to
 * are the pieces that came first; they are looked at when all rows are there.
 */
export class YearFile implements YearRows {
  readonly year: number;
  readonly finalPath: string;
  /** Why the file cannot be written any more. */
  failure: Error | null = null;
  /** Whether its failure has been noted and it is left out. */
  isGivenUp = false;
  readonly accepted = new Map<number, number>();
  readonly written = new Map<number, number>();
  readonly dropped = new Map<number, number>();
  readonly replaced = new Map<number, number>();
  readonly orphans: Orphan[] = [];
  /** What the rows taken are of. */
  seen: SeenEntities;
  /** Whole sentences about what a person should know and what hurts no row. */
  readonly warnings: string[] = [];
  readonly #context: YearFileContext;
  readonly #pending: PendingRows;
  readonly #parts: YearParts;
  readonly #rowGroups: RowGroupStore;
  /** Why its job cannot go on; what is on the disk is left then, until it is decided what to keep. */
  #jobEnd: Error | null = null;
  /** Set when the file lacks nothing but its name. */
  #ready: ReadyYear | null = null;
  #pieces: Piece[] = [];
  #sequence = 0;
  /** The last append; they happen in the order in which the row groups were asked for. */
  #tail: Promise<void> = Promise.resolve();
  /** The file that is added to. */
  readonly #existing: ExistingYear | null;
  readonly #ahead: CopyAhead | null;

  constructor(context: YearFileContext, year: number, existing: ExistingYear | null = null) {
    this.#context = context;
    this.year = year;
    this.#existing = existing;
    this.#pending = new PendingRows(context.rowGroupSize);
    this.seen = new SeenEntities(context.feed.table);
    this.finalPath = finalPathOf(context, year);
    this.#parts = new YearParts(this.finalPath);
    this.#rowGroups = new RowGroupStore(context, this.#parts, existing);
    this.#ahead = existing && new CopyAhead(existing, this.#parts);
  }

  /** A year file to be written anew or, in an update, to be added to with the settings that it was written with. */
  static async open(context: YearFileContext, year: number): Promise<YearFile> {
    const { update } = context;
    if (!update) return new YearFile(context, year);
    const path = finalPathOf(context, year);
    try {
      const existing = await ExistingYear.open(context.out, path);
      const settings = {
        ...(existing?.settings ?? (await settingsOfFeed(context, year))),
        ...update.settings,
      };
      return new YearFile({ ...context, ...settings }, year, existing);
    } catch (error) {
      const file = new YearFile(context, year);
      const hint = "to write it anew from all its inputs use convert";
      file.failure = new Error(
        `the year file that is there cannot be added to: ${describeError(error)}; ${hint}`,
      );
      return file;
    }
  }

  /**
   * Goes on where an earlier run has left.
   *
   * @param tables entity tables of the journal
   * @throws when what that run has written is not there any more
   */
  static async restore(
    context: YearFileContext,
    state: YearState,
    tables: readonly EntityTable[],
  ): Promise<YearFile> {
    const { failure, ready } = state;
    const year = await YearFile.open(context, state.year);
    await year.#parts.reopen(state);
    addCounts(year.accepted, state.accepted);
    addCounts(year.dropped, state.dropped);
    addCounts(year.written, ready?.written ?? new Map());
    addCounts(year.replaced, ready?.replaced ?? new Map());
    year.seen = SeenEntities.restore(context.feed.table, state.seen, tables);
    year.isGivenUp = state.isGivenUp;
    if (failure !== null)
      year.failure = Object.assign(new Error(failure.message), { code: failure.code ?? undefined });
    year.#ready = ready;
    year.#pieces = state.pieces;
    year.#sequence = state.sequence;
    for (const saved of state.pending) {
      const batch = restoreBatch(saved, tables);
      const bytes = batchBytes(batch);
      context.credits.take(bytes);
      year.#pending.add({ batch, from: 0, to: batch.rows }, bytes);
    }
    return year;
  }

  get feed(): JobFeed {
    return this.#context.feed;
  }

  get pendingRows(): number {
    return this.#pending.rows;
  }

  /** Bytes that it has on the disk. */
  get bytes(): number {
    return this.#ready?.output?.bytes ?? this.#parts.bytes;
  }

  /** Paths of its files under temporary names. */
  get partPaths(): string[] {
    return this.#parts.paths;
  }

  /** Whether it lacks nothing but its name. */
  get isReady(): boolean {
    return this.#ready !== null;
  }

  /** Leaves the year out; what it has written can be discarded. */
  giveUp(failure: Error): void {
    this.failure ??= failure;
    this.isGivenUp = true;
  }

  /** Rows are likely to come from an interval on that begins at `start`, in epoch milliseconds. */
  expectRows(start: number): void {
    if (!this.isReady) this.#ahead?.noteRows(start);
  }

  /** Takes rows; resolves when there is room for more. `bytes` is what they count for in the budget. */
  async add(segment: Segment, bytes: number): Promise<void> {
    addSources(this.accepted, segment.batch.sources);
    if (this.failure !== null) {
      this.#context.credits.release(bytes);
      return;
    }
    this.seen.add(segment);
    this.#ahead?.noteRows(segment.batch.intervals.start[0]!);
    this.#pending.add(segment, bytes);
    if (this.seen.isTooMuch) {
      this.failure = tooManyNames(this.feed);
      this.seen = new SeenEntities(this.feed.table);
      return this.discard();
    }
    await this.#spillScattered(false);
    for (const group of this.#pending.takeFinal()) await this.#encode(group);
  }

  /** Encodes everything that waits, final or not. */
  async flush(): Promise<void> {
    await this.#spillScattered(true);
    for (const group of this.#pending.takeAll()) await this.#encode(group);
  }

  async #spillScattered(all: boolean): Promise<void> {
    // Where each record has but a component of its row, rows are whole only when they are joined.
    const scattered = this.feed.joined ? null : this.#pending.takeScattered(all);
    if (scattered !== null) await this.#spill(scattered);
  }

  /** Sends a row group to the pool and its bytes, when they come back, to the end of the file. */
  #encode(group: RowGroupRows): Promise<void> {
    return this.#store(
      group,
      (segments) => this.#rowGroups.encode(segments),
      (result) => this.#append(result),
    );
  }

  /** Sends rows to the pool and what they are spilled as, when it comes back, to the end of the file. */
  #spill(rows: RowGroupRows): Promise<void> {
    return this.#store(
      rows,
      (segments) => this.#rowGroups.spill(segments),
      async ({ months }) => {
        const file = await this.#parts.part();
        for (const month of months)
          this.#pieces.push(await this.#rowGroups.appendSpilled(file, month, this.#sequence++));
        failpoint("part:appended");
      },
    );
  }

  async #store<T>(
    { segments, credit }: RowGroupRows,
    make: (segments: Segment[]) => Promise<T>,
    append: (made: T) => Promise<void>,
  ): Promise<void> {
    const { encoding, credits } = this.#context;
    await encoding.acquire();
    const made = make(segments);
    made.catch(() => undefined);
    const before = this.#tail;
    this.#tail = (async () => {
      try {
        await before;
        const result = await made;
        if (this.failure === null) await append(result);
      } catch (error) {
        this.failure ??= error as Error;
        const endsJob = isNoRoom(error) || (this.#context.startsAgain === true && isThreadDeath(error));
        if (endsJob) this.#jobEnd ??= error as Error;
        else if (this.#jobEnd === null) await this.#parts.discard();
      } finally {
        credits.release(credit);
        encoding.release();
      }
    })();
  }

  async #append(result: EncodeResult): Promise<void> {
    const file = await this.#parts.part();
    addSources(this.dropped, Int32Array.from(result.dropped));
    this.#pieces.push(await this.#rowGroups.append(file, result, this.#sequence++));
    failpoint("part:appended");
  }

  /** Waits until all row groups that were asked for are in the file, or it has failed. */
  async settle(): Promise<void> {
    await this.#tail;
  }

  /** @throws when its job must end: there is no room on the disk, or rows are lost that can be read again */
  throwIfJobEnds(): void {
    if (this.#jobEnd !== null) throw this.#jobEnd;
    if (this.failure !== null && isNoRoom(this.failure)) throw this.failure;
  }

  /** What a checkpoint has of it, with what it has written made durable; to be asked for when it is settled. */
  async save(shelf: TableShelf): Promise<YearState> {
    const sizes = await this.#flushParts();
    const { failure, isGivenUp, accepted, dropped } = this;
    const isOver = failure !== null || this.#ready !== null;
    return {
      feed: this.feed.feed,
      year: this.year,
      failure: failure && { message: failure.message, code: (failure as NodeJS.ErrnoException).code ?? null },
      isGivenUp,
      accepted,
      dropped,
      seen: this.seen.save(shelf),
      sequence: this.#sequence,
      pieces: isOver ? [] : this.#pieces,
      ...sizes,
      pending: isOver ? [] : this.#pending.batches().map((batch) => shelf.putBatch(batch)),
      ready: failure === null ? this.#ready : null,
    };
  }

  /** Makes durable what was written, unless the file has failed or fails now; its sizes in bytes. */
  async #flushParts(): Promise<Pick<YearState, "partBytes" | "sideBytes">> {
    const none = { partBytes: null, sideBytes: null };
    if (this.failure !== null || this.#ready !== null) return none;
    try {
      return await this.#parts.flush();
    } catch (error) {
      if (isNoRoom(error)) throw error;
      this.failure = error as Error;
      await this.#parts.discard();
      return none;
    }
  }

  /** A checkpoint with what {@link save} gave is on the disk. */
  noteSaved(state: YearState): void {
    this.#parts.noteSaved(state);
  }

  /** Completes the file and gives it its name; returns null when there is no row for it. */
  async publish(): Promise<OutputFile | null> {
    const { output, manifest } = await this.prepare();
    const { out, update } = this.#context;
    const warn = (error: unknown): void => {
      this.warnings.push(`the manifest of ${this.finalPath} was not written: ${describeWriteError(error)}`);
    };
    const beside = manifest && (await ManifestFile.write(out, this.finalPath, manifest, warn));
    try {
      await this.#parts.publish(async () => {
        if (update?.keepPrevious) await keepPrevious(out, this.finalPath);
      });
    } catch (error) {
      await beside?.discard();
      throw error;
    }
    // Its bytes are freed now, which takes a while; the end of the job waits for it.
    void this.#closeExisting();
    await beside?.publish();
    failpoint("year:published");
    return output;
  }

  /** Completes the file but for its name. */
  async prepare(): Promise<ReadyYear> {
    this.#ready ??= await this.#complete();
    return this.#ready;
  }

  async #complete(): Promise<ReadyYear> {
    await this.flush();
    await this.#tail;
    if (this.failure !== null) throw this.failure;
    if (this.seen.isTooMuchInAll()) throw tooManyNames(this.feed);
    return completeYear({
      context: this.#context,
      rows: this,
      parts: this.#parts,
      rowGroups: this.#rowGroups,
      existing: this.#existing,
      ahead: this.#ahead,
      pieces: this.#pieces,
    });
  }

  /** Removes what has been written and is not published. */
  async discard(): Promise<void> {
    await this.#letGo();
    await this.#parts.discard();
  }

  /** Leaves on the disk what the last checkpoint counts on, and removes all else. */
  async leave(): Promise<void> {
    await this.#letGo();
    await this.#parts.leave();
  }

  async #letGo(): Promise<void> {
    for (const { credit } of this.#pending.takeAll()) this.#context.credits.release(credit);
    await this.#tail.catch(() => undefined);
    await this.#ahead?.discard();
    await this.#closeExisting();
  }

  async #closeExisting(): Promise<void> {
    await this.#existing?.close().catch(() => undefined);
  }
}

/** Rows of so many locations are of no market: a damaged file, or one whose columns are not what they are taken for. */
function tooManyNames({ table }: JobFeed): Error {
  const count = MAX_DESCRIPTIONS.toLocaleString("en-US");
  const characters = MAX_DESCRIPTION_CHARACTERS >> 20;
  return new Error(
    `its rows are of more than ${count} ${SEEN_NAMES[table]}, or their names have more than ${characters} million ` +
      "characters, many times what a market has: find the input whose names are none, and convert without it",
  );
}
