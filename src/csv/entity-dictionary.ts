import { MAX_TABLE_CHARACTERS } from "../arrow/name-limits.js";
import { type EntityTable, type EntityValue, entityTable, type UnknownWord } from "../arrow/row-batch.js";

/** A dictionary is begun anew past this size, or {@link MAX_TABLE_CHARACTERS}: files of ever new names must not fill the memory. */
export const MAX_ENTRIES = 200_000;

/** The distinct descriptions (location, type, zone …) that a decoder has seen, each with a code. */
export class EntityDictionary {
  static #tables = 0;
  readonly #codes = new Map<string, number>();
  readonly #columns: EntityValue[][];
  /** By code, of the few that have any: words that no vocabulary knows, by column. */
  readonly #words = new Map<number, EntityValue[]>();
  readonly #id: string;
  readonly #family: string | null;
  #characters = 0;
  #snapshot: EntityTable | null = null;

  /**
   * @param owner makes the table's id unique among threads
   * @param family the feed, where tables of the same feed are made side by side
   */
  constructor(columnCount: number, owner: string, family: string | null = null) {
    this.#columns = Array.from({ length: columnCount }, () => []);
    this.#family = family;
    this.#id = `${owner}:${EntityDictionary.#tables++}`;
  }

  get isFull(): boolean {
    return this.#codes.size >= MAX_ENTRIES || this.#characters >= MAX_TABLE_CHARACTERS;
  }

  /**
   * Code of the values, by column; they are added when they are new. The ISO's own words, by column, may follow
   * where they are in no vocabulary.
   */
  codeOf(values: readonly EntityValue[]): number {
    const key = JSON.stringify(values);
    let code = this.#codes.get(key);
    if (code === undefined) {
      code = this.#codes.size;
      this.#codes.set(key, code);
      this.#characters += key.length;
      const columns = this.#columns;
      for (let column = 0; column < columns.length; column++) columns[column]!.push(values[column] ?? null);
      for (let word = columns.length; word < values.length; word++) {
        if (values[word] === null) continue;
        this.#words.set(code, values.slice(columns.length));
        break;
      }
    }
    return code;
  }

  /** The values that {@link codeOf} was given, with the words where there are any. */
  valuesOf(code: number): EntityValue[] {
    return [...this.#columns.map((column) => column[code] ?? null), ...(this.#words.get(code) ?? [])];
  }

  /** The table as it is now, to go with a batch; the same object until a description is added. */
  snapshot(): EntityTable {
    if (this.#snapshot?.count !== this.#codes.size) {
      this.#snapshot = entityTable(this.#id, this.#columns, this.#unknownWords(), this.#family);
    }
    return this.#snapshot;
  }

  #unknownWords(): UnknownWord[] {
    return [...this.#words].flatMap(([code, words]) =>
      words.flatMap((word, column) => (word === null ? [] : [{ code, column, word: String(word) }])),
    );
  }
}
