import { MAX_TABLE_CHARACTERS } from "../arrow/name-limits.js";
import {
  type EntityColumns,
  type EntityTable,
  type EntityValue,
  entityColumns,
  saySame,
} from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import { compareValues } from "./compare-values.js";
import { sortByName } from "./sort-by-name.js";

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
 * The distinct entities of the tables, and perhaps more of their family, sorted by the table's key and then by all
 * other columns.
 *
 * Strings are compared by their UTF-8 bytes, as Parquet readers do; null comes first.
 */
export function entityUnion(table: TableDefinition, tables: readonly EntityTable[]): EntityUnion {
  const family = tables[0]?.family ?? null;
  if (family !== null && tables.every((known) => known.family === family))
    return familyOf(table, family).union(tables);
  const name = `${table.name}|${tables.map(({ id, count }) => `${id}#${count}`).join("|")}`;
  let union = kept.get(name);
  if (union === undefined) {
    union = makeUnion(table, tables.map(entityColumns));
    if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!);
    kept.set(name, union);
  }
  return union;
}

/** A family with more entities than this, or twice the characters of one table, is begun anew: see name-limits.ts. */
const MAX_ENTITIES = 400_000;
/** Tables whose ranks are kept. */
const MAX_TABLES = 64;
const families = new Map<string, Family>();

function familyOf(table: TableDefinition, name: string): Family {
  const key = `${table.name}|${name}`;
  let family = families.get(key);
  if (family === undefined || family.isFull) {
    family = new Family(table);
    if (families.size >= MAX_KEPT) families.delete(families.keys().next().value!);
    families.set(key, family);
  }
  return family;
}

/**
 * All entities of a feed that this thread has met. Its decoders learn the same ones, each in a table of its own; the
 * union of whichever tables come together is nearly always the same then, and need not be sorted again.
 */
class Family {
  readonly #table: TableDefinition;
  #columns: EntityColumns;
  /** By what its columns say: an entity; null as long as there is but one table, and others that say the same. */
  #codes: Map<string, number> | null = null;
  #characters = 0;
  /** The table that was met last, as a whole. */
  #last: EntityTable | null = null;
  #sorted: EntityUnion | null = null;
  /** By table: entities of its codes, as far as they have been met. */
  readonly #members = new Map<string, number[]>();
  /** By table and count: ranks of its codes. */
  #ranks = new Map<string, Int32Array>();

  constructor(table: TableDefinition) {
    this.#table = table;
    this.#columns = table.entity.map(() => []);
  }

  get size(): number {
    return this.#columns[0]!.length;
  }

  get isFull(): boolean {
    return this.size > MAX_ENTITIES || this.#characters > 2 * MAX_TABLE_CHARACTERS;
  }

  union(tables: readonly EntityTable[]): EntityUnion {
    const before = this.size;
    for (const table of tables) this.#meet(table, Math.max(MAX_TABLES, tables.length));
    if (this.#sorted === null || this.size > before) {
      this.#sorted = makeUnion(this.#table, [this.#columns]);
      this.#ranks.clear();
    }
    const { columns, keyRanks } = this.#sorted;
    return { columns, keyRanks, ranks: tables.map((table) => this.#ranksOf(table)) };
  }

  /** @param most tables that are kept: none may push another of those out that come together */
  #meet(table: EntityTable, most: number): void {
    const members = this.#members.get(table.id) ?? [];
    // Those that were asked for last come last.
    this.#members.delete(table.id);
    if (this.#members.size >= most) this.#members.delete(this.#members.keys().next().value!);
    this.#members.set(table.id, members);
    if (members.length >= table.count) return;
    const alike = members.length === 0 ? this.#membersAlike(table) : null;
    if (alike !== null) this.#members.set(table.id, alike.slice());
    else if (this.size === 0) this.#begin(table, members);
    else this.#add(table, members);
    this.#last = table;
  }

  /** Those of the table that was met last, where this one says the same. */
  #membersAlike(table: EntityTable): readonly number[] | null {
    if (this.#last === null || !saySame(table, this.#last)) return null;
    const members = this.#members.get(this.#last.id);
    // It may have been pushed out since.
    return members?.length === table.count ? members : null;
  }

  /** Takes the entities of the first table as they are. */
  #begin(table: EntityTable, members: number[]): void {
    this.#columns = entityColumns(table);
    this.#characters = table.json.length;
    for (let code = 0; code < table.count; code++) members.push(code);
  }

