import { MAX_DESCRIPTION_CHARACTERS, MAX_DESCRIPTIONS } from "../arrow/name-limits.js";
import {
  type EntityTable,
  type EntityValue,
  entityColumns,
  runAt,
  type Segment,
  saySame,
  unknownWords,
} from "../arrow/row-batch.js";
import { requiredMeasure, TABLES, type TableName } from "../arrow/tables.js";
import { validityBit } from "../arrow/validity.js";
import type { TableShelf } from "../journal/saved-rows.js";

/** Before any row: later than every day, and earlier. */
const NO_FIRST = 2 ** 31 - 1;
const NO_LAST = -(2 ** 31);
/** Bytes of entity tables that are kept as they came; with more of them they are read, and let go. */
const MAX_TABLE_BYTES = 32 << 20;
/** The same for their codes: threads that read one market have its locations each, but are not so many. */
const MAX_TABLE_CODES = 2 * MAX_DESCRIPTIONS;
/** Most that can be listed, of all years together: files of ever new names must not fill the memory. */
const MAX_LISTED = 2 * MAX_DESCRIPTIONS;
const MAX_CHARACTERS = 2 * MAX_DESCRIPTION_CHARACTERS;

/** A description (location, type, zone …, by column) and the operating days of its first and last row. */
export interface SeenEntity {
  values: EntityValue[];
  /** Days since 1970-01-01. */
  first: number;
  last: number;
}

/** A word that no vocabulary has, of an entity column of the table. */
export interface SeenWord {
  column: string;
  value: string;
}

/** Equal for equal descriptions, and only for these: no text of an entity has control characters, or is empty. */
export function entityKey(values: readonly EntityValue[]): string {
  return values.join("\n");
}

function wordKey({ column, value }: SeenWord): string {
  return `${column} ${value}`;
}

/** Days of the codes of one entity table. */
interface CodeDays {
  table: EntityTable;
  first: Int32Array<ArrayBuffer>;
  last: Int32Array<ArrayBuffer>;
}

/** {@link SeenEntities} as a journal keeps it. */
export interface SeenState {
  overflowed: boolean;
  /** Entity tables, by their place in the journal, with the days of their codes. */
  codes: { table: number; first: Int32Array<ArrayBuffer>; last: Int32Array<ArrayBuffer> }[];
  seen: SeenEntity[];
  words: SeenWord[];
  tableBytes: number;
  characters: number;
}

/**
 * The entities of which rows were taken, with their first and last operating day.
 *
 * Rows cost a comparison each: a code whose last day is known is passed over, and names are read only at the end.
 */
export class SeenEntities {
  /** There was more than can be kept; {@link list} is empty then. */
  overflowed = false;
  readonly #table: TableName;
  /** The measure that every row has; one without it is a component and no row of its own. */
  readonly #required: number;
  readonly #codes = new Map<string, CodeDays>();
  readonly #seen = new Map<string, SeenEntity>();
  readonly #words = new Map<string, SeenWord>();
  #tableBytes = 0;
  #characters = 0;

  constructor(table: TableName) {
    this.#table = table;
    this.#required = requiredMeasure(TABLES[table]);
  }

  /** @param tables those of the journal */
  static restore(table: TableName, state: SeenState, tables: readonly EntityTable[]): SeenEntities {
    const entities = new SeenEntities(table);
    entities.overflowed = state.overflowed;
    for (const { table: place, first, last } of state.codes)
      entities.#codes.set(tables[place]!.id, { table: tables[place]!, first, last });
    for (const seen of state.seen) entities.#seen.set(entityKey(seen.values), seen);
    for (const word of state.words) entities.#words.set(wordKey(word), word);
    entities.#tableBytes = state.tableBytes;
    entities.#characters = state.characters;
    return entities;
  }

