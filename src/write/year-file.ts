import { join, relative, sep } from "node:path";
import { crc32 } from "node:zlib";
import {
  batchBytes,
  copyRows,
  type EntityTable,
  type RowBatch,
  type Segment,
  transferList,
} from "../arrow/row-batch.js";
import { SCHEMA_VERSION, TABLES } from "../arrow/tables.js";
import { type Manifest, manifestPath, manifestText } from "../dataset/manifest.js";
import { yearPath } from "../dataset/year-path.js";
import { describeWriteError, isNoRoom } from "../errors.js";
import type { ReadyYear, YearState } from "../journal/job-state.js";
import { restoreBatch, type TableShelf } from "../journal/saved-rows.js";
import { wholeFile } from "../journal/whole-file.js";
import type { Orphan } from "../order/sort-rows.js";
import { countDays, DAY_COUNTS_KEY, dayCountsText } from "../parquet/day-counts.js";
import { footerBytes } from "../parquet/footer.js";
import { moveRowGroup } from "../parquet/move-row-group.js";
import { schemaOf } from "../parquet/table-schema.js";
import { failpoint } from "../run/failpoints.js";
import type { Compression, Encoder, OutputFile } from "../run/options.js";
import type { BatchResult, EncodeResult, JobFeed, PoolResult, PoolTask } from "../run/protocol.js";
import { packageVersion } from "../version.js";
import type { Credits, Semaphore } from "./credits.js";
import type { PartFile } from "./part-file.js";
import { PendingRows, type RowGroupRows } from "./pending-rows.js";
import { mergeBlocks, overlapDepth, overlappingRows, type Piece, planMonths } from "./pieces.js";
import { replaceFile } from "./replace-file.js";
import { SeenEntities } from "./seen-entities.js";
import { YearParts } from "./year-parts.js";

/** Most pieces that are open at once while overlapping ones are merged. */
const MERGE_FAN_IN = 8;
/** Source lists longer than this are kept on disk until a merge asks for them. */
const MAX_SOURCES_IN_MEMORY = 256;

/** What a year file needs of its surroundings. */
export interface YearFileContext {
  iso: string;
  feed: JobFeed;
  out: string;
  rowGroupSize: number;
  compression: Compression;
  encoder: Encoder;
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
 * further pieces, which {@link publish} merges with those that they overlap.
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
  readonly #context: YearFileContext;
  readonly #pending: PendingRows;
  readonly #parts: YearParts;
  /** Set when the file lacks nothing but its name. */
  #ready: ReadyYear | null = null;
  #pieces: Piece[] = [];
  #sequence = 0;
  /** The last append; they happen in the order in which the row groups were asked for. */
  #tail: Promise<void> = Promise.resolve();

  constructor(context: YearFileContext, year: number) {
    this.#context = context;
    this.year = year;
    this.#pending = new PendingRows(context.rowGroupSize);
    this.seen = new SeenEntities(context.feed.table);
    const { iso, feed, out } = context;
    const { table, market } = feed;
    this.finalPath = join(out, yearPath({ table, iso, market, feed: feed.feed, year }));
    this.#parts = new YearParts(this.finalPath);
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
    const year = new YearFile(context, state.year);
    await year.#parts.reopen(state);
    copyCounts(state.accepted, year.accepted);
    copyCounts(state.dropped, year.dropped);
    copyCounts(ready?.written ?? new Map(), year.written);
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
    await this.#parts.publish();
    if (manifest !== null) await this.#writeManifest(manifest);
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
    const plan = planMonths(this.#pieces, this.#context.rowGroupSize);
    const ordered = plan.flatMap(({ pieces }) => pieces);
    const asWritten = ordered.every((piece, index) => piece === this.#pieces[index]);
    if (!asWritten || plan.some(({ action }) => action === "merge")) await this.#rewrite(plan);
    if (this.#pieces.length === 0) return this.#withoutRows();
    for (const piece of this.#pieces) addSources(this.written, await this.#sourcesOf(piece));

    const { iso, feed, out } = this.#context;
    const file = await this.#parts.part();
    const rowGroups = this.#pieces.map((piece) => moveRowGroup(piece.rowGroup, piece.offset));
    const footer = footerBytes(schemaOf(TABLES[feed.table]), rowGroups, this.#metadata());
    failpoint("year:before-footer");
    await file.append(footer);
    await file.flush();
    failpoint("year:after-footer");
    const output = {
      path: join(out, relative(out, this.finalPath)),
      table: feed.table,
      iso,
      market: feed.market,
      feed: feed.feed,
      year: this.year,
      rows: this.#pieces.reduce((sum, { rows }) => sum + rows, 0),
      rowGroups: this.#pieces.length,
      bytes: file.size,
    };
    const manifest = this.#manifest(footer, file.size);
    return { written: this.written, output, file: wholeFile(file.path, file.size, footer), manifest };
  }

  async #withoutRows(): Promise<ReadyYear> {
    await this.#parts.replacePart(null);
    return { written: this.written, output: null, file: null, manifest: null };
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
  }

  #metadata(): { key: string; value: string }[] {
    const { iso, feed } = this.#context;
    const days = countDays(this.#pieces.map(({ intervals }) => intervals));
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
  #manifest(footer: Uint8Array, bytes: number): Manifest {
    return {
      path: relative(this.#context.out, this.finalPath).replaceAll(sep, "/"),
      rows: this.#pieces.reduce((sum, { rows }) => sum + rows, 0),
      bytes,
      footer: { length: footer.length, crc32: crc32(footer) },
      gridparquet: packageVersion(),
      written: new Date().toISOString(),
      rowGroups: this.#pieces.map((piece) => [piece.offset, piece.length, piece.rows, piece.crc32]),
    };
  }

  /** Without its manifest the file is as good, but cannot be checked against what was written. */
  async #writeManifest(manifest: Manifest): Promise<void> {
    const { out } = this.#context;
    try {
      await replaceFile(manifestPath(out, relative(out, this.finalPath)), manifestText(manifest));
    } catch (error) {
      this.warnings.push(`the manifest of ${this.finalPath} was not written: ${describeWriteError(error)}`);
    }
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
  async #rewrite(plan: ReturnType<typeof planMonths>): Promise<void> {
    const old = await this.#parts.part();
    const fresh = await this.#parts.createSorted();
    try {
      const pieces: Piece[] = [];
      for (const { action, pieces: ofMonth } of plan) {
        if (action === "merge") pieces.push(...(await this.#merge(ofMonth, old, fresh)));
        else {
          for (const piece of ofMonth) {
            const offset = await fresh.append(await old.read(piece.offset, piece.length));
            pieces.push({ ...piece, offset });
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

  /** Merges pieces that lie in `from` into row groups at the end of `to`. */
  async #merge(pieces: readonly Piece[], from: PartFile, to: PartFile): Promise<Piece[]> {
    let left = [...pieces];
    while (overlapDepth(left) > MERGE_FAN_IN) {
      const merged: Piece[] = [];
      for (const [sequence, block] of mergeBlocks(left, MERGE_FAN_IN).entries()) {
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
    if (final) this.orphans.push(...result.orphans);
    return result.batch;
  }

  async #load(piece: Piece, file: PartFile): Promise<RowBatch> {
    const { feed, pool } = this.#context;
    const bytes = await file.read(piece.offset, piece.length);
    const sources = (await this.#sourcesOf(piece)).slice();
    const stored = { bytes, rowGroup: piece.rowGroup };
    const task = { name: "read", table: feed.table, stored, sources } as const;
    return ((await pool(task, [bytes.buffer, sources.buffer])) as BatchResult).batch;
  }
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
