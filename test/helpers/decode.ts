import type { RowBatch } from "../../src/arrow/row-batch.js";
import type { ByteSource } from "../../src/csv/byte-source.js";
import { compileProgram } from "../../src/csv/decode-program.js";
import { type FileCounts, FileDecoder, type RejectedRecord } from "../../src/csv/file-decoder.js";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import { type Row, rowsOf } from "./rows.js";

/** A source that gives as many bytes at a time as `sizes` says (at least one, at most what is asked for). */
export function sourceOf(bytes: Uint8Array, sizes: () => number = () => bytes.length): ByteSource {
  let position = 0;
  return {
    async read(buffer, offset, length) {
      const count = Math.min(Math.max(1, sizes()), length, bytes.length - position);
      buffer.set(bytes.subarray(position, position + count), offset);
      position += count;
      return count;
    },
    async close() {},
  };
}

/** What came of some files. */
export interface Decoded {
  counts: FileCounts[];
  /** In order of time; rows of one interval in the order of the files. */
  rows: Row[];
  rejects: (RejectedRecord & { file: number })[];
  batchRows: number[];
  /** Bytes reported as read. */
  bytes: number;
}

export interface DecodeSettings {
  chunkSize?: number;
  readSize?: number;
  years?: readonly number[] | null;
  firstLine?: number;
}

export function decoderOf(
  feed: FeedDefinition,
  header: readonly string[],
  settings: DecodeSettings = {},
): FileDecoder {
  const { chunkSize = 1000, readSize = 4096, years = null } = settings;
  return new FileDecoder(compileProgram(feed, header), { chunkSize, readSize, years, owner: "test" });
}

/**
 * Decodes files one after the other, as one task does.
 *
 * @param day operating day that stands above the records of files that have none of their own
 */
export async function decodeFiles(
  decoder: FileDecoder,
  files: readonly { bytes: Uint8Array; sizes?: () => number; day?: number | null }[],
  firstLine = 2,
  day: number | null = null,
): Promise<Decoded> {
  const batches: RowBatch[] = [];
  const rejects: Decoded["rejects"] = [];
  const counts: FileCounts[] = [];
  let bytes = 0;
  const sink = {
    admit: async (capacity: number) => ({ capacity, buffers: [] }),
    batch: (batch: RowBatch) => void batches.push(batch),
    reject: (file: number, record: RejectedRecord) => void rejects.push({ file, ...record }),
    progress: (count: number) => {
      bytes += count;
    },
  };
  decoder.begin(
    sink,
    files.reduce((sum, file) => sum + file.bytes.length, 0),
  );
  for (const [fileIndex, file] of files.entries()) {
    const start = { fileIndex, line: firstLine, day: file.day ?? day };
    counts.push(await decoder.decode(sourceOf(file.bytes, file.sizes), start));
  }
  decoder.finish();
  const rows = batches.flatMap(rowsOf).sort((a, b) => a.start - b.start);
  return { counts, rows, rejects, batchRows: batches.map((batch) => batch.rows), bytes };
}
