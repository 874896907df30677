import type { FileHandle } from "node:fs/promises";
import type { FileMetaData, RowGroup } from "hyparquet";
import { ColumnFile } from "../parquet/column-file.js";
import { countDays, type DatedIntervals, type DayCounts } from "../parquet/day-counts.js";
import { loadZstd } from "../parquet/page-codec.js";
import type { CodedChunk } from "../parquet/read-column.js";
import { DamagedFileError } from "../parquet/read-footer.js";

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

/** Runs of rows of one interval. */
function intervalsOf(start: CodedChunk, date: CodedChunk): DatedIntervals {
  const runs = { start: [] as number[], date: [] as number[], rows: [] as number[] };
  for (let row = 0, first = 0; row <= start.codes.length; row++) {
    if (row < start.codes.length && start.codes[row] === start.codes[first]) continue;
    runs.start.push(start.values[start.codes[first]!] as number);
    runs.date.push(date.values[date.codes[first]!] as number);
    runs.rows.push(row - first);
    first = row;
  }
  return runs;
}
