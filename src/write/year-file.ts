import { join, relative, sep } from "node:path";
import { crc32 } from "node:zlib";
import { batchBytes, copyRows, type RowBatch, type Segment, transferList } from "../arrow/row-batch.js";
import { SCHEMA_VERSION, TABLES } from "../arrow/tables.js";
import { type Manifest, manifestPath, manifestText } from "../dataset/manifest.js";
import { yearPath } from "../dataset/year-path.js";
import { describeWriteError } from "../errors.js";
import type { Orphan } from "../order/sort-rows.js";
import { countDays, DAY_COUNTS_KEY, dayCountsText } from "../parquet/day-counts.js";
import { footerBytes, MAGIC } from "../parquet/footer.js";
import { moveRowGroup } from "../parquet/move-row-group.js";
import { schemaOf } from "../parquet/table-schema.js";
import type { Compression, Encoder, OutputFile } from "../run/options.js";
import type { BatchResult, EncodeResult, JobFeed, PoolResult, PoolTask } from "../run/protocol.js";
import { packageVersion } from "../version.js";
import type { Credits, Semaphore } from "./credits.js";
import { PartFile } from "./part-file.js";
import { PendingRows, type RowGroupRows } from "./pending-rows.js";
import { mergeBlocks, overlapDepth, overlappingRows, type Piece, planMonths } from "./pieces.js";
import { replaceFile } from "./replace-file.js";
import { SeenEntities } from "./seen-entities.js";

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
  /** Rows taken, by file index. */
  readonly accepted = new Map<number, number>();
  /** What the rows taken are of. */
  readonly seen: SeenEntities;
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
  #file: Promise<PartFile> | null = null;
  #sideFile: Promise<PartFile> | null = null;
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
  }

  get feed(): JobFeed {
    return this.#context.feed;
  }

  get pendingRows(): number {
    return this.#pending.rows;
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

  /** Completes the file and gives it its name. */
  async publish(): Promise<OutputFile | null> {
    await this.flush();
    await this.#tail;
    if (this.failure !== null) throw this.failure;
    if (this.#pieces.length === 0) return null;
    const plan = planMonths(this.#pieces, this.#context.rowGroupSize);
    const ordered = plan.flatMap(({ pieces }) => pieces);
    const asWritten = ordered.every((piece, index) => piece === this.#pieces[index]);
    if (!asWritten || plan.some(({ action }) => action === "merge")) await this.#rewrite(plan);
    if (this.#pieces.length === 0) return null;
    for (const piece of this.#pieces) addSources(this.written, await this.#sourcesOf(piece));

    const { iso, feed, out } = this.#context;
    const file = await this.#file!;
    const rowGroups = this.#pieces.map((piece) => moveRowGroup(piece.rowGroup, piece.offset));
    const footer = footerBytes(schemaOf(TABLES[feed.table]), rowGroups, this.#metadata());
    await file.append(footer);
    await file.publish(this.finalPath);
    this.#file = null;
    await this.#discardFiles();
    await this.#writeManifest(footer, file.size);
    return {
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
  }

  /** Removes what has been written and is not published. */
  async discard(): Promise<void> {
    for (const { credit } of this.#pending.takeAll()) this.#context.credits.release(credit);
    await this.#tail.catch(() => undefined);
    await this.#discardFiles();
  }

  async #discardFiles(): Promise<void> {
    for (const file of [this.#file, this.#sideFile]) await (await file?.catch(() => null))?.discard();
    this.#file = null;
    this.#sideFile = null;
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

  /** Says what was published; without it the file is as good, but cannot be checked against what was written. */
  async #writeManifest(footer: Uint8Array, bytes: number): Promise<void> {
    const { out } = this.#context;
    const path = relative(out, this.finalPath);
    const manifest: Manifest = {
      path: path.replaceAll(sep, "/"),
      rows: this.#pieces.reduce((sum, { rows }) => sum + rows, 0),
      bytes,
      footer: { length: footer.length, crc32: crc32(footer) },
      gridparquet: packageVersion(),
      written: new Date().toISOString(),
      rowGroups: this.#pieces.map((piece) => [piece.offset, piece.length, piece.rows, piece.crc32]),
    };
    try {
      await replaceFile(manifestPath(out, path), manifestText(manifest));
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
        // The disk may be full: other years get the room that this one will not use.
        await this.#discardFiles();
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
    if (this.#file === null) {
      this.#file = PartFile.create(`${this.finalPath}.partial`);
      await (await this.#file).append(MAGIC);
    }
    addSources(this.dropped, Int32Array.from(result.dropped));
    this.#pieces.push(await this.#store(await this.#file, result, sequence));
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
    if (sources.length <= MAX_SOURCES_IN_MEMORY) return sources;
    this.#sideFile ??= PartFile.create(`${this.finalPath}.sources`);
    const bytes = new Uint8Array(sources.buffer, sources.byteOffset, sources.byteLength);
    return { offset: await (await this.#sideFile).append(bytes), length: bytes.length };
  }

  async #sourcesOf({ sources }: Piece): Promise<Int32Array<ArrayBuffer>> {
    if (sources instanceof Int32Array) return sources;
    const bytes = await (await this.#sideFile!).read(sources.offset, sources.length);
    return new Int32Array(bytes.buffer);
  }

  /** Writes the file anew: pieces that may stay are copied as bytes, the others merged and cut by the calendar. */
  async #rewrite(plan: ReturnType<typeof planMonths>): Promise<void> {
    const old = await this.#file!;
    const fresh = await PartFile.create(`${this.finalPath}.sorted`);
    try {
      await fresh.append(MAGIC);
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
      this.#file = Promise.resolve(fresh);
    } catch (error) {
      await fresh.discard();
      throw error;
    }
    await old.discard();
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

/** Adds pairs of file index and row count to totals by file. */
export function addSources(totals: Map<number, number>, pairs: Int32Array): void {
  for (let pair = 0; pair < pairs.length; pair += 2) {
    totals.set(pairs[pair]!, (totals.get(pairs[pair]!) ?? 0) + pairs[pair + 1]!);
  }
}