  #add(table: EntityTable, members: number[]): void {
    const codes = this.#codes ?? this.#ownCodes();
    const columns = entityColumns(table);
    for (let code = members.length; code < table.count; code++) {
      const key = keyOf(columns, code);
      let entity = codes.get(key);
      if (entity === undefined) {
        entity = this.size;
        codes.set(key, entity);
        this.#characters += key.length;
        for (let column = 0; column < columns.length; column++)
          this.#columns[column]!.push(columns[column]![code]!);
      }
      members.push(entity);
    }
  }

  #ownCodes(): Map<string, number> {
    const codes = new Map<string, number>();
    for (let entity = 0; entity < this.size; entity++) codes.set(keyOf(this.#columns, entity), entity);
    this.#codes = codes;
    return codes;
  }

  #ranksOf({ id, count }: EntityTable): Int32Array {
    const key = `${id}#${count}`;
    let ranks = this.#ranks.get(key);
    if (ranks === undefined) {
      const all = this.#sorted!.ranks[0]!;
      const members = this.#members.get(id)!;
      ranks = new Int32Array(count);
      for (let code = 0; code < count; code++) ranks[code] = all[members[code]!]!;
      if (this.#ranks.size >= MAX_TABLES) this.#ranks.clear();
      this.#ranks.set(key, ranks);
    }
    return ranks;
  }
}

function keyOf(columns: EntityColumns, entity: number): string {
  const values: EntityValue[] = new Array(columns.length);
  for (let column = 0; column < columns.length; column++) values[column] = columns[column]![entity]!;
  return JSON.stringify(values);
}

function makeUnion(table: TableDefinition, tables: readonly EntityColumns[]): EntityUnion {
  const order = columnOrder(table);
  // The entities of all tables, one after the other: values by column, in the order of comparison.
  const all = order.map((column) =>
    tables.length === 1 ? tables[0]![column]! : tables.flatMap((columns) => columns[column] ?? []),
  );
  const names = all[0]!;
  const rankOf = new Int32Array(names.length);
  /** By rank: an entity, and the first rank with the same key. */
  const distinct: number[] = [];
  const keyRanks: number[] = [];
  let previous = -1;
  for (const entity of sortEntities(all)) {
    const hasOtherName = previous < 0 || names[previous] !== names[entity];
    if (hasOtherName || compareEntities(all, previous, entity, order.length) !== 0) {
      const sameKey = !hasOtherName && compareEntities(all, previous, entity, table.key.length) === 0;
      keyRanks.push(sameKey ? keyRanks.at(-1)! : keyRanks.length);
      distinct.push(entity);
      previous = entity;
    }
    rankOf[entity] = distinct.length - 1;
  }
  const columns: EntityColumns = new Array(order.length);
  for (const [position, column] of order.entries()) columns[column] = pick(all[position]!, distinct);
  let end = 0;
  const ranks = tables.map((columns) => {
    const begin = end;
    end += columns[0]?.length ?? 0;
    return rankOf.subarray(begin, end);
  });
  return { columns, ranks, keyRanks: Int32Array.from(keyRanks) };
}

function pick(values: readonly EntityValue[], places: readonly number[]): EntityValue[] {
  const picked: EntityValue[] = new Array(places.length);
  for (let i = 0; i < places.length; i++) picked[i] = values[places[i]!]!;
  return picked;
}

/** Entities, given by the columns in the order of comparison, in their order. */
function sortEntities(columns: readonly EntityValue[][]): number[] {
  const names = columns[0]!;
  return sortByName(
    [...names.keys()],
    (entity) => names[entity]!,
    (a, b) => compareEntities(columns, a, b, columns.length),
  );
}

/** Columns of the table in the order in which they are compared: the key first. */
function columnOrder(table: TableDefinition): number[] {
  const key = table.key.map((name) => table.entity.findIndex((column) => column.name === name));
  const rest = table.entity.map((_, index) => index).filter((index) => !key.includes(index));
  return [...key, ...rest];
}

/** Order of two entities by the first `length` columns. */
function compareEntities(columns: readonly EntityValue[][], a: number, b: number, length: number): number {
  for (let i = 0; i < length; i++) {
    const order = compareValues(columns[i]![a]!, columns[i]![b]!);
    if (order !== 0) return order;
  }
  return 0;
}
