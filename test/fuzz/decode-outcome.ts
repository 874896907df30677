import assert from "node:assert/strict";
import type { RowBatch } from "../../src/arrow/row-batch.js";
import { TABLES } from "../../src/arrow/tables.js";
import {
  type FileCounts,
  type FileDecoder,
  NO_COUNTS,
  type RejectedRecord,
  TrailerMismatch,
} from "../../src/csv/file-decoder.js";
import type { RecognisedFile } from "../../src/feeds/recognise.js";
import type { FileRange } from "../../src/plan/file-ranges.js";
import { FileReading } from "../../src/write/file-reading.js";
import { sourceOf } from "../helpers/decode.js";
import { type Row, rowsOf } from "../helpers/rows.js";

const LF = 10;

/** What came of a file, in a form that does not depend on how its rows were cut into batches. */
export interface Outcome {
  counts: FileCounts;
  rows: Row[];
  rejects: RejectedRecord[];
  /** What was wrong with the file as a whole. */
  failure: string | null;
}

/** Decodes a file's records as one, `sizes` bytes at a time. */
export async function decodeWhole(
  decoder: FileDecoder,
  file: RecognisedFile,
  bytes: Buffer,
  sizes?: () => number,
): Promise<Outcome> {
  const outcome: Outcome = { counts: { ...NO_COUNTS }, rows: [], rejects: [], failure: null };
  const data = bytes.subarray(file.dataStart);
  const start = { line: file.firstLine, day: file.day };
  const { counts, failure } = await decodePart(decoder, data, start, outcome, sizes);
  return { ...outcome, counts, failure };
}

/** Decodes a file range by range, as the decode tasks and the writer do it between them. */
export async function decodeRanges(
  decoder: FileDecoder,
  file: RecognisedFile,
  bytes: Buffer,
  ranges: readonly FileRange[],
): Promise<Outcome> {
  const outcome: Outcome = { counts: { ...NO_COUNTS }, rows: [], rejects: [], failure: null };
  const reading = new FileReading();
  for (const range of ranges) {
    if (reading.fateOf(range, null) === "drop") continue;
    const isFirst = range.from === file.dataStart;
    const found = isFirst ? range.from : bytes.indexOf(LF, range.from - 1) + 1 || bytes.length;
    const fate = reading.fateOf(range, found);
    if (fate === "drop") continue;
    const at = fate === "again" ? reading.next! : found;
    const part: Outcome = { ...outcome, rejects: [] };
    let readTo = { bytes: 0, line: 0 };
    if (at < range.to) {
      const start = { line: isFirst ? file.firstLine : 0, day: file.day, until: range.to - at };
      reading.add((await decodePart(decoder, bytes.subarray(at), start, part)).counts);
      readTo = decoder.readTo;
    }
    outcome.rejects.push(...part.rejects.map((reject) => ({ ...reject, line: reject.line + reading.line })));
    reading.endRange(at + readTo.bytes, readTo.line);
  }
  assert.equal(reading.next, bytes.length, "the last range ends where the file does");
  return { ...outcome, counts: reading.counts ?? outcome.counts };
}

async function decodePart(
  decoder: FileDecoder,
  data: Buffer,
  start: { line: number; day: number | null; until?: number },
  into: Pick<Outcome, "rows" | "rejects">,
  sizes?: () => number,
): Promise<{ counts: FileCounts; failure: string | null }> {
  const batches: RowBatch[] = [];
  const sink = {
    admit: async (capacity: number) => ({ capacity, buffers: [] }),
    batch: (batch: RowBatch) => void batches.push(batch),
    reject: (_: number, record: RejectedRecord) => void into.rejects.push(record),
    progress: () => {},
  };
  decoder.begin(sink, data.length);
  let failure: string | null = null;
  let counts: FileCounts;
  try {
    counts = await decoder.decode(sourceOf(data, sizes), { fileIndex: 0, ...start });
  } catch (error) {
    if (!(error instanceof TrailerMismatch)) throw error;
    ({ counts, message: failure } = error);
  }
  decoder.finish();
  for (const batch of batches) into.rows.push(...rowsOf(batch));
  return { counts, failure };
}

/**
 * The outcome as text that is the same for the same rows, whatever their order; -0 is not 0. Components of a price may
 * come in one row or in several: each is spelled for itself.
 */
export function spelled(
  { feed }: RecognisedFile,
  { counts, rows, rejects, failure }: Outcome,
): { counts: FileCounts; failure: string | null; rejects: RejectedRecord[]; rows: string[] } {
  const parts = feed.components === null ? rows : rows.flatMap(componentsOf);
  const texts = parts.map((row) =>
    JSON.stringify(row, (_, value) => (Object.is(value, -0) ? "-0" : (value as unknown))),
  );
  return { counts, failure, rejects, rows: texts.sort() };
}

function componentsOf(row: Row): Row[] {
  const given = row.measures.flatMap((value, place) => (value === null ? [] : place));
  return given.map((place) => ({
    ...row,
    measures: row.measures.map((value, other) => (other === place ? value : null)),
  }));
}

/** Every row that was read is one of the output, or rejected, or filtered. */
export function checkAccount({ feed }: RecognisedFile, { counts, rows, rejects }: Outcome): void {
  const total = TABLES[feed.table].measures.findIndex(({ required }) => required);
  // Of the components of a price only the total stands for a row.
  const taken = rows.filter(({ measures }) => measures[total] !== null).length;
  assert.equal(counts.rows, taken + counts.rejected + counts.filtered, "rows read and rows accounted for");
  if (feed.components === null) assert.equal(taken, rows.length, "rows without a price");
  const width = Math.max(1, feed.hours?.last ?? 0);
  assert.equal(counts.rejected === 0, rejects.length === 0, "rejects are counted");
  assert.ok(counts.rejected >= rejects.length && counts.rows <= counts.records * Math.max(width, 50));
}
