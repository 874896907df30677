import type { FileHandle } from "node:fs/promises";
import { relative } from "node:path";
import { crc32 } from "node:zlib";
import type { FileMetaData, RowGroup } from "hyparquet";
import { EXISTING_FILE } from "../arrow/row-batch.js";
import { countDaysOf, readIntervals } from "../dataset/count-days.js";
import { type LedgerInput, restoreLedger } from "../dataset/ledger.js";
import { type Manifest, manifestOfFile } from "../dataset/manifest.js";
import type { YearSettings } from "../dataset/year-settings.js";
import { openIfThere } from "../open-if-there.js";
import { rowGroupSpan } from "../parquet/chunk-bytes.js";
import { ColumnFile } from "../parquet/column-file.js";
import { DAY_COUNTS_KEY, type DayCounts, parseDayCounts } from "../parquet/day-counts.js";
import { moveRowGroup } from "../parquet/move-row-group.js";
import { loadZstd } from "../parquet/page-codec.js";
import { AS_WRITTEN, DamagedFileError, keyValues, readBytes, readFooter } from "../parquet/read-footer.js";
import { COMPRESSIONS } from "../run/options.js";
import type { IntervalRows } from "../run/protocol.js";
import { monthOfDay } from "../time/calendar.js";
import type { Piece } from "./pieces.js";

const DAY_MS = 86_400_000;
const CODECS = { ZSTD: "zstd", SNAPPY: "snappy", UNCOMPRESSED: "none" } as const;

/** A year file that was there before the run, open to be added to. */
export class ExistingYear {
  readonly path: string;
  readonly rows: number;
  readonly footer: Uint8Array;
  /** Null when there is none that is of this file. */
  readonly manifest: Manifest | null;
  readonly #handle: FileHandle;
  readonly #metadata: FileMetaData;
  /** CRC-32 of the row groups, as far as they are known. */
  readonly #checksums: (number | undefined)[];

  private constructor(
    path: string,
    handle: FileHandle,
    metadata: FileMetaData,
    footer: Uint8Array,
    manifest: Manifest | null,
  ) {
    this.path = path;
    this.#handle = handle;
    this.#metadata = metadata;
    this.footer = footer;
    this.manifest = manifest;
    this.rows = Number(metadata.num_rows);
    this.#checksums = metadata.row_groups.map((_, index) => manifest?.rowGroups[index]?.[3]);
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
      const { metadata, bytes } = await readFooter(handle, AS_WRITTEN);
      const manifest = await manifestOfFile(out, relative(out, path));
      return new ExistingYear(path, handle, metadata, bytes, manifest);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** What it was written with, as far as that is known. */
  get settings(): Partial<YearSettings> {
    if (this.manifest?.settings !== undefined) return this.manifest.settings;
    const codecs = this.#metadata.row_groups.flatMap(({ columns }) =>
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
    const said = parseDayCounts(keyValues(this.#metadata).get(DAY_COUNTS_KEY) ?? "");
    const days = said ?? (await countDaysOf(this.#handle, this.#metadata));
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
    const columns = new ColumnFile(this.#handle, this.#metadata);
    const pieces = { touched: [] as Piece[], others: [] as Piece[] };
    for (const [index, rowGroup] of this.#metadata.row_groups.entries()) {
      const bounds = boundsOf(rowGroup);
      const isTouched = months.has(monthOfDay(bounds.date[0]!));
      const intervals = isTouched ? await intervalsOf(columns, rowGroup) : bounds;
      pieces[isTouched ? "touched" : "others"].push(this.#piece(index, rowGroup, intervals));
    }
    return pieces;
  }

  #piece(index: number, rowGroup: RowGroup, intervals: IntervalRows): Piece {
    const { from, to } = rowGroupSpan(rowGroup);
    const rows = Number(rowGroup.num_rows);
    return {
      sequence: index - this.#metadata.row_groups.length,
      offset: from,
      length: to - from,
      // Without a manifest it is known once the bytes have been read.
      crc32: this.#checksums[index] ?? 0,
      rowGroup: moveRowGroup(rowGroup, -from),
      rows,
      incomplete: false,
      isExisting: true,
      intervals,
      sources: Int32Array.of(EXISTING_FILE, rows),
    };
  }

  /**
   * The bytes of one of its pieces, which knows its checksum from then on.
   *
   * @throws DamagedFileError when they are not those that were written
   */
  async read(piece: Piece): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await readBytes(this.#handle, piece.offset, piece.length);
    const index = piece.sequence + this.#metadata.row_groups.length;
    const checksum = crc32(bytes);
    this.#checksums[index] ??= checksum;
    if (checksum !== this.#checksums[index])
      throw new DamagedFileError("footer", `row group ${index} is not what was written`);
    piece.crc32 = checksum;
    return bytes;
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
function boundsOf({ columns, num_rows }: RowGroup): IntervalRows {
  const of = (name: string): [number, number] => {
    const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join() === name);
    const { min_value: low, max_value: high } = chunk?.meta_data?.statistics ?? {};
    if (!(low instanceof Date) || !(high instanceof Date))
      throw new DamagedFileError("footer", `a row group has no statistics of ${name}`);
    return [low.getTime(), high.getTime()];
  };
  return {
    start: Float64Array.from(of("interval_start_utc")),
    date: Int32Array.from(of("operating_date"), (time) => time / DAY_MS),
    rows: Int32Array.of(Number(num_rows), 0),
  };
}
