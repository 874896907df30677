import type { TableDefinition } from "../../src/arrow/tables.js";
import type { Row, Value } from "./rows.js";

/** What sorting must yield, said as simply as possible: sort everything, keep one row of each key. */
export function sortedModel(
  table: TableDefinition,
  rows: readonly Row[],
): { rows: Row[]; dropped: Map<number, number> } {
  const winners = new Map<string, Row>();
  const dropped = new Map<number, number>();
  for (const row of rows) {
    const key = JSON.stringify([row.start, ...keyOf(table, row)]);
    const known = winners.get(key);
    const wins = known === undefined || versionOf(table, row) >= versionOf(table, known);
    const loser = wins ? known : row;
    if (loser !== undefined) dropped.set(loser.file, (dropped.get(loser.file) ?? 0) + 1);
    if (wins) winners.set(key, row);
  }
  const sorted = [...winners.values()].sort((a, b) => {
    if (a.start !== b.start) return a.start - b.start;
    return compareLists(keyOf(table, a), keyOf(table, b));
  });
  return { rows: sorted, dropped };
}

function keyOf(table: TableDefinition, row: Row): Value[] {
  return table.key.map((name) => row.entity[table.entity.findIndex((column) => column.name === name)]!);
}

function versionOf(table: TableDefinition, row: Row): number {
  const measure = table.measures.findIndex(({ name }) => name === "version");
  return (measure < 0 ? null : row.measures[measure]) ?? Number.NEGATIVE_INFINITY;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (const [index, value] of a.entries()) {
    const order = compareValues(value, b[index]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Null first, numbers by value, strings by their UTF-8 bytes. */
export function compareValues(a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

/** Rows counted by file, as an object that assert can compare. */
export function countByFile(rows: readonly Row[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { file } of rows) counts[file] = (counts[file] ?? 0) + 1;
  return counts;
}