  save(shelf: TableShelf): SeenState {
    return {
      overflowed: this.overflowed,
      codes: [...this.#codes.values()].map((codes) => ({ ...codes, table: shelf.put(codes.table) })),
      seen: [...this.#seen.values()],
      words: [...this.#words.values()],
      tableBytes: this.#tableBytes,
      characters: this.#characters,
    };
  }

  /** Notes the rows of a segment. */
  add(segment: Segment): void {
    if (this.overflowed) return;
    const { batch } = segment;
    const { first, last } = this.#codesOf(batch.entities);
    const validity = batch.measures[this.#required]?.validity ?? null;
    const { operatingDate, runEnds } = batch.intervals;
    for (let from = segment.from, run = runAt(runEnds, from); from < segment.to; ) {
      const day = operatingDate[run]!;
      const begins = runEnds[run]!;
      const period = (runEnds[run + 1] ?? begins) - begins;
      while (runEnds[run]! < segment.to && operatingDate[run + 1] === day) run++;
      const to = Math.min(runEnds[run++]!, segment.to);
      if (validity === null) {
        // Batches begin anywhere in an hour: the next one is the first that is there as a whole.
        const whole = Math.min(begins, to);
        noteDay(batch.entityCodes, from, whole, day, first, last);
        notePeriods(batch.entityCodes, whole, to, period, day, first, last);
      } else noteDayOfValid(batch.entityCodes, from, to, day, first, last, validity);
      from = to;
    }
  }

  /** Adds what another one, of the same table, has seen. */
  absorb(other: SeenEntities): void {
    this.overflowed ||= other.overflowed;
    for (const { table, first, last } of other.#codes.values()) {
      if (this.overflowed) return;
      widenDays(this.#codesOf(table), first, last, table.count);
    }
    for (const [key, { values, first, last }] of other.#seen) this.#widen(values, first, last, key);
    for (const [key, word] of other.#words) this.#words.set(key, word);
  }

  /** Whether more has been read than a year file may have of it; tables that are kept as they came are not read for it. */
  get isTooMuch(): boolean {
    const { size } = this.#seen;
    return this.overflowed || size > MAX_DESCRIPTIONS || this.#characters > MAX_DESCRIPTION_CHARACTERS;
  }

  /** {@link isTooMuch} of all rows that were taken. */
  isTooMuchInAll(): boolean {
    // Nearly always there are few even if no two tables have a description in common: then none is read for it.
    const isFew =
      this.#seen.size + this.#tableCodes <= MAX_DESCRIPTIONS &&
      this.#characters + this.#tableBytes <= MAX_DESCRIPTION_CHARACTERS;
    if (isFew && !this.overflowed) return false;
    this.#readNames();
    return this.isTooMuch;
  }

  /** Codes of the tables that have not been read. */
  get #tableCodes(): number {
    let count = 0;
    for (const { table } of this.#codes.values()) count += table.count;
    return count;
  }

  /** What was seen, in no order; one entry for each description. */
  list(): SeenEntity[] {
    const only = this.#onlyTable();
    if (only !== null) return entitiesOf(only);
    this.#readNames();
    return this.overflowed ? [] : [...this.#seen.values()];
  }

  /**
   * The one table that all rows came with, where there is no other. Its descriptions differ as they are, unless there are
   * words: two that stand for OTHER are two codes.
   */
  #onlyTable(): CodeDays | null {
    if (this.#seen.size > 0 || this.overflowed) return null;
    const [only, ...others] = joinAlike(this.#codes.values());
    if (only === undefined || others.length > 0 || only.table.words !== null) return null;
    return only.table.count <= MAX_LISTED && only.table.json.length <= MAX_CHARACTERS ? only : null;
  }

  /** Words of the rows that no vocabulary has, in no order. */
  words(): SeenWord[] {
    const unread = [...this.#codes.values()];
    if (this.#words.size === 0 && unread.every(({ table }) => table.words === null)) return [];
    this.#readNames();
    return this.overflowed ? [] : [...this.#words.values()];
  }

  #codesOf(table: EntityTable): CodeDays {
    let codes = this.#codes.get(table.id);
    if (codes !== undefined && codes.table.count >= table.count) return codes;
    this.#tableBytes += table.json.length - (codes?.table.json.length ?? 0);
    const isMuch = this.#tableBytes > MAX_TABLE_BYTES || this.#tableCodes > MAX_TABLE_CODES;
    if (codes === undefined && isMuch) {
      this.#readNames();
      this.#tableBytes = table.json.length;
    }
    const size = Math.max(table.count, (codes?.first.length ?? 0) * 2);
    if (codes === undefined || codes.first.length < table.count) {
      const first = new Int32Array(size).fill(NO_FIRST);
      const last = new Int32Array(size).fill(NO_LAST);
      first.set(codes?.first ?? []);
      last.set(codes?.last ?? []);
      codes = { table, first, last };
      this.#codes.set(table.id, codes);
    } else codes.table = table;
    return codes;
  }

  /** Reads the names of what the tables' codes have been seen of, and lets the tables go. */
  #readNames(): void {
    for (const days of joinAlike(this.#codes.values())) {
      if (this.overflowed) break;
      for (const { values, first, last } of entitiesOf(days)) this.#widen(values, first, last);
      const { table, last } = days;
      for (const { code, column, word } of unknownWords(table)) {
        if (last[code] === NO_LAST || this.overflowed) continue;
        const seen = { column: TABLES[this.#table].entity[column]!.name, value: word };
        this.#words.set(wordKey(seen), seen);
      }
    }
    this.#codes.clear();
    this.#tableBytes = 0;
  }

  #widen(values: EntityValue[], first: number, last: number, key = entityKey(values)): void {
    if (this.overflowed) return;
    const known = this.#seen.get(key);
    if (known !== undefined) {
      known.first = Math.min(known.first, first);
      known.last = Math.max(known.last, last);
      return;
    }
    this.#characters += key.length;
    if (this.#characters > MAX_CHARACTERS || this.#seen.size >= MAX_LISTED) {
      this.overflowed = true;
      this.#seen.clear();
      this.#words.clear();
      this.#codes.clear();
    } else this.#seen.set(key, { values, first, last });
  }
}

/** What the codes of a table have been seen of. */
function entitiesOf({ table, first, last }: CodeDays): SeenEntity[] {
  const columns = entityColumns(table);
  const entities: SeenEntity[] = [];
  for (let code = 0; code < table.count; code++) {
    if (last[code] === NO_LAST) continue;
    // As long as it will be: one that grows takes twice as much, of thousands of them at once.
    const values = new Array<EntityValue>(columns.length);
    for (let column = 0; column < columns.length; column++) values[column] = columns[column]![code]!;
    entities.push({ values, first: first[code]!, last: last[code]! });
  }
  return entities;
}

/** Threads that read files of one kind learn the same table each: its names need to be read once. */
function joinAlike(tables: Iterable<CodeDays>): CodeDays[] {
  const joined: CodeDays[] = [];
  for (const codes of tables) {
    const known = joined.find(({ table }) => isAlike(table, codes.table));
    if (known === undefined) {
      joined.push(codes);
      continue;
    }
    widenDays(known, codes.first, codes.last, codes.table.count);
  }
  return joined;
}

/** Widens the days of codes to those of the same codes in `first` and `last`. */
function widenDays(days: CodeDays, first: Int32Array, last: Int32Array, count: number): void {
  for (let code = 0; code < count; code++) {
    if (first[code]! < days.first[code]!) days.first[code] = first[code]!;
    if (last[code]! > days.last[code]!) days.last[code] = last[code]!;
  }
}

function isAlike(a: EntityTable, b: EntityTable): boolean {
  return a.words === null && b.words === null && saySame(a, b);
}

/** Shorter stretches are looked at faster than they are compared. */
const LEAST_PERIOD = 64;

/** {@link noteDay} where most hours have the rows of the hour before, `period` rows earlier. */
function notePeriods(
  codes: Int32Array<ArrayBuffer>,
  from: number,
  to: number,
  period: number,
  day: number,
  first: Int32Array,
  last: Int32Array,
): void {
  if (period < LEAST_PERIOD) {
    noteDay(codes, from, to, day, first, last);
    return;
  }
  const bytes = Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength);
  for (let row = from; row < to; row += period) {
    const end = Math.min(row + period, to);
    const [here, before] = [row * 4, (row - period) * 4];
    const isKnown = row > from && bytes.compare(bytes, before, before + (end - row) * 4, here, end * 4) === 0;
    if (!isKnown) noteDay(codes, row, end, day, first, last);
  }
}

/** Widens the days of the codes of rows [from, to). */
function noteDay(
  codes: Int32Array,
  from: number,
  to: number,
  day: number,
  first: Int32Array,
  last: Int32Array,
): void {
  for (let row = from; row < to; row++) {
    const code = codes[row]!;
    // Nearly always: the rows before were of the same day.
    if (last[code] === day) continue;
    if (last[code]! < day) last[code] = day;
    if (first[code]! > day) first[code] = day;
  }
}

/** The same for the rows that have a value by `validity` alone. */
function noteDayOfValid(
  codes: Int32Array,
  from: number,
  to: number,
  day: number,
  first: Int32Array,
  last: Int32Array,
  validity: Uint8Array,
): void {
  for (let row = from; row < to; row++) {
    if (validityBit(validity, row) === 1) noteDay(codes, row, row + 1, day, first, last);
  }
}
