import type { FileHandle } from "node:fs/promises";
import { relative } from "node:path";
import { crc32 } from "node:zlib";
import type { RowGroup } from "hyparquet";
import { EXISTING_FILE } from "../arrow/row-batch.js";
import { countDaysOf, readIntervals } from "../dataset/count-days.js";
import { type LedgerInput, restoreLedger } from "../dataset/ledger.js";
import { type Manifest, manifestOfFile } from "../dataset/manifest.js";
import type { YearSettings } from "../dataset/year-settings.js";
import { openIfThere } from "../open-if-there.js";
import type { IntervalRows } from "../order/calendar-cuts.js";
import { ColumnFile } from "../parquet/column-file.js";
import { DAY_COUNTS_KEY, type DayCounts, parseDayCounts } from "../parquet/day-counts.js";
import { FooterIndex, type IndexedRowGroup } from "../parquet/footer-index.js";
import { moveRowGroup } from "../parquet/move-row-group.js";
import { DamagedFileError, type FooterBytes, readFooterBytes, readInto } from "../parquet/read-footer.js";
import { loadZstd } from "../parquet/zstd.js";
import { COMPRESSIONS } from "../run/options.js";
import { monthOfDay } from "../time/calendar.js";
import type { Piece } from "./pieces.js";

/** Columns whose bounds say when a row group is of. */
const [START, DATE] = ["interval_start_utc", "operating_date"];
const CODECS = { ZSTD: "zstd", SNAPPY: "snappy", UNCOMPRESSED: "none" } as const;

/** A year file that was there before the run, open to be added to. */
export class ExistingYear {
  readonly path: string;
  readonly rows: number;
  /** Size of the file. */
  readonly bytes: number;
  readonly footer: Uint8Array;
  /** Null when there is none that is of this file. */
  readonly manifest: Manifest | null;
  readonly #handle: FileHandle;
  readonly #index: FooterIndex;
  readonly #parsed = new Map<IndexedRowGroup, RowGroup>();
  readonly #bounds = new Map<IndexedRowGroup, IntervalRows>();
  /** CRC-32 of the row groups, as far as they are known. */
  readonly #checksums: (number | undefined)[];

  private constructor(
    path: string,
    handle: FileHandle,
    { bytes, fileBytes }: FooterBytes,
    manifest: Manifest | null,
  ) {
    this.path = path;
    this.#handle = handle;
    this.#index = new FooterIndex(bytes, [START, DATE]);
    this.footer = bytes;
    this.bytes = fileBytes;
    this.manifest = manifest;
    this.rows = this.#index.rows;
    this.#checksums = this.#index.rowGroups.map((_, index) => manifest?.rowGroups[index]?.[3]);
  }

