import type { FileHandle } from "node:fs/promises";
import type { FileMetaData } from "hyparquet";
import type { TableDefinition } from "../arrow/tables.js";
import { chunkSpan, rowGroupSpan } from "../parquet/chunk-bytes.js";
import { type CodedChunk, ColumnReader } from "../parquet/read-column.js";
import { readBytes } from "../parquet/read-footer.js";
import { schemaOf } from "../parquet/table-schema.js";
import { compareKeys } from "./check-keys.js";

export type CellValue = string | number | null;

/** Goes through the rows of a year file in their order, with one row group in memory. */
export class RowCursor {
  /** Names of the columns, in the table's order. */
  readonly columns: readonly string[];
  readonly #handle: FileHandle;
  readonly #metadata: FileMetaData;
  readonly #readers: ColumnReader[];
  readonly #key: readonly number[];
  #chunks: CodedChunk[] = [];
  #group = -1;
  #row = 0;
  #rows = 0;

  constructor(handle: FileHandle, metadata: FileMetaData, table: TableDefinition) {
    this.#handle = handle;
    this.#metadata = metadata;
    const elements = schemaOf(table).slice(1);
    this.columns = elements.map(({ name }) => name);
    this.#readers = elements.map((element) => new ColumnReader(element));
    this.#key = ["interval_start_utc", ...table.key].map((name) => this.columns.indexOf(name));
  }

  /**
   * Goes to the next row; false behind the last one.
   *
   * @throws Error when a row group cannot be read
   */
  async next(): Promise<boolean> {
    this.#row++;
    while (this.#row >= this.#rows) {
      const rowGroup = this.#metadata.row_groups[++this.#group];
      if (rowGroup === undefined) return false;
      const { from, to } = rowGroupSpan(rowGroup);
      const bytes = await readBytes(this.#handle, from, to - from);
      this.#rows = Number(rowGroup.num_rows);
      this.#row = 0;
      this.#chunks = rowGroup.columns.map(({ meta_data }, index) => {
        const span = chunkSpan(meta_data!);
        return this.#readers[index]!.read(
          meta_data!,
          bytes.subarray(span.from - from, span.to - from),
          this.#rows,
        );
      });
    }
    return true;
  }

  /** Value of a column in the row. */
  value(column: number): CellValue {
    const { codes, values } = this.#chunks[column]!;
    const code = codes[this.#row]!;
    return code < 0 ? null : values[code]!;
  }

  valueOf(name: string): CellValue {
    return this.value(this.columns.indexOf(name));
  }

  /** Which of two rows of year files comes first: negative, zero, positive. */
  compare(other: RowCursor): number {
    const own = this.#key.map((column) => this.value(column));
    return compareKeys(
      own,
      other.#key.map((column) => other.value(column)),
    );
  }
}
