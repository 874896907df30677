import type { FileHandle } from "node:fs/promises";
import type { FileMetaData, RowGroup } from "hyparquet";
import { chunkSpan } from "./chunk-bytes.js";
import { type CodedChunk, ColumnReader } from "./read-column.js";
import { readBytes } from "./read-footer.js";

/** The columns of an open Parquet file, a row group at a time; of zstd once it is loaded. */
export class ColumnFile {
  readonly #handle: FileHandle;
  readonly #metadata: FileMetaData;
  readonly #readers = new Map<string, ColumnReader>();

  constructor(handle: FileHandle, metadata: FileMetaData) {
    this.#handle = handle;
    this.#metadata = metadata;
  }

  /** @throws Error when there is no such column, or it cannot be read */
  async read({ columns, num_rows }: RowGroup, name: string): Promise<CodedChunk> {
    const element = this.#metadata.schema.find((each) => each.name === name);
    const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join() === name)?.meta_data;
    if (element === undefined || chunk === undefined) throw new Error(`it has no column ${name}`);
    const reader = this.#readers.get(name) ?? new ColumnReader(element);
    this.#readers.set(name, reader);
    const { from, to } = chunkSpan(chunk);
    return reader.read(chunk, await readBytes(this.#handle, from, to - from), Number(num_rows));
  }
}
