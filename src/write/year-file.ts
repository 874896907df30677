import { readdir, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { crc32 } from "node:zlib";
import {
  batchBytes,
  copyRows,
  type EntityTable,
  EXISTING_FILE,
  type RowBatch,
  type Segment,
  transferList,
} from "../arrow/row-batch.js";
import { SCHEMA_VERSION, TABLES } from "../arrow/tables.js";
import { type LedgerInput, storeLedger } from "../dataset/ledger.js";
import {
  type Manifest,
  manifestPath,
  manifestText,
  readManifest,
  type YearSettings,
} from "../dataset/manifest.js";
import { yearPath } from "../dataset/year-path.js";
import { describeError, describeWriteError, isNoRoom } from "../errors.js";
import type { ReadyYear, YearState } from "../journal/job-state.js";
import { restoreBatch, type TableShelf } from "../journal/saved-rows.js";
import { wholeFile } from "../journal/whole-file.js";
import type { Orphan } from "../order/sort-rows.js";
import {
  countDays,
  DAY_COUNTS_KEY,
  type DayCounts,
  dayCountsText,
  withMonths,
} from "../parquet/day-counts.js";
import { footerBytes } from "../parquet/footer.js";
import { moveRowGroup } from "../parquet/move-row-group.js";
import { schemaOf } from "../parquet/table-schema.js";
import { failpoint } from "../run/failpoints.js";
import { DEFAULTS, type OutputFile } from "../run/options.js";
import type {
  BatchResult,
  EncodeResult,
  JobFeed,
  PoolResult,
  PoolTask,
  UpdateInfo,
} from "../run/protocol.js";
import { monthOfDay } from "../time/calendar.js";
import { packageVersion } from "../version.js";
import { checkPart } from "./check-part.js";
import type { Credits, Semaphore } from "./credits.js";
import { ExistingYear } from "./existing-year.js";
import { PartFile } from "./part-file.js";
import { PendingRows, type RowGroupRows } from "./pending-rows.js";
import {
  byFirstStart,
  type MonthPlan,
  mergeBlocks,
  overlapDepth,
  overlapGroups,
  overlappingRows,
  type Piece,
  planMonths,
} from "./pieces.js";
import { keepPrevious } from "./previous-file.js";
import { SeenEntities } from "./seen-entities.js";
import { YearParts } from "./year-parts.js";

/** Source lists longer than this are kept on disk until a merge asks for them. */
const MAX_SOURCES_IN_MEMORY = 256;

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
  inputsOf?: (year: YearFile) => LedgerInput[];
  credits: Credits;
  /** Bounds the row groups that are being encoded or wait to be appended. */
  encoding: Semaphore;
  /** Runs a task on the pool; the buffers of its segments are moved there. */
  pool(task: PoolTask, transfer: ArrayBuffer[]): Promise<PoolResult>;
}

/**
 * One year of one feed: takes rows in plan order, has row groups encoded, appends them, publishes the file.
 *
 * Rows that come in order of time go to the disk as final row groups. Rows that come later than their time make
 * further pieces, which {@link publish} merges with those that they overlap. The row groups of a file that is added to
 * are the pieces that came first; they are looked at when all rows are there.
 */
export class YearFile {
  readonly year: number;
  readonly finalPath: string;
  /** Why the file cannot be written any more. */
  failure: Error | null = null;
  /** Whether its failure has been noted and it is left out. */
  isGivenUp = false;
  /** Rows taken, by file index. */
  readonly accepted = new Map<number, number>();
  /** What the rows taken are of. */
  seen: SeenEntities;
  /** Rows in the published file, by file index. */
  readonly written = new Map<number, number>();
  /** Rows that were left out because their total never came. */
  readonly orphans: Orphan[] = [];
  /** Whole sentences about what a person should know and what hurts no row. */
  readonly warnings: string[] = [];
  /** Duplicates dropped, by file index. */
  readonly dropped = new Map<number, number>();
  /** Rows that were in the file before and gave way, by the file index of those that took their place. */
  readonly replaced = new Map<number, number>();
  readonly #context: YearFileContext;
  readonly #pending: PendingRows;
  readonly #parts: YearParts;
  /** Set when the file lacks nothing but its name. */
  #ready: ReadyYear | null = null;
  #pieces: Piece[] = [];
  #sequence = 0;
  /** The last append; they happen in the order in which the row groups were asked for. */
  #tail: Promise<void> = Promise.resolve();
  /** The file that is added to. */
  readonly #existing: ExistingYear | null;
  /** Months of which its row groups have been looked at. */
  readonly #months = new Set<number>();

