import type { EntityTable, RowBatch } from "../arrow/row-batch.js";

/** An entity table as a journal keeps it. */
export interface SavedTable {
  id: string;
  family: string | null;
  count: number;
  json: Uint8Array;
  words: Uint8Array | null;
}

/** A batch as a journal keeps it: with the place of its entity table among the journal's. */
export interface SavedBatch extends Omit<RowBatch, "entities"> {
  table: number;
}

/** The entity tables of what is saved, each once. */
export class TableShelf {
  readonly tables: SavedTable[] = [];
  readonly #places = new Map<string, number>();

  /** Place of a table. */
  put(table: EntityTable): number {
    const { id, family, count, json, words } = table;
    const key = `${id}#${count}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.tables.push({ id, family, count, json, words }) - 1;
      this.#places.set(key, place);
    }
    return place;
  }

  putBatch({ entities, ...columns }: RowBatch): SavedBatch {
    return { ...columns, table: this.put(entities) };
  }
}

/** Tables that were restored since the process began. */
let restored = 0;

/**
 * The tables of a journal, in shared memory again. Their ids are new: the threads of this run give their own tables
 * ids like those of the run that was saved. Tables that had one id have one again.
 */
export function restoreTables(saved: readonly SavedTable[]): EntityTable[] {
  const ids = new Map<string, string>();
  return saved.map(({ id: before, family, count, json, words }) => {
    const id = ids.get(before) ?? `journal:${restored++}`;
    ids.set(before, id);
    return { id, family, count, json: share(json), words: words && share(words) };
  });
}

export function restoreBatch({ table, ...columns }: SavedBatch, tables: readonly EntityTable[]): RowBatch {
  return { ...columns, entities: tables[table]! };
}

function share(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