  /**
   * Opens a year file.
   *
   * @returns null when there is none
   * @throws DamagedFileError when it is not whole; an error of the system when it cannot be read
   */
  static async open(out: string, path: string): Promise<ExistingYear | null> {
    const handle = await openIfThere(path);
    if (handle === null) return null;
    try {
      const footer = await readFooterBytes(handle);
      const manifest = await manifestOfFile(out, relative(out, path));
      return new ExistingYear(path, handle, footer, manifest);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** What it was written with, as far as that is known. */
  get settings(): Partial<YearSettings> {
    if (this.manifest?.settings !== undefined) return this.manifest.settings;
    const codecs = this.#rowGroups(this.#index.rowGroups).flatMap(({ columns }) =>
      columns.map(({ meta_data }) => CODECS[meta_data!.codec as keyof typeof CODECS]),
    );
    const compression = COMPRESSIONS.find((known) => codecs.includes(known));
    return compression === undefined ? {} : { compression };
  }

  /** The inputs that its rows come from; null when that is not known. */
  inputs(year: number): LedgerInput[] | null {
    return restoreLedger(this.manifest?.inputs, year);
  }

  /** Rows and intervals by day. */
  async days(): Promise<DayCounts> {
    const said = parseDayCounts(this.#index.keyValues.get(DAY_COUNTS_KEY) ?? "");
    const days = said ?? (await countDaysOf(this.#handle, this.#index.metadata(this.#index.rowGroups)));
    if (days === null) throw new DamagedFileError("footer", "it has no row");
    return days;
  }

  /**
   * Its row groups as pieces that come before all others.
   *
   * @param months of those whose intervals are read; of the others the first and the last are given alone
   */
  async pieces(months: ReadonlySet<number>): Promise<{ touched: Piece[]; others: Piece[] }> {
    if (months.size > 0) await loadZstd();
    const { rowGroups } = this.#index;
    const columns = new ColumnFile(this.#handle, this.#index.metadata([]));
    const isTouched = (rowGroup: IndexedRowGroup): boolean =>
      months.has(monthOfDay(this.#boundsOf(rowGroup).date[0]!));
    // What another program may have written is not taken over as it is.
    this.#rowGroups(this.manifest === null ? rowGroups : rowGroups.filter(isTouched));
    const pieces = { touched: [] as Piece[], others: [] as Piece[] };
    for (const [index, rowGroup] of rowGroups.entries()) {
      if (isTouched(rowGroup)) {
        const intervals = await intervalsOf(columns, this.#rowGroups([rowGroup])[0]!);
        pieces.touched.push(this.#piece(index, rowGroup, intervals));
      } else pieces.others.push(this.#piece(index, rowGroup, this.#boundsOf(rowGroup)));
    }
    return pieces;
  }

  #piece(index: number, rowGroup: IndexedRowGroup, intervals: IntervalRows): Piece {
    const { offset, length, rows } = rowGroup;
    return {
      ...{ sequence: index - this.#index.rowGroups.length, offset, length },
      // Without a manifest it is known once the bytes have been read.
      crc32: this.#checksums[index] ?? 0,
      rowGroup: this.manifest === null ? this.#rowGroupOf(rowGroup) : rowGroup,
      rows,
      incomplete: false,
      isExisting: true,
      intervals,
      sources: Int32Array.of(EXISTING_FILE, rows),
    };
  }

  /** First and last interval of a row group; they are asked for again and again. */
  #boundsOf(rowGroup: IndexedRowGroup): IntervalRows {
    const bounds = this.#bounds.get(rowGroup) ?? boundsOf(rowGroup);
    this.#bounds.set(rowGroup, bounds);
    return bounds;
  }

  /** All that the footer says of a row group of it; offsets count from the row group's first byte. */
  #rowGroupOf(rowGroup: IndexedRowGroup): RowGroup {
    return moveRowGroup(this.#rowGroups([rowGroup])[0]!, -rowGroup.offset);
  }

  /** All that the footer says of row groups; those are parsed together that have not been. */
  #rowGroups(wanted: readonly IndexedRowGroup[]): RowGroup[] {
    const missing = wanted.filter((rowGroup) => !this.#parsed.has(rowGroup));
    if (missing.length > 0) {
      const parsed = this.#index.metadata(missing).row_groups;
      for (const [i, rowGroup] of missing.entries()) this.#parsed.set(rowGroup, parsed[i]!);
    }
    return wanted.map((rowGroup) => this.#parsed.get(rowGroup)!);
  }

  /**
   * The bytes of one of its pieces, which knows its checksum from then on.
   *
   * @throws DamagedFileError when they are not those that were written
   */
  async read(piece: Piece): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.readRowGroup(this.#indexOf(piece), new Uint8Array(piece.length));
    piece.crc32 = this.checksumOf(piece);
    return bytes;
  }

  /**
   * Reads a row group.
   *
   * @param into as long as it is
   * @returns `into`
   * @throws DamagedFileError when the bytes are not those that were written
   */
  async readRowGroup(index: number, into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await readInto(this.#handle, this.#index.rowGroups[index]!.offset, into);
    const checksum = crc32(bytes);
    this.#checksums[index] ??= checksum;
    if (checksum !== this.#checksums[index])
      throw new DamagedFileError("footer", `row group ${index} is not what was written`);
    return bytes;
  }

  /** CRC-32 of one of its pieces that has been read. */
  checksumOf(piece: Piece): number {
    return this.#checksums[this.#indexOf(piece)]!;
  }

  #indexOf({ sequence }: Piece): number {
    return sequence + this.#index.rowGroups.length;
  }

  /** Where a row group lies, and the start of its last interval in epoch milliseconds; null when there are no more. */
  placeOf(index: number): { offset: number; length: number; lastStart: number } | null {
    const rowGroup = this.#index.rowGroups[index];
    if (rowGroup === undefined) return null;
    const { offset, length } = rowGroup;
    return { offset, length, lastStart: this.#boundsOf(rowGroup).start[1]! };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

async function intervalsOf(columns: ColumnFile, rowGroup: RowGroup): Promise<IntervalRows> {
  const { start, date, rows } = await readIntervals(columns, rowGroup);
  return {
    start: Float64Array.from(start, (micros) => micros / 1000),
    date: Int32Array.from(date),
    rows: Int32Array.from(rows),
  };
}

/** First and last interval of a row group, by its statistics. */
function boundsOf({ bounds, rows }: IndexedRowGroup): IntervalRows {
  const of = <T>(name: string, length: number, read: (value: DataView) => T): [T, T] => {
    const { min, max } = bounds.get(name) ?? {};
    if (min?.length !== length || max?.length !== length)
      throw new DamagedFileError("footer", `a row group has no statistics of ${name}`);
    const value = (of: Uint8Array): T => read(new DataView(of.buffer, of.byteOffset, length));
    return [value(min), value(max)];
  };
  return {
    start: Float64Array.from(of(START, 8, (value) => Number(value.getBigInt64(0, true)) / 1000)),
    date: Int32Array.from(of(DATE, 4, (value) => value.getInt32(0, true))),
    rows: Int32Array.of(rows, 0),
  };
}
