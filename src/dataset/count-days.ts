import type { FileHandle } from "node:fs/promises";
import type { FileMetaData, RowGroup } from "hyparquet";
import { ColumnFile } from "../parquet/column-file.js";
import { countDays, type DatedIntervals, type DayCounts } from "../parquet/day-counts.js";
import type { CodedChunk } from "../parquet/read-column.js";
import { DamagedFileError } from "../parquet/read-footer.js";
import { loadZstd } from "../parquet/zstd.js";

/**
 * Counts rows and intervals by day from the columns of times, for files that do not say it themselves.
 *
 * @returns null when there are no rows
 * @throws DamagedFileError when the columns cannot be read
 */
export async function countDaysOf(handle: FileHandle, metadata: FileMetaData): Promise<DayCounts | null> {
  await loadZstd();
  const columns = new ColumnFile(handle, metadata);
  const pieces: DatedIntervals[] = [];
  try {
    for (const rowGroup of metadata.row_groups) {
      pieces.push(await readIntervals(columns, rowGroup));
    }
  } catch (error) {
    if (error instanceof DamagedFileError) throw error;
    throw new DamagedFileError("footer", `its days cannot be counted: ${(error as Error).message}`);
  }
  return countDays(pieces);
}

/** Rows of a row group by interval, of a file whose codec is loaded; times in microseconds. */
export async function readIntervals(columns: ColumnFile, rowGroup: RowGroup): Promise<DatedIntervals> {
  const [start, date] = [
    await columns.read(rowGroup, "interval_start_utc"),
    await columns.read(rowGroup, "operating_date"),
  ];
  return intervalsOf(start, date);
}

/** Length that the first run of codes is thought to have. */
const FIRST_GUESS = 1024;

/**
 * Where a run of equal codes ends that begins at `first`. Codes are all equal where they are the same bytes as those one
 * place before them, which is found out for many at a time.
 *
 * @param bytes of the codes
 * @param guess how long the run may be: the intervals of a row group have about as many rows each
 */
function runEnd(codes: Int32Array, bytes: Buffer, first: number, guess: number): number {
  const width = codes.BYTES_PER_ELEMENT;
  let end = first + 1;
  let step = Math.max(1, guess - 1);
  while (end < codes.length && codes[end] === codes[first]) {
    const [from, to] = [end * width, (end + step) * width];
    const isRun = to <= bytes.length && bytes.compare(bytes, from - width, to - width, from, to) === 0;
    if (isRun) end += step;
    else step = Math.max(1, step >> 1);
  }
  return end;
}

/** Runs of rows of one interval. */
function intervalsOf(start: CodedChunk, date: CodedChunk): DatedIntervals {
  const runs = { start: [] as number[], date: [] as number[], rows: [] as number[] };
  const { codes } = start;
  const bytes = Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength);
  for (let first = 0; first < codes.length; ) {
    const end = runEnd(codes, bytes, first, runs.rows.at(-1) ?? FIRST_GUESS);
    runs.start.push(start.values[codes[first]!] as number);
    runs.date.push(date.values[date.codes[first]!] as number);
    runs.rows.push(end - first);
    first = end;
  }
  return runs;
}
