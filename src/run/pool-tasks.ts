import { threadId } from "node:worker_threads";
import { entityTable, type RowBatch, transferList } from "../arrow/row-batch.js";
import { TABLES } from "../arrow/tables.js";
import { type SortedRows, sortRows } from "../order/sort-rows.js";
import { encodeRowGroup } from "../parquet/encode-row-group.js";
import { readRowGroup } from "../parquet/read-row-group.js";
import type { EncodeResult, PoolResult, PoolTask } from "./protocol.js";

let tables = 0;

/** Runs a task that the writer asked for; `transfer` lists the buffers to hand over with the result. */
export function runPoolTask(task: PoolTask): { result: PoolResult; transfer: ArrayBuffer[] } {
  const table = TABLES[task.table];
  if (task.name === "read") {
    const batch = { ...readRowGroup(table, task.stored, `read:${threadId}`), sources: task.sources };
    return { result: { name: "read", batch, dropped: [] }, transfer: transferList(batch) };
  }
  const sorted = sortRows(table, task.segments);
  if (task.name === "merge") {
    const batch = toBatch(sorted);
    return { result: { name: "merge", batch, dropped: sorted.dropped }, transfer: transferList(batch) };
  }
  const result: EncodeResult = {
    name: "encode",
    ...encodeRowGroup(table, sorted, task.compression),
    rows: sorted.rows,
    intervals: {
      start: sorted.intervals.start,
      date: sorted.intervals.operatingDate,
      rows: sorted.intervals.runEnds.map((end, run, ends) => end - (run === 0 ? 0 : ends[run - 1]!)),
    },
    sources: sorted.sources,
    dropped: sorted.dropped,
  };
  return { result, transfer: [result.bytes.buffer, result.sources.buffer] };
}

function toBatch(sorted: SortedRows): RowBatch {
  const { rows, intervals, entityCodes, measures, sources } = sorted;
  const entities = entityTable(`merge:${threadId}:${tables++}`, sorted.entities);
  return { rows, intervals, entities, entityCodes, measures, sources };
}
