import { type FileCounts, NO_COUNTS } from "../csv/file-decoder.js";
import type { FileRange } from "../plan/file-ranges.js";
import type { RowAccount } from "../run/options.js";
import type { YearRows } from "./year-rows.js";

/** What becomes of a range's rows. */
export type RangeFate =
  | "take"
  /** The file failed before it, or has no record that begins in it. */
  | "drop"
  /** It was decoded from where no record begins: a line break lies in quotes. It must be decoded from where one does. */
  | "again";

/** A {@link FileReading} as a journal keeps it. */
export interface FileReadingState extends Pick<FileReading, "counts" | "failed" | "line" | "next"> {
  died: boolean;
}

/** How far a file has been read: as a whole, or range by range in the order of the file. */
export class FileReading {
  /** What has been read of it; null before the end of it or of its first range. */
  counts: FileCounts | null = null;
  /** Whether it could not be read to its end: of what follows nothing counts. */
  failed = false;
  /** Line number of the first record of the range in hand, where its lines are counted from there. */
  line = 0;
  /** Byte at which the next range's first record begins; null before the first range. */
  next: number | null = null;
  #died = false;

  static restore({ died, ...state }: FileReadingState): FileReading {
    const reading = Object.assign(new FileReading(), state);
    reading.#died = died;
    return reading;
  }

  save(): FileReadingState {
    const { counts, failed, line, next } = this;
    return { counts, failed, line, next, died: this.#died };
  }

  /**
   * The first range begins with a record. One that begins where the range before it ends does so, too: whatever
   * quotes a file has, no record is read as what it is not.
   *
   * @param begins where the range's first record was found, null before that is told
   */
  fateOf(range: FileRange, begins: number | null): RangeFate {
    if (this.failed || (this.next !== null && this.next >= range.to)) return "drop";
    return begins === null || this.next === null || begins === this.next ? "take" : "again";
  }

  endRange(at: number, line: number): void {
    this.next = at;
    this.line += line;
  }

  add(counts: FileCounts): void {
    const sum = { ...(this.counts ?? NO_COUNTS) };
    for (const key of Object.keys(sum) as (keyof FileCounts)[]) sum[key] += counts[key];
    this.counts = sum;
  }

  /** The thread that read it has died. */
  die(): void {
    this.failed = true;
    this.#died = true;
  }

  /** What it held, when the years have accepted so many of its rows; null when it was never reached. */
  countsGiven(accepted: number): FileCounts | null {
    if (!this.#died) return this.counts;
    if (this.counts === null && accepted === 0) return null;
    // What the thread made of the rest is known only as far as it had come.
    const { skipped, rejected, filtered } = this.counts ?? NO_COUNTS;
    const rows = accepted + rejected + filtered;
    return { records: rows + skipped, skipped, rows, rejected, filtered };
  }
}

/**
 * How the rows of a file ended: each number was counted where it happened. Null for a file never reached.
 *
 * @param years all year files of the job
 * @param failed those of them that were not published
 * @param joined whether the file's records hold one component each
 */
export function accountOf(
  file: number,
  reading: FileReading,
  years: readonly YearRows[],
  failed: readonly YearRows[],
  joined: boolean,
): RowAccount | null {
  const published = years.filter((year) => !failed.includes(year));
  const sum = (of: (year: YearRows) => Map<number, number>, among: readonly YearRows[]) =>
    among.reduce((total, year) => total + (of(year).get(file) ?? 0), 0);
  const counts = reading.countsGiven(sum((year) => year.accepted, years));
  if (counts === null) return null;
  const account = {
    recordsRead: counts.records,
    recordsSkipped: counts.skipped,
    rowsRead: counts.rows,
    rowsWritten: sum((year) => year.written, published),
    rowsRejected: counts.rejected,
    rowsDeduplicated: sum((year) => year.dropped, published),
    rowsFiltered: counts.filtered,
    rowsFailed: 0,
  };
  if (failed.length === 0) return account;
  // Of joined feeds the rows taken are components: what they stand for is what is left of the rows read.
  const { rowsRead, rowsWritten, rowsRejected, rowsDeduplicated, rowsFiltered } = account;
  const rest = rowsRead - rowsWritten - rowsRejected - rowsDeduplicated - rowsFiltered;
  return { ...account, rowsFailed: joined ? rest : sum((year) => year.accepted, failed) };
}
