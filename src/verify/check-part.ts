import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { RowGroup } from "hyparquet";
import { TABLES, type TableName } from "../arrow/tables.js";
import { describeError } from "../errors.js";
import { chunkSpan, rowGroupSpan } from "../parquet/chunk-bytes.js";
import { type CodedChunk, ColumnReader } from "../parquet/read-column.js";
import { readBytes } from "../parquet/read-footer.js";
import { schemaOf } from "../parquet/table-schema.js";
import { loadZstd } from "../parquet/zstd.js";
import { isoDate } from "../time/calendar.js";
import { MarketClock } from "../time/market-clock.js";
import { IntervalChecker, type IntervalLength, numberAt } from "./check-intervals.js";
import { KeyChecker, type SeenKeys } from "./check-keys.js";
import { statisticsProblem } from "./check-statistics.js";
import { checkComponents, checkNumbers, componentTolerance } from "./check-values.js";
import { FindingList, type FoundInFile, type Place } from "./checks.js";

/** Row groups of a year file that follow each other: the work of one thread at a time. */
export interface PartTask {
  /** Of the file. */
  path: string;
  /** As findings name it. */
  file: string;
  table: TableName;
  iso: string;
  year: number;
  timeZone: string;
  rowGroups: readonly RowGroup[];
  /** Number of the first of them in the file. */
  firstRowGroup: number;
}

/** What a part of a file holds, as far as the parts around it must know. */
export interface PartResult extends FoundInFile {
  rows: number;
  /** Whether some row groups could not be read. */
  isDamaged: boolean;
  /** CRC-32 of each row group's bytes; null where they could not be read. */
  checksums: (number | null)[];
  /** Intervals in the order of the rows: epoch milliseconds, days since 1970-01-01, rows. */
  start: Float64Array;
  date: Int32Array;
  rowsOf: Int32Array;
  lengths: IntervalLength[];
  /** By numbers of the intervals above. */
  seen: SeenKeys;
}

/** Reads row groups back and checks every row of them. */
export async function checkPart(task: PartTask): Promise<PartResult> {
  const findings = new FindingList(task.file);
  const checker = new PartChecker(task, findings);
  try {
    await loadZstd();
    const handle = await open(task.path, "r");
    try {
      for (const [index, rowGroup] of task.rowGroups.entries())
        await checker.check(handle, rowGroup, task.firstRowGroup + index);
    } finally {
      await handle.close();
    }
  } catch (error) {
    checker.isDamaged = true;
    findings.add("unreadable", describeError(error));
  }
  return { ...checker.result(), ...findings.result() };
}

class PartChecker {
  isDamaged = false;
  #rows = 0;
  readonly #task: PartTask;
  readonly #findings: FindingList;
  readonly #readers: ColumnReader[];
  readonly #intervals: IntervalChecker;
  readonly #keys: KeyChecker;
  readonly #checksums: (number | null)[] = [];

  constructor(task: PartTask, findings: FindingList) {
    this.#task = task;
    this.#findings = findings;
    this.#readers = schemaOf(TABLES[task.table])
      .slice(1)
      .map((element) => new ColumnReader(element));
    this.#intervals = new IntervalChecker(new MarketClock(task.timeZone), task.year, findings);
    this.#keys = new KeyChecker(findings);
  }

  async check(handle: FileHandle, rowGroup: RowGroup, number: number): Promise<void> {
    const { from, to } = rowGroupSpan(rowGroup);
    const bytes = await readBytes(handle, from, to - from);
    this.#checksums.push(crc32(bytes));
    const columns = this.#readColumns(rowGroup, bytes, from, number);
    if (columns === null) {
      this.isDamaged = true;
      return;
    }
    this.#checkRows(columns, Number(rowGroup.num_rows), number);
  }

  #readColumns(
    rowGroup: RowGroup,
    bytes: Uint8Array,
    start: number,
    number: number,
  ): Map<string, CodedChunk> | null {
    const rows = Number(rowGroup.num_rows);
    const columns = new Map<string, CodedChunk>();
    for (const [index, { meta_data }] of rowGroup.columns.entries()) {
      const name = meta_data!.path_in_schema.join(".");
      const { from, to } = chunkSpan(meta_data!);
      try {
        const chunk = this.#readers[index]!.read(meta_data!, bytes.subarray(from - start, to - start), rows);
        columns.set(name, chunk);
        const problem = statisticsProblem(meta_data!, chunk);
        if (problem !== null) this.#findings.add("statistics", problem, { rowGroup: number });
      } catch (error) {
        this.#findings.add("page", `${name}: ${(error as Error).message}`, { rowGroup: number });
        return null;
      }
    }
    return columns;
  }

  #checkRows(columns: ReadonlyMap<string, CodedChunk>, rows: number, rowGroup: number): void {
    const table = TABLES[this.#task.table];
    const column = (name: string): CodedChunk => columns.get(name)!;
    const date = column("operating_date");
    const name = column(table.key[0]!);
    const placeOf = (row: number): Place => ({
      rowGroup,
      day: isoDate(numberAt(date, row)),
      location: name.values[name.codes[row]!] as string,
    });
    this.#rows += rows;
    const { list } = this.#intervals;
    const first = list.start.length;
    const runEnds = this.#intervals.check(
      {
        ...{ start: column("interval_start_utc"), end: column("interval_end_utc") },
        ...{ date, hour: column("hour_ending") },
      },
      rowGroup,
    );
    const startOf = (interval: number): number => list.start[interval]!;
    this.#keys.check(table.key.map(column), runEnds, first, startOf, placeOf);
    checkNumbers(table, columns, placeOf, this.#findings);
    checkComponents(columns, componentTolerance(this.#task.iso), placeOf, this.#findings);
  }

  result(): Omit<PartResult, keyof FoundInFile> {
    const { list, lengths } = this.#intervals;
    return {
      rows: this.#rows,
      isDamaged: this.isDamaged,
      checksums: this.#checksums,
      start: Float64Array.from(list.start),
      date: Int32Array.from(list.date),
      rowsOf: Int32Array.from(list.rows),
      lengths: [...lengths.values()],
      seen: this.#keys.seen(),
    };
  }
}
