import { type EntityColumns, type EntityTable, entityColumns } from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";

/** Entities of several tables as one list in key order. */
export interface EntityUnion {
  /** Values by column, then by rank. */
  columns: EntityColumns;
  /** For each table: rank of its codes. */
  ranks: Int32Array[];
  /** By rank: the first rank with the same key. Equal keys lie side by side; they differ in what is not of the key. */
  keyRanks: Int32Array;
}

/** Unions that are kept: the same few tables come back for every row group. */
const MAX_KEPT = 8;
const kept = new Map<string, EntityUnion>();

/**
 * The distinct entities of the tables, sorted by the table's key and then by all other columns.
 *
 * Strings are compared by their UTF-8 bytes, as Parquet readers do; null comes first.
 */
export function entityUnion(table: TableDefinition, tables: readonly EntityTable[]): EntityUnion {
  const name = `${table.name}|${tables.map(({ id, count }) => `${id}#${count}`).join("|")}`;
  let union = kept.get(name);
  if (union === undefined) {
    union = makeUnion(table, tables.map(entityColumns));
    if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!);
    kept.set(name, union);
  }
  return union;
}

type Value = string | number | null;

function makeUnion(table: TableDefinition, tables: readonly EntityColumns[]): EntityUnion {
  const keyLength = table.key.length;
  const order = columnOrder(table);
  const entries = tables.flatMap((columns, source) =>
    (columns[0] ?? []).map((_, code) => ({
      source,
      code,
      values: order.map((column) => columns[column]![code]!),
    })),
  );
  entries.sort((a, b) => compareFrom(a.values, b.values, 0, order.length));

  const ranks = tables.map((columns) => new Int32Array(columns[0]?.length ?? 0));
  const columns: EntityColumns = order.map(() => []);
  const keyRanks: number[] = [];
  let previous: Value[] | undefined;
  for (const { source, code, values } of entries) {
    if (previous === undefined || compareFrom(previous, values, 0, order.length) !== 0) {
      const sameKey = previous !== undefined && compareFrom(previous, values, 0, keyLength) === 0;
      keyRanks.push(sameKey ? keyRanks.at(-1)! : keyRanks.length);
      for (const [position, column] of order.entries()) columns[column]!.push(values[position]!);
      previous = values;
    }
    ranks[source]![code] = keyRanks.length - 1;
  }
  return { columns, ranks, keyRanks: Int32Array.from(keyRanks) };
}

/** Columns of the table in the order in which they are compared: the key first. */
function columnOrder(table: TableDefinition): number[] {
  const key = table.key.map((name) => table.entity.findIndex((column) => column.name === name));
  const rest = table.entity.map((_, index) => index).filter((index) => !key.includes(index));
  return [...key, ...rest];
}

function compareFrom(a: readonly Value[], b: readonly Value[], from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const order = compareValues(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Order of two values of an entity column: null first, numbers by value, texts by their UTF-8 bytes. */
export function compareValues(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === "number" || typeof b === "number") return Number(a) - Number(b);
  return compareUtf8(a, b);
}

/** Order of two strings by their UTF-8 bytes, which is the order of their code points. */
function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above all others, though U+E000..U+FFFF have higher code units.
    const xHigh = x >= 0xd800 && x < 0xe000;
    const yHigh = y >= 0xd800 && y < 0xe000;
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  return a.length - b.length;
}
