import { type EntityTable, entityTable } from "../arrow/row-batch.js";

const INITIAL_ARENA = 1 << 16;
/** A dictionary is begun anew past these sizes, so that a file of ever new names cannot fill the memory. */
const MAX_ENTRIES = 200_000;
const MAX_ARENA = 16 << 20;

/** Whether `length` bytes at two places are equal; four at a time, the last four overlapping. */
export function sameBytes(a: DataView, aAt: number, b: DataView, bAt: number, length: number): boolean {
  if (length >= 4) {
    const last = length - 4;
    for (let i = 0; i < last; i += 4) if (a.getInt32(aAt + i) !== b.getInt32(bAt + i)) return false;
    return a.getInt32(aAt + last) === b.getInt32(bAt + last);
  }
  for (let i = 0; i < length; i++) if (a.getUint8(aAt + i) !== b.getUint8(bAt + i)) return false;
  return true;
}

/**
 * Byte strings that have been seen, with a number each, and for each the one that followed it last time.
 *
 * Market files list the same locations in the same order every interval, so the guess "what followed it last time"
 * nearly always holds, and a record's description costs one comparison of bytes.
 */
export class RunDictionary {
  #arena: Uint8Array = new Uint8Array(INITIAL_ARENA);
  view: DataView = new DataView(this.#arena.buffer);
  #used = 0;
  offsets: Int32Array = new Int32Array(1024);
  lengths: Int32Array = new Int32Array(1024);
  /** By code: the code that came next; 0 at first, which is only a guess like any other. */
  successors: Int32Array = new Int32Array(1024);
  /** By code: whatever the owner wants to find with it. */
  values: Int32Array = new Int32Array(1024);
  count = 0;
  #slots = new Int32Array(4096).fill(-1);

  get isFull(): boolean {
    return this.count >= MAX_ENTRIES || this.#used >= MAX_ARENA;
  }

  /** Code of bytes [at, at + length), or -1. */
  find(bytes: Uint8Array, view: DataView, at: number, length: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash(bytes, at, length) & mask; ; slot = (slot + 1) & mask) {
      const code = this.#slots[slot]!;
      if (code < 0) return -1;
      if (this.lengths[code] === length && sameBytes(this.view, this.offsets[code]!, view, at, length))
        return code;
    }
  }

  /** Adds bytes that `find` did not know; returns their code. */
  add(bytes: Uint8Array, at: number, length: number, value: number): number {
    if (this.#used + length > this.#arena.length) this.#growArena(length);
    if (this.count === this.offsets.length) this.#growEntries();
    const code = this.count++;
    this.#arena.set(bytes.subarray(at, at + length), this.#used);
    this.offsets[code] = this.#used;
    this.lengths[code] = length;
    this.values[code] = value;
    this.#used += length;
    if (this.count * 2 > this.#slots.length) this.#growSlots();
    else this.#place(code);
    return code;
  }

  #place(code: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash(this.#arena, this.offsets[code]!, this.lengths[code]!) & mask;
    while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask;
    this.#slots[slot] = code;
  }

  #growArena(length: number): void {
    const grown = new Uint8Array(Math.max(this.#arena.length * 2, this.#used + length));
    grown.set(this.#arena.subarray(0, this.#used));
    this.#arena = grown;
    this.view = new DataView(grown.buffer);
  }

  #growEntries(): void {
    const grow = (from: Int32Array): Int32Array => {
      const grown = new Int32Array(from.length * 2);
      grown.set(from);
      return grown;
    };
    this.offsets = grow(this.offsets);
    this.lengths = grow(this.lengths);
    this.successors = grow(this.successors);
    this.values = grow(this.values);
  }

  #growSlots(): void {
    this.#slots = new Int32Array(this.#slots.length * 4).fill(-1);
    for (let code = 0; code < this.count; code++) this.#place(code);
  }
}

/** FNV-1a over the bytes, folded so that the low bits depend on all of them. */
function hash(bytes: Uint8Array, at: number, length: number): number {
  let h = 0x811c9dc5;
  for (let i = at; i < at + length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h ^ (h >>> 15);
}

/** The distinct descriptions (location, type, zone …) that a decoder has seen, each with a code. */
export class EntityDictionary {
  static #tables = 0;
  readonly #codes = new Map<string, number>();
  readonly #columns: (string | number | null)[][];
  readonly #id: string;
  #snapshot: EntityTable | null = null;

  /** @param owner makes the table's id unique among threads */
  constructor(columnCount: number, owner: string) {
    this.#columns = Array.from({ length: columnCount }, () => []);
    this.#id = `${owner}:${EntityDictionary.#tables++}`;
  }

  get isFull(): boolean {
    return this.#codes.size >= MAX_ENTRIES;
  }

  /** Code of the values, by column; they are added when they are new. */
  codeOf(values: readonly (string | number | null)[]): number {
    const key = JSON.stringify(values);
    let code = this.#codes.get(key);
    if (code === undefined) {
      code = this.#codes.size;
      this.#codes.set(key, code);
      for (const [column, value] of values.entries()) this.#columns[column]!.push(value);
    }
    return code;
  }

  valuesOf(code: number): (string | number | null)[] {
    return this.#columns.map((column) => column[code] ?? null);
  }

  /** The table as it is now, to go with a batch; the same object until a description is added. */
  snapshot(): EntityTable {
    if (this.#snapshot?.count !== this.#codes.size) this.#snapshot = entityTable(this.#id, this.#columns);
    return this.#snapshot;
  }
}
