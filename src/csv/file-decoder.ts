import { BatchBuilder } from "../arrow/batch-builder.js";
import type { RowBatch, SpareBuffers } from "../arrow/row-batch.js";
import { TABLES } from "../arrow/tables.js";
import { feedKey, feedRemainders } from "../feeds/feed-definition.js";
import type { ByteSource } from "./byte-source.js";
import { chooseRowMaker } from "./choose-row-maker.js";
import { type DecodeProgram, usedMeasures } from "./decode-program.js";
import { addRemainders, turnSigns } from "./derived-measures.js";
import { EntityDictionary } from "./entity-dictionary.js";
import { Rejection } from "./field-values.js";
import { findRecordEnd, IrregularRecords, MAX_RECORD_BYTES, type Taken } from "./irregular-records.js";
import { KernelMemory } from "./kernel-memory.js";
import { RecordKernel } from "./record-kernel.js";
import { RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

const LF = 10;
/** Bytes that are read at a time for the end of a range's last record. */
const READ_BEYOND = 65_536;
/** Batches have one of so many sizes. */
const BATCH_SIZES = 8;
/** Room that a new batch has beyond the rows that are expected, and the least that one of the size before must have. */
const MARGIN = 1.03;
const LEAST_MARGIN = 1.01;
/** Bytes that a record is taken to have where nothing is known of it: batches that are too large are the lesser evil. */
const SHORT_RECORD = 64;
/** Most of a rejected record that is kept, in bytes. */
const MAX_RAW = 65_536;

/** A record that was not taken, as it goes to the rejects file. */
export interface RejectedRecord {
  /** Line of the file on which the record begins, from 1; 0 for a row that no single record is to blame for. */
  line: number;
  column: string | null;
  reason: string;
  raw: string;
}

/** What a file held. */
export interface FileCounts {
  records: number;
  /** Records of another kind than the feed's, which stand for no rows. */
  skipped: number;
  /** Rows that the records stand for, rejected and filtered ones with them. */
  rows: number;
  rejected: number;
  filtered: number;
}

export const NO_COUNTS: Readonly<FileCounts> = { records: 0, skipped: 0, rows: 0, rejected: 0, filtered: 0 };

/** Where decoded rows go. */
export interface DecodeSink {
  /**
   * Resolves when a batch with room for so many rows, of up to this many bytes, may be built.
   *
   * @returns buffers that can be used for it, and the rows that it can hold with them
   */
  admit(capacity: number, bytes: number): Promise<SpareBuffers>;
  batch(batch: RowBatch): void;
  reject(fileIndex: number, record: RejectedRecord): void;
  /** Bytes of the input that are done with since the last call, and rows that came of them. */
  progress(bytes: number, rows: number): void;
}

export interface DecoderOptions {
  /** Most rows in a batch. */
  chunkSize: number;
  /** Operating years to keep; null for all. */
  years: readonly number[] | null;
  /** Most bytes to read at a time. */
  readSize: number;
  /** Names the thread in the ids of entity tables. */
  owner: string;
}

/** A file whose last record gives another number of records than it has, or is not there: it was cut, or pasted together. */
export class TrailerMismatch extends Error {
  readonly counts: FileCounts;

  /** @param told the number; null when no record gives one */
  constructor(told: number | null, counts: FileCounts) {
    super(
      told === null
        ? "its last line, which tells how many records of data there are, is missing; download it again"
        : `its last line tells of ${told} records of data and it has ${counts.records}; download it again`,
    );
    this.counts = counts;
  }
}

/** Where a file's data begin. */
export interface FileStart {
  fileIndex: number;
  /** Line number of the first record. */
  line: number;
  /** Operating day that stands above the records, in days since 1970-01-01; null where none does. */
  day: number | null;
  /** Only records that begin in the first `until` bytes of the source are taken, each as a whole; all when left out. */
  until?: number;
}

/** How far a file has been read. */
export interface ReadTo {
  /** Bytes of the source up to the end of the last record taken. */
  bytes: number;
  /** Line number of the record that follows. */
  line: number;
}

/**
 * Decodes files of one feed into batches. Rows of several small files share a batch.
 *
 * Call {@link begin}, then {@link decode} for each file in plan order, then {@link finish}. A decoder can be used
 * again after that, and is the faster for it: it knows the locations.
 */
export class FileDecoder {
  readonly #program: DecodeProgram;
  readonly #options: DecoderOptions;
  #sink: DecodeSink | null = null;
  readonly #memory: KernelMemory;
  #entities!: EntityDictionary;
  #kernel!: RecordKernel;
  #irregular!: IrregularRecords;
  #products!: RowMaker;
  #rows: RowAssembler | null = null;
  #current: (FileStart & { counts: FileCounts; filteredBefore: number }) | null = null;
  #trailer: number | null = null;
  #bytesLeft = 0;
  #bytesDone = 0;
  /** Of the bytes that were read, those that no row has come of yet. */
  #undecoded = 0;
  #hasBuilder = false;
  #rowsDone = 0;
  /** Of the files so far; before them, what was said of them; 0 when nothing is known yet. */
  #bytesPerRow = 0;
  /** Room that was asked for last; 0 before the first batch. */
  #capacity = 0;
  #readTo: ReadTo = { bytes: 0, line: 0 };

  constructor(program: DecodeProgram, options: DecoderOptions) {
    this.#program = program;
    this.#options = options;
    // Room for a record that is carried over, and for a line break at the end.
    this.#memory = new KernelMemory(program, options.readSize + MAX_RECORD_BYTES + 1);
  }

  /**
   * Begins a series of files.
   *
   * @param totalBytes what the files hold together, roughly; batches are not made larger than that needs
   * @param recordBytes length of a record, roughly
   */
  begin(sink: DecodeSink, totalBytes: number, recordBytes = SHORT_RECORD): void {
    this.#sink = sink;
    if (this.#bytesPerRow === 0) this.#bytesPerRow = recordBytes / this.#rowsPerRecord;
    this.#bytesLeft = totalBytes;
    this.#bytesDone = 0;
    this.#rowsDone = 0;
  }

  /** Decodes what `source` holds; on an error of the source the rows before it have been handed over. */
  async decode(source: ByteSource, start: FileStart): Promise<FileCounts> {
    const bytes = this.#memory.data;
    this.#undecoded = 0;
    const rows = await this.#ready();
    const filteredBefore = rows.filtered;
    const file = { ...start, counts: { ...NO_COUNTS } };
    this.#current = { ...file, filteredBefore };
    this.#trailer = null;
    rows.parts.beginFile(start.day);
    this.#kernel.forgetContext();
    let from = 0;
    let filled = 0;
    // Where records begin that are not taken any more, counted like `from`.
    let until = start.until ?? Number.POSITIVE_INFINITY;
    let read = 0;
    let dropped = 0;
    let skipping = false;
    for (let ended = false; !ended && (skipping || from < until); ) {
      bytes.copyWithin(0, from, filled);
      filled -= from;
      until -= from;
      dropped += from;
      from = 0;
      const wanted = filled < until ? Math.min(this.#options.readSize, until - filled) : READ_BEYOND;
      const count = await source.read(bytes, filled, Math.min(wanted, bytes.length - 1 - filled));
      // What lies beyond is another range's to report.
      this.#advance(Math.max(0, Math.min(count, until - filled)));
      ended = count === 0;
      filled += count;
      read += count;
      const unterminated = ended && filled > 0 && bytes[filled - 1] !== LF;
      if (unterminated) bytes[filled++] = LF;
      if (skipping) {
        const next = bytes.subarray(0, filled).indexOf(LF) + 1;
        from = next === 0 ? filled : next;
        skipping = next === 0;
        if (next > 0) file.line++;
      }
      if (from >= until) continue;
      const end = endOfLines(bytes.subarray(0, filled), until);
      from = await this.#take(file, from, end, filled, ended, unterminated);
      if (from < until && !skipping && filled - from > MAX_RECORD_BYTES) {
        this.#reject(
          file,
          bytes.subarray(from, filled),
          this.#irregular.take(bytes.subarray(from, filled), false),
        );
        from = filled;
        skipping = true;
      }
    }
    // A line break that was put at the end is no byte of the source.
    this.#readTo = { bytes: Math.min(read, dropped + from), line: file.line };
    const counts = this.#close();
    // Files by hour hold whole days: one that is cut by the end of a batch must be merged with itself later.
    const { capacity, rows: taken } = rows.builder;
    if (this.#program.feed.hours !== null && capacity - taken < counts.rows)
      await this.#flush(start.fileIndex);
    const hasTrailer = this.#program.feed.recordTypes !== null;
    if (hasTrailer && this.#trailer !== counts.records) throw new TrailerMismatch(this.#trailer, counts);
    return counts;
  }

  /** How far the last file was read that {@link decode} has come to the end of. */
  get readTo(): ReadTo {
    return this.#readTo;
  }

  /** Ends a file whose source failed: what it gave until then. */
  abandon(): FileCounts {
    return this.#close();
  }

  #close(): FileCounts {
    const current = this.#current;
    this.#current = null;
    if (current === null) return { ...NO_COUNTS };
    this.#products.flush();
    current.counts.filtered = this.#rows!.filtered - current.filteredBefore;
    this.#rows!.builder.closeSource(current.fileIndex);
    this.#kernel.forgetContext();
    this.#advance(0);
    return current.counts;
  }

  /** Hands the last batch over. */
  finish(): void {
    // Without one no file was begun: the builder that is there has been handed over.
    if (this.#hasBuilder) {
      this.#undecoded = 0;
      this.#learnRowLength(this.#rowsDone + this.#rows!.builder.rows);
      this.#emit(this.#rows!.builder);
    }
    this.#hasBuilder = false;
    this.#sink = null;
  }

  /** Takes records from `from` on; returns where the first one begins that is not whole yet. */
  async #take(
    file: FileStart & { counts: FileCounts },
    from: number,
    end: number,
    filled: number,
    ended: boolean,
    unterminated: boolean,
  ): Promise<number> {
    const bytes = this.#memory.data;
    let at = from;
    while (at < end) {
      const kernel = this.#kernel;
      const before = kernel.records;
      const rowsBefore = kernel.rows;
      const stop = kernel.decode(at, end);
      at = kernel.position;
      file.line += kernel.records - before;
      file.counts.records += kernel.records - before;
      file.counts.rows += kernel.rows - rowsBefore;
      if (stop === "end") break;
      if (stop === "full" || !this.#hasRoom()) {
        this.#undecoded = filled - at;
        await this.#flush(file.fileIndex);
        continue;
      }
      // No record is looked for beyond the longest allowed: what the reads happen to hold must not decide.
      let next = findRecordEnd(bytes, at, Math.min(filled, at + MAX_RECORD_BYTES));
      if (next < 0) {
        if (!ended && filled - at <= MAX_RECORD_BYTES) break;
        // A quote that never closes costs its own line, not all that follow.
        next = bytes.indexOf(LF, at) + 1;
      }
      const record = bytes.subarray(at, next);
      const taken = this.#irregular.take(record, unterminated && next === filled);
      kernel.forgetContext();
      if (taken === "blank") file.line++;
      else if (typeof taken === "object" && "rows" in taken) {
        file.line++;
        this.#trailer = taken.rows;
      } else this.#reject(file, record, taken);
      at = next;
    }
    return at;
  }

  #hasRoom(): boolean {
    const { rows, capacity } = this.#rows!.builder;
    return rows + this.#products.room <= capacity;
  }

  /** Counts a record of the careful path; one that was not taken goes to the rejects. */
  #reject(file: FileStart & { counts: FileCounts }, record: Uint8Array, taken: Taken): void {
    file.counts.records++;
    if (taken === "other") file.counts.skipped++;
    if (typeof taken === "object" && "taken" in taken) file.counts.rows += taken.taken;
    if (taken instanceof Rejection) {
      // A record that would have made several rows stands for all of them.
      const rows = Math.max(1, this.#products.width);
      file.counts.rows += rows;
      file.counts.rejected += rows;
      const raw = Buffer.from(record.subarray(0, MAX_RAW))
        .toString("utf8")
        .replace(/\r?\n$/, "");
      this.#sink!.reject(file.fileIndex, {
        line: file.line,
        column: taken.column,
        reason: taken.reason,
        raw,
      });
    }
    for (const byte of record) if (byte === LF) file.line++;
  }

  /** The row assembler, with a batch to fill. */
  async #ready(): Promise<RowAssembler> {
    if (this.#rows === null) {
      const { feed } = this.#program;
      this.#rows = new RowAssembler(feed, this.#options.years, await this.#newBuilder());
      this.#renewDictionaries();
    } else if (!this.#hasBuilder) this.#rows.builder = await this.#newBuilder();
    this.#hasBuilder = true;
    return this.#rows;
  }

  #emit(builder: BatchBuilder): void {
    if (builder.rows === 0) return;
    const { feed } = this.#program;
    turnSigns(feed, builder);
    const batch = builder.finish(this.#entities.snapshot());
    // What has a record for each component is whole only when those are joined.
    this.#sink!.batch(feed.components === null ? addRemainders(batch, feedRemainders(feed)) : batch);
  }

  async #flush(fileIndex: number): Promise<void> {
    const rows = this.#rows!;
    this.#products.flush();
    rows.builder.closeSource(fileIndex);
    this.#rowsDone += rows.builder.rows;
    this.#emit(rows.builder);
    if (this.#kernel.isFull) this.#renewDictionaries();
    this.#hasBuilder = false;
    await this.#ready();
  }

  #renewDictionaries(): void {
    const { feed } = this.#program;
    const columns = TABLES[feed.table].entity.length;
    this.#entities = new EntityDictionary(columns, this.#options.owner, feedKey(feed));
    const parts = [this.#program, this.#rows!, this.#entities] as const;
    this.#products = chooseRowMaker(...parts);
    this.#kernel = new RecordKernel(...parts, this.#products, this.#memory);
    this.#irregular = new IrregularRecords(...parts, this.#products);
  }

  async #newBuilder(): Promise<BatchBuilder> {
    const table = TABLES[this.#program.feed.table];
    const { feed } = this.#program;
    const used = usedMeasures(this.#program);
    this.#learnRowLength(this.#rowsDone);
    // Should there be more, the batch is merely cut earlier.
    const expected = (this.#bytesLeft + this.#undecoded) / this.#bytesPerRow;
    const size = batchSize(expected, this.#options.chunkSize, this.#capacity);
    const capacity = Math.max(this.#rowsPerRecord, size);
    this.#capacity = capacity;
    const bytes = capacity * (4 + 8 * (used.filter(Boolean).length + feed.remainders.length));
    const spare = await this.#sink!.admit(capacity, bytes);
    return new BatchBuilder(table, used, spare.capacity, spare.buffers);
  }

  /** Rows that a record stands for, at most. */
  get #rowsPerRecord(): number {
    const { hours, products } = this.#program.feed;
    return Math.max(1, hours?.last ?? products.length);
  }

  /** @param rows that have come of the bytes of this series */
  #learnRowLength(rows: number): void {
    const bytes = this.#bytesDone - this.#undecoded;
    // What a range's last record has beyond its end is not counted as read.
    if (rows > 0 && bytes > 0) this.#bytesPerRow = bytes / rows;
  }

  #advance(bytes: number): void {
    this.#bytesDone += bytes;
    this.#bytesLeft = Math.max(0, this.#bytesLeft - bytes);
    const rows = this.#rowsDone + (this.#hasBuilder ? this.#rows!.builder.rows : 0);
    this.#sink!.progress(bytes, rows);
  }
}

/**
 * Room of the next batch where so many rows are expected: they are shared out evenly, and there are few sizes, so that
 * the buffers of one batch are of use to another. For the same reason the size of the batch before is kept where the
 * next one is larger and not needed: files of a feed are alike, and one that is a little longer would else have its own.
 */
function batchSize(expected: number, most: number, before: number): number {
  // Far from the end the shares are whole batches; how far that is need not be known.
  if (expected >= most * BATCH_SIZES) return most;
  const step = Math.max(1, Math.ceil(most / BATCH_SIZES));
  const rows = Math.ceil(expected * MARGIN) + 64;
  const shares = Math.ceil(rows / most);
  const size = Math.min(most, Math.ceil(rows / shares / step) * step);
  const isEnough = before > 0 && before * shares >= expected * LEAST_MARGIN;
  return isEnough && size - before === step ? before : size;
}

/** Where the last whole line ends, of those that begin before `until`; 0 when none is whole. */
function endOfLines(bytes: Uint8Array, until: number): number {
  const last = until <= bytes.length ? bytes.indexOf(LF, until - 1) : -1;
  return (last < 0 ? bytes.lastIndexOf(LF) : last) + 1;
}