  constructor(context: YearFileContext, year: number, existing: ExistingYear | null = null) {
    this.#context = context;
    this.year = year;
    this.#existing = existing;
    this.#pending = new PendingRows(context.rowGroupSize);
    this.seen = new SeenEntities(context.feed.table);
    this.finalPath = finalPathOf(context, year);
    this.#parts = new YearParts(this.finalPath);
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
    copyCounts(state.accepted, year.accepted);
    copyCounts(state.dropped, year.dropped);
    copyCounts(ready?.written ?? new Map(), year.written);
    copyCounts(ready?.replaced ?? new Map(), year.replaced);
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

  /** Takes rows; resolves when there is room for more. `bytes` is what they count for in the budget. */
  async add(segment: Segment, bytes: number): Promise<void> {
    addSources(this.accepted, segment.batch.sources);
    if (this.failure !== null) {
      this.#context.credits.release(bytes);
      return;
    }
    this.seen.add(segment);
    this.#pending.add(segment, bytes);
    for (const group of this.#pending.takeFinal()) await this.#encode(group);
  }

  /** Encodes everything that waits, final or not. */
  async flush(): Promise<void> {
    for (const group of this.#pending.takeAll()) await this.#encode(group);
  }

  /** Waits until all row groups that were asked for are in the file, or it has failed. */
  async settle(): Promise<void> {
    await this.#tail;
  }

  /** @throws when the file has failed because there is no room on the disk */
  checkRoom(): void {
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
    const beside = manifest === null ? null : await this.#startManifest(manifest);
    try {
      await this.#parts.publish(async () => {
        if (update?.keepPrevious) await keepPrevious(out, this.finalPath);
      });
    } catch (error) {
      await beside?.discard();
      throw error;
    }
    if (beside !== null) await this.#endManifest(beside);
    await this.#closeExisting();
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
    if (this.#pieces.length === 0) return this.#withoutRows();
    const plan = await this.#plan();
    if (plan === null) return this.#unchanged(this.#existing!);
    const ordered = plan.flatMap(({ pieces }) => pieces);
    const asWritten = ordered.every((piece, index) => piece === this.#pieces[index]);
    if (!asWritten || plan.some(({ action }) => action === "merge")) await this.#rewrite(plan);
    if (this.#pieces.length === 0) return this.#withoutRows();
    for (const piece of this.#pieces) addSources(this.written, await this.#sourcesOf(piece));

    const { iso, feed, out } = this.#context;
    const before = (await this.#existing?.days()) ?? null;
    const days = this.#days(before);
    const file = await this.#parts.part();
    const rowGroups = this.#pieces.map((piece) => moveRowGroup(piece.rowGroup, piece.offset));
    const footer = footerBytes(schemaOf(TABLES[feed.table]), rowGroups, this.#metadata(days));
    failpoint("year:before-footer");
    await file.append(footer);
    await file.flush();
    failpoint("year:after-footer");
    await checkPart(file, this.#pieces, this.written);
    const output: OutputFile = {
      path: join(out, relative(out, this.finalPath)),
      table: feed.table,
      iso,
      market: feed.market,
      feed: feed.feed,
      year: this.year,
      rows: this.#pieces.reduce((sum, { rows }) => sum + rows, 0),
      rowGroups: this.#pieces.length,
      bytes: file.size,
      ...(this.#existing !== null && {
        rowsKept: this.written.get(EXISTING_FILE) ?? 0,
        rowsReplaced: [...this.replaced.values()].reduce((sum, rows) => sum + rows, 0),
      }),
    };
    const { written, replaced } = this;
    const manifest = this.#manifest(this.#pieces, footer, file.size);
    const whole = wholeFile(file.path, file.size, footer);
    const changed = this.#context.update ? { days: { before, after: days } } : {};
    return { written, replaced, output, file: whole, manifest, ...changed };
  }

  /** What is to be done with all pieces; null when the file that is there has all rows. */
  async #plan(): Promise<MonthPlan[] | null> {
    const existing = this.#existing;
    const { rowGroupSize } = this.#context;
    if (existing === null) return planMonths(this.#pieces, rowGroupSize);
    for (const { intervals } of this.#pieces) this.#months.add(monthOfDay(intervals.date[0]!));
    const { touched, others } = await existing.pieces(this.#months);
    const file = await this.#parts.part();
    const apart: Piece[] = [];
    for (const group of overlapGroups([...touched, ...this.#pieces])) {
      const isExact = group.length === 1 && !group[0]!.incomplete;
      apart.push(...(isExact ? group : await this.#merge(group, file, file)));
    }
    if (isSame(apart, touched)) return null;
    const kept = others.map((piece): MonthPlan => ({ action: "keep", pieces: [piece] }));
    return [...kept, ...planMonths(apart, rowGroupSize)].sort((a, b) =>
      byFirstStart(a.pieces[0]!, b.pieces[0]!),
    );
  }

  /** Leaves the file that is there; only that the inputs add nothing to it may be new. */
  async #unchanged(existing: ExistingYear): Promise<ReadyYear> {
    const { rowGroupSize, compression, encoder } = this.#context;
    const { touched, others } = await existing.pieces(new Set());
    const pieces = [...touched, ...others];
    for (const piece of existing.manifest === null ? pieces : []) await existing.read(piece);
    const { size } = await stat(existing.path);
    const made = this.#manifest(pieces, existing.footer, size);
    const settings = { rowGroupSize, compression, encoder, ...existing.settings };
    const manifest = { ...made, ...existing.manifest, settings, inputs: made.inputs };
    const isKnown = JSON.stringify(manifest) === JSON.stringify(existing.manifest);
    await this.#parts.replacePart(null);
    const { written, replaced } = this;
    return { written, replaced, output: null, file: null, manifest: isKnown ? null : manifest };
  }

  async #withoutRows(): Promise<ReadyYear> {
    await this.#parts.replacePart(null);
    const { written, replaced } = this;
    return { written, replaced, output: null, file: null, manifest: null };
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
    await this.#closeExisting();
  }

  async #closeExisting(): Promise<void> {
    await this.#existing?.close().catch(() => undefined);
  }

  /** @param before of the file that is added to; null where there is none */
  #days(before: DayCounts | null): DayCounts | null {
    if (before === null) return countDays(this.#pieces.map(({ intervals }) => intervals));
    const counted = this.#pieces.filter(({ intervals }) => this.#months.has(monthOfDay(intervals.date[0]!)));
    const days = countDays(counted.map(({ intervals }) => intervals));
    return withMonths(before, this.#months, days);
  }

  #metadata(days: DayCounts | null): { key: string; value: string }[] {
    const { iso, feed } = this.#context;
    return [
      { key: "gridparquet.schema_version", value: SCHEMA_VERSION },
      { key: "gridparquet.table", value: feed.table },
      { key: "gridparquet.iso", value: iso },
      { key: "gridparquet.market", value: feed.market },
      { key: "gridparquet.feed", value: feed.feed },
      { key: "gridparquet.year", value: String(this.year) },
      { key: "gridparquet.time_zone", value: feed.timeZone },
      ...(days === null ? [] : [{ key: DAY_COUNTS_KEY, value: dayCountsText(days) }]),
    ];
  }

  /** Says what is in the file. */
  #manifest(pieces: readonly Piece[], footer: Uint8Array, bytes: number): Manifest {
    const { out, rowGroupSize, compression, encoder } = this.#context;
    const inputs = this.#inputs();
    return {
      path: relative(out, this.finalPath).replaceAll(sep, "/"),
      rows: pieces.reduce((sum, { rows }) => sum + rows, 0),
      bytes,
      footer: { length: footer.length, crc32: crc32(footer) },
      gridparquet: packageVersion(),
      written: new Date().toISOString(),
      settings: { rowGroupSize, compression, encoder },
      rowGroups: pieces.map((piece) => [piece.offset, piece.length, piece.rows, piece.crc32]),
      ...(inputs !== null && { inputs: storeLedger(inputs, this.year) }),
    };
  }

  /** The inputs that its rows come from, those of earlier runs first; null when they are not all known. */
  #inputs(): LedgerInput[] | null {
    const { inputsOf } = this.#context;
    if (inputsOf === undefined) return null;
    const nameOf = ({ path, entry }: LedgerInput): string => join(path, entry);
    const added = inputsOf(this);
    const names = new Set(added.map(nameOf));
    const before = this.#existing?.inputs(this.year) ?? [];
    return [...before.filter((input) => !names.has(nameOf(input))), ...added];
  }

  /** Puts the manifest beside the earlier one. Without it the file is as good, but cannot be checked. */
  async #startManifest(manifest: Manifest): Promise<PartFile | null> {
    let file: PartFile | null = null;
    try {
      file = await PartFile.create(`${this.#manifestPath}.partial`);
      await file.append(Buffer.from(manifestText(manifest)));
      await file.flush();
      return file;
    } catch (error) {
      await file?.discard();
      this.#warnOfManifest(error);
      return null;
    }
  }

  async #endManifest(file: PartFile): Promise<void> {
    try {
      await file.publish(this.#manifestPath);
    } catch (error) {
      await file.discard();
      this.#warnOfManifest(error);
    }
  }

  get #manifestPath(): string {
    const { out } = this.#context;
    return manifestPath(out, relative(out, this.finalPath));
  }

  #warnOfManifest(error: unknown): void {
    this.warnings.push(`the manifest of ${this.finalPath} was not written: ${describeWriteError(error)}`);
  }

  /** Sends a row group to the pool and its bytes, when they come back, to the end of the file. */
  async #encode({ segments, credit }: RowGroupRows): Promise<void> {
    const { encoding, credits } = this.#context;
    await encoding.acquire();
    const encoded = this.#encodeSegments(segments);
    encoded.catch(() => undefined);
    const before = this.#tail;
    this.#tail = (async () => {
      try {
        await before;
        const result = await encoded;
        if (this.failure === null) await this.#append(result, this.#sequence++);
      } catch (error) {
        this.failure ??= error as Error;
        // Where there is no room the job ends, and with it is decided what to keep.
        if (!isNoRoom(error)) await this.#parts.discard();
      } finally {
        credits.release(credit);
        encoding.release();
      }
    })();
  }

  async #encodeSegments(segments: Segment[]): Promise<EncodeResult> {
    const { feed, compression, encoder, pool } = this.#context;
    const buffers = segments.flatMap(({ batch }) => transferList(batch));
    const joining = feed.joined && { final: false, remainders: feed.joined };
    const task = { name: "encode", table: feed.table, segments, compression, encoder, joining } as const;
    return (await pool(task, [...new Set(buffers)])) as EncodeResult;
  }

  async #append(result: EncodeResult, sequence: number): Promise<void> {
    const file = await this.#parts.part();
    addSources(this.dropped, Int32Array.from(result.dropped));
    this.#pieces.push(await this.#store(file, result, sequence));
    failpoint("part:appended");
  }

