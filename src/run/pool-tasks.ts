import { threadId } from "node:worker_threads";
import { crc32 } from "node:zlib";
import {
  allMeasures,
  entityTable,
  type MeasureValues,
  type RowBatch,
  type Segment,
  type SpareBuffers,
  spareBuffers,
  sumSources,
  transferList,
} from "../arrow/row-batch.js";
import { TABLES, type TableDefinition } from "../arrow/tables.js";
import { setValid, validityBit } from "../arrow/validity.js";
import { type Joining, type SortedRows, sortRows } from "../order/sort-rows.js";
import { readSpilled, spillRows } from "../order/spilled-rows.js";
import { type EncodedRowGroup, encodeRowGroup } from "../parquet/encode-row-group.js";
import { readRowGroup } from "../parquet/read-row-group.js";
import { rowGroupEntry } from "../parquet/row-group-entry.js";
import { schemaOf } from "../parquet/table-schema.js";
import { loadZstd } from "../parquet/zstd.js";
import { Scratch } from "../wasm/scratch.js";
import type { BatchResult, EncodeResult, PoolResult, PoolTask, SpillResult, StoredRows } from "./protocol.js";

let tables = 0;

/** Runs a task that the writer asked for; `transfer` lists the buffers to hand over with the result. */
export async function runPoolTask(task: PoolTask): Promise<{ result: PoolResult; transfer: ArrayBuffer[] }> {
  const table = TABLES[task.table];
  if (task.name === "spill") return spill(task.segments);
  if (task.name === "read") {
    if ("spilled" in task.piece) return merged("read", table, readSegments(table, task.piece), null);
    await loadZstd();
    const batch = readRows(table, task.piece);
    return {
      result: { name: "read", batch, dropped: [], replaced: [], orphans: [] },
      transfer: transferList(batch),
    };
  }
  if (task.name === "merge") return merged("merge", table, task.segments, task.joining);
  if (task.name === "combine") return combine(table, task);
  const scratch = Scratch.take(task.segments.reduce((rows, { from, to }) => rows + to - from, 0));
  try {
    const sorted = sortRows(table, task.segments, task.joining, scratch);
    const encoded = await encodeSorted(task, sorted, scratch);
    // The rows were in the scratch memory from the sort on.
    const result = { ...encoded, spare: spareOf(task.segments) };
    const spare = result.spare.flatMap(({ buffers }) => buffers);
    return { result, transfer: [result.bytes.buffer, result.sources.buffer, ...spare] };
  } finally {
    scratch.giveBack();
  }
}

function spill(segments: readonly Segment[]): { result: SpillResult; transfer: ArrayBuffer[] } {
  const months = spillRows(segments).map((month) => ({ ...month, crc32: crc32(month.bytes) }));
  const spare = spareOf(segments);
  const bytes = months.map((month) => month.bytes.buffer);
  return {
    result: { name: "spill", months, spare },
    transfer: [...bytes, ...spare.flatMap(({ buffers }) => buffers)],
  };
}

/** What of the segments' batches can be used for others. */
function spareOf(segments: readonly Segment[]): SpareBuffers[] {
  return [...new Set(segments.map(({ batch }) => batch))].map(spareBuffers);
}

/** The rows of segments as one batch, sorted and without duplicates. */
function merged(
  name: BatchResult["name"],
  table: TableDefinition,
  segments: readonly Segment[],
  joining: Joining | null,
): { result: BatchResult; transfer: ArrayBuffer[] } {
  const sorted = sortRows(table, segments, joining);
  const { dropped, replaced, orphans } = sorted;
  const batch = toBatch(sorted);
  return { result: { name, batch, dropped, replaced, orphans }, transfer: transferList(batch) };
}

async function combine(table: TableDefinition, task: Extract<PoolTask, { name: "combine" }>) {
  await loadZstd();
  const segments = task.pieces.flatMap((piece) => readSegments(table, piece));
  const scratch = Scratch.take(segments.reduce((rows, { to }) => rows + to, 0));
  try {
    const sorted = sortRows(table, segments, task.joining, scratch);
    const encoded = await encodeSorted(task, sorted, scratch);
    const result: EncodeResult = { ...encoded, sources: sumSources(encoded.sources), spare: [] };
    return { result, transfer: [result.bytes.buffer, result.sources.buffer] };
  } finally {
    scratch.giveBack();
  }
}

function readSegments(table: TableDefinition, rows: StoredRows): Segment[] {
  if ("spilled" in rows) return readSpilled(rows.spilled, `spill:${threadId}`);
  const batch = readRows(table, rows);
  return [{ batch, from: 0, to: batch.rows }];
}

function readRows(
  table: TableDefinition,
  { stored, sources }: Exclude<StoredRows, { spilled: unknown }>,
): RowBatch {
  const batch = { ...readRowGroup(table, stored, `read:${threadId}`), sources };
  batch.measures = batch.measures.map((measure, index) =>
    measure !== null && table.measures[index]!.required ? missingFromNaN(measure) : measure,
  );
  return batch;
}

/** What is left where no row has its total. */
const noRows = (): EncodedRowGroup => ({
  bytes: new Uint8Array(0),
  rowGroup: { columns: [], total_byte_size: 0n, num_rows: 0n },
});

async function encodeSorted(
  task: Extract<PoolTask, { name: "encode" | "combine" }>,
  sorted: SortedRows,
  scratch: Scratch,
): Promise<Omit<EncodeResult, "spare">> {
  const { name, compression, encoder, room } = task;
  const table = TABLES[task.table];
  const rows = sorted.orphans.length > 0 ? withoutMissing(table, sorted) : sorted;
  const { bytes, rowGroup } =
    sorted.rows === 0 ? noRows() : await encodeRowGroup(table, rows, compression, encoder, scratch, room);
  return {
    ...{ name, bytes, crc32: crc32(bytes), rows: sorted.rows },
    rowGroup: rowGroupEntry(schemaOf(table), rowGroup),
    intervals: {
      start: sorted.intervals.start,
      date: sorted.intervals.operatingDate,
      rows: sorted.intervals.runEnds.map((end, run, ends) => end - (run === 0 ? 0 : ends[run - 1]!)),
    },
    sources: sorted.sources,
    dropped: sorted.dropped,
    replaced: sorted.replaced,
    orphans: sorted.orphans,
  };
}

/**
 * Rows of which a required measure is missing cannot be stored in a required column: NaN stands for it, which no
 * file's number is read as. Such a row group is never published; {@link missingFromNaN} undoes it.
 */
function withoutMissing(table: TableDefinition, sorted: SortedRows): SortedRows {
  const at = (index: number): MeasureValues | null => {
    const measure = sorted.measures.at(index) ?? null;
    if (measure === null || measure.validity === null || !table.measures[index]!.required) return measure;
    const values = Float64Array.from(measure.values);
    for (let row = 0; row < sorted.rows; row++) {
      if (!validityBit(measure.validity, row)) values[row] = Number.NaN;
    }
    return { values, validity: null };
  };
  return { ...sorted, measures: { length: sorted.measures.length, at } };
}

function missingFromNaN({ values, validity }: MeasureValues): MeasureValues {
  if (validity !== null || values instanceof Int32Array || !values.includes(Number.NaN))
    return { values, validity };
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row]!)) setValid(bits, row);
  return { values, validity: bits };
}

function toBatch(sorted: SortedRows): RowBatch {
  const { rows, intervals, entityCodes, sources } = sorted;
  const measures = allMeasures(sorted.measures);
  const entities = entityTable(`merge:${threadId}:${tables++}`, sorted.entities);
  return { rows, intervals, entities, entityCodes, measures, sources };
}
