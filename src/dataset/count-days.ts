import type { FileHandle } from "node:fs/promises";
import type { FileMetaData, RowGroup } from "hyparquet";
import { chunkSpan } from "../parquet/chunk-bytes.js";
import { countDays, type DatedIntervals, type DayCounts } from "../parquet/day-counts.js";
import { loadZstd } from "../parquet/page-codec.js";
import { type CodedChunk, ColumnReader } from "../parquet/read-column.js";
import { DamagedFileError, readBytes } from "../parquet/read-footer.js";

/**
 * Counts rows and intervals by day from the columns of times, for files that do not say it themselves.
 *
 * @returns null when there are no rows
 * @throws DamagedFileError when the columns cannot be read
 */
export async function countDaysOf(handle: FileHandle, metadata: FileMetaData): Promise<DayCounts | null> {
  await loadZstd();
  const pieces: DatedIntervals[] = [];
  try {
    for (const rowGroup of metadata.row_groups) {
      const [start, date] = [
        await readColumn(handle, metadata, rowGroup, "interval_start_utc"),
        await readColumn(handle, metadata, rowGroup, "operating_date"),
      ];
      pieces.push(intervalsOf(start, date));
    }
  } catch (error) {
    if (error instanceof DamagedFileError) throw error;
    throw new DamagedFileError("footer", `its days cannot be counted: ${(error as Error).message}`);
  }
  return countDays(pieces);
}

async function readColumn(
  handle: FileHandle,
  { schema }: FileMetaData,
  { columns, num_rows }: RowGroup,
  name: string,
): Promise<CodedChunk> {
  const element = schema.find((each) => each.name === name);
  const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join() === name)?.meta_data;
  if (element === undefined || chunk === undefined) throw new Error(`it has no column ${name}`);
  const { from, to } = chunkSpan(chunk);
  return new ColumnReader(element).read(chunk, await readBytes(handle, from, to - from), Number(num_rows));
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