  async #store(file: PartFile, result: EncodeResult, sequence: number): Promise<Piece> {
    const { bytes, rowGroup, rows, intervals } = result;
    const incomplete = result.orphans.length > 0;
    const offset = await file.append(bytes);
    const sources = await this.#storeSources(result.sources);
    const { length } = bytes;
    return {
      ...{ sequence, offset, length, crc32: crc32(bytes), rowGroup },
      ...{ rows, incomplete, intervals, sources },
    };
  }

  async #storeSources(sources: Int32Array<ArrayBuffer>): Promise<Piece["sources"]> {
    return sources.length <= MAX_SOURCES_IN_MEMORY ? sources : this.#parts.storeSources(sources);
  }

  async #sourcesOf({ sources }: Piece): Promise<Int32Array<ArrayBuffer>> {
    return sources instanceof Int32Array ? sources : this.#parts.readSources(sources);
  }

  /** Writes the file anew: pieces that may stay are copied as bytes, the others merged and cut by the calendar. */
  async #rewrite(plan: readonly MonthPlan[]): Promise<void> {
    const old = await this.#parts.part();
    const fresh = await this.#parts.createSorted();
    try {
      const pieces: Piece[] = [];
      for (const { action, pieces: ofMonth } of plan) {
        if (action === "merge") pieces.push(...(await this.#merge(ofMonth, old, fresh)));
        else {
          for (const piece of ofMonth) {
            const offset = await fresh.append(await this.#read(piece, old));
            const { isExisting: _, ...copied } = piece;
            pieces.push({ ...copied, offset });
          }
        }
      }
      this.#pieces = pieces;
    } catch (error) {
      await fresh.discard();
      throw error;
    }
    await this.#parts.replacePart(fresh);
    failpoint("year:rewritten");
  }

  /** Merges pieces that lie in `from`, or in the file that is added to, into row groups at the end of `to`. */
  async #merge(pieces: readonly Piece[], from: PartFile, to: PartFile): Promise<Piece[]> {
    const { mergeFanIn = DEFAULTS.mergeFanIn } = this.#context;
    let left = [...pieces];
    while (overlapDepth(left) > mergeFanIn) {
      const merged: Piece[] = [];
      for (const [sequence, block] of mergeBlocks(left, mergeFanIn).entries()) {
        for (const piece of await this.#mergeOnce(block, from, from, false))
          merged.push({ ...piece, sequence });
      }
      left = merged;
    }
    return this.#mergeOnce(left, from, to, true);
  }

  /** @param final whether no other pieces hold rows of this stretch of time */
  async #mergeOnce(pieces: readonly Piece[], from: PartFile, to: PartFile, final: boolean): Promise<Piece[]> {
    const made: Piece[] = [];
    const pending = new PendingRows(this.#context.rowGroupSize);
    const write = async (groups: RowGroupRows[]) => {
      for (const { segments } of groups) {
        made.push(await this.#store(to, await this.#encodeSegments(segments), made.length));
      }
    };
    for await (const segments of overlappingRows(pieces, (piece) => this.#load(piece, from))) {
      const batch = await this.#mergeRows(segments, final);
      if (batch.rows === 0) continue;
      pending.add({ batch, from: 0, to: batch.rows }, batchBytes(batch));
      await write(pending.takeFinal());
    }
    await write(pending.takeAll());
    return made;
  }

  async #mergeRows(segments: readonly Segment[], final: boolean): Promise<RowBatch> {
    const { feed, pool } = this.#context;
    const joining = feed.joined && { final, remainders: feed.joined };
    // Copies are sent: a piece stays open while later stretches of it are needed.
    const copies = segments.map((segment) => ({
      batch: copyRows(segment),
      from: 0,
      to: segment.to - segment.from,
    }));
    const buffers = copies.flatMap(({ batch }) => transferList(batch));
    const result = (await pool(
      { name: "merge", table: feed.table, segments: copies, joining },
      buffers,
    )) as BatchResult;
    addSources(this.dropped, Int32Array.from(result.dropped));
    addSources(this.replaced, Int32Array.from(result.replaced));
    if (final) this.orphans.push(...result.orphans);
    return result.batch;
  }

  #read(piece: Piece, file: PartFile): Promise<Uint8Array<ArrayBuffer>> {
    return piece.isExisting ? this.#existing!.read(piece) : file.read(piece.offset, piece.length);
  }

  async #load(piece: Piece, file: PartFile): Promise<RowBatch> {
    const { feed, pool } = this.#context;
    const bytes = await this.#read(piece, file);
    const sources = (await this.#sourcesOf(piece)).slice();
    const stored = { bytes, rowGroup: piece.rowGroup };
    const task = { name: "read", table: feed.table, stored, sources } as const;
    return ((await pool(task, [bytes.buffer, sources.buffer])) as BatchResult).batch;
  }
}

function finalPathOf({ iso, feed, out }: YearFileContext, year: number): string {
  const { table, market } = feed;
  return join(out, yearPath({ table, iso, market, feed: feed.feed, year }));
}

/** What the other year files of the feed were written with: those of the last year that there is. */
async function settingsOfFeed(
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

/** Whether pieces hold the same bytes in the same order. */
function isSame(pieces: readonly Piece[], others: readonly Piece[]): boolean {
  return (
    pieces.length === others.length &&
    pieces.every(({ crc32, length }, index) => {
      const other = others[index]!;
      return crc32 === other.crc32 && length === other.length;
    })
  );
}

function copyCounts(from: ReadonlyMap<number, number>, to: Map<number, number>): void {
  for (const [file, rows] of from) to.set(file, rows);
}

/** Adds pairs of file index and row count to totals by file. */
export function addSources(totals: Map<number, number>, pairs: Int32Array): void {
  for (let pair = 0; pair < pairs.length; pair += 2) {
    totals.set(pairs[pair]!, (totals.get(pairs[pair]!) ?? 0) + pairs[pair + 1]!);
  }
}
