import * as L from "../../kernels/layout.js";
import { type Kernels, makeKernels } from "../wasm/kernels.js";
import { type DecodeProgram, isRowPerRecord, type Step } from "./decode-program.js";
import { MAX_ENTRIES } from "./entity-dictionary.js";

/** Rows that are decoded before they are copied into the batch: few enough to stay in the processor's cache. */
const ROWS_AT_ONCE = 4096;
/** Bytes of runs past which a dictionary is begun anew, as it is past {@link MAX_ENTRIES}. */
const MAX_ARENA = 16 << 20;
const FIRST_SLOTS = 4096;
/** Slots that the hash table can grow to: fourfold each time it is half full. */
const MAX_SLOTS = 1 << 20;

/** What the kernel calls the kinds of steps. */
const KINDS: Readonly<Record<Step["kind"], number>> = {
  context: L.KIND_CONTEXT,
  skip: L.KIND_SKIP,
  entity: L.KIND_DESCRIPTION,
  decimal: L.KIND_NUMBER,
  product: L.KIND_NUMBER,
};

/**
 * The memory of a decoder's kernel: the data, what is remembered, and the rows decoded last.
 *
 * All of it is set aside at once and never moves; pages that are not touched cost nothing.
 */
export class KernelMemory {
  readonly kernels: Kernels;
  /** The whole memory. */
  readonly bytes: Buffer;
  /** Where the data begin, and the data. */
  readonly dataAt: number;
  readonly data: Uint8Array;
  /** Words of the state (kernels/layout.ts). */
  readonly state: Int32Array;
  /** Words of the steps. */
  readonly steps: Int32Array;
  /** Words of the dictionary's entries. */
  readonly entries: Int32Array;
  /** Output columns: entity codes; runs that tell intervals; numbers by step, null where it has none. */
  readonly codes: Int32Array;
  readonly intervals: Int32Array;
  readonly numbers: (Float64Array | null)[];
  /** Where a record makes several rows: its values by their place. */
  readonly prices: Float64Array;
  readonly rows = ROWS_AT_ONCE;
  readonly #lastField: number;

  /** @param dataBytes room for the data */
  constructor(program: DecodeProgram, dataBytes: number) {
    const { steps, fields, feed } = program;
    this.#lastField = fields.length - 1;
    let used = L.STATE + L.STATE_WORDS * 4;
    const take = (bytes: number): number => {
      const at = used;
      used = (used + bytes + 15) & ~15;
      return at;
    };
    const isRow = isRowPerRecord(program);
    const stepsAt = take(steps.length * L.STEP_WORDS * 4);
    const memos = steps.map(({ kind }) => (kind === "context" || kind === "skip" ? take(L.MAX_MEMO) : 0));
    const codesAt = take(ROWS_AT_ONCE * 4);
    const intervalsAt = take(ROWS_AT_ONCE * 4);
    const productCount = isRow ? 0 : (feed.hours?.last ?? feed.products.length);
    const pricesAt = take(productCount * 8);
    const outs = steps.map(({ kind, from }) => {
      const field = fields[from]!;
      if (!isRow && field.use === "product") return pricesAt + field.place * 8;
      return kind === "decimal" || kind === "product" ? take(isRow ? ROWS_AT_ONCE * 8 : 8) : 0;
    });
    const slotsAt = take(MAX_SLOTS * 4);
    const entriesAt = take((MAX_ENTRIES + 1) * L.ENTRY_WORDS * 4);
    const arenaAt = take(MAX_ARENA + L.MAX_MEMO);
    this.dataAt = take(dataBytes);
    // Bytes are compared sixteen at a time, and memos where they may begin in the last record.
    take(L.MAX_MEMO + 16);
    const { kernels, memory } = makeKernels(used);
    this.kernels = kernels;
    this.bytes = Buffer.from(memory.buffer);
    this.data = new Uint8Array(memory.buffer, this.dataAt, dataBytes);
    this.state = new Int32Array(memory.buffer, L.STATE, L.STATE_WORDS);
    this.steps = new Int32Array(memory.buffer, stepsAt, steps.length * L.STEP_WORDS);
    this.entries = new Int32Array(memory.buffer, entriesAt, (MAX_ENTRIES + 1) * L.ENTRY_WORDS);
    this.codes = new Int32Array(memory.buffer, codesAt, ROWS_AT_ONCE);
    this.intervals = new Int32Array(memory.buffer, intervalsAt, ROWS_AT_ONCE);
    this.prices = new Float64Array(memory.buffer, pricesAt, productCount);
    this.numbers = outs.map((at) =>
      at === 0 ? null : new Float64Array(memory.buffer, at, isRow ? ROWS_AT_ONCE : 1),
    );
    const { state } = this;
    state[L.CODES] = codesAt;
    state[L.INTERVALS] = intervalsAt;
    state[L.STEPS_AT] = stepsAt;
    state[L.ENTRIES_AT] = entriesAt;
    state[L.ARENA_AT] = arenaAt;
    state[L.SLOTS_AT] = slotsAt;
    state[L.STEP_COUNT] = steps.length;
    const firstEntity = steps.findIndex(({ kind }) => kind === "entity");
    for (const [step, { kind, from, to }] of steps.entries()) {
      const word = step * L.STEP_WORDS;
      this.steps[word + L.STEP_KIND] = KINDS[kind];
      this.steps[word + L.STEP_MEMO] = memos[step]!;
      this.steps[word + L.STEP_FIELDS] = to - from;
      this.steps[word + L.STEP_IS_LAST] = to === fields.length ? 1 : 0;
      this.steps[word + L.STEP_IS_FIRST_ENTITY] = step === firstEntity ? 1 : 0;
      this.steps[word + L.STEP_OUT] = outs[step]!;
      this.steps[word + L.STEP_STRIDE] = isRow ? 8 : 0;
      const field = fields[from]!;
      if (field.use === "product") this.steps[word + L.STEP_BIT] = 1 << field.place;
      if (field.use === "decimal" && !field.required) this.steps[word + L.STEP_BIT] = 1 << field.index;
    }
    this.clear();
  }

  isLastField(field: number): boolean {
    return field === this.#lastField;
  }

  /** Bounds of the field that begins at `at`, into the state; where the next begins, or 0 when it is not plain. */
  nextField(at: number, field: number): number {
    return this.kernels.nextField(at, this.isLastField(field));
  }

  /** Forgets all runs of bytes. */
  clear(): void {
    const { state, entries } = this;
    state[L.ENTRY_COUNT] = 1;
    state[L.ARENA_USED] = 0;
    state[L.SLOT_MASK] = FIRST_SLOTS - 1;
    const slots = state[L.SLOTS_AT]!;
    this.bytes.fill(0, slots, slots + FIRST_SLOTS * 4);
    // Code 0 is no run: nothing follows it, and nothing is as long.
    entries.fill(0, 0, L.ENTRY_WORDS);
    for (let word = 0; word < this.steps.length; word += L.STEP_WORDS) this.steps[word + L.STEP_LAST_RUN] = 0;
    this.forgetContext();
  }

  /** Forgets what the record before said: nothing is taken for unchanged, or looked up, in the next one. */
  forgetContext(): void {
    this.state[L.INTERVAL] = 0;
    for (let word = 0; word < this.steps.length; word += L.STEP_WORDS) {
      this.steps[word + L.STEP_MEMO_LENGTH] = 0;
      this.steps[word + L.STEP_RECALL] = L.RECALL_NOTHING;
    }
  }

  /** Whether no more runs should be added. */
  get isFull(): boolean {
    return this.state[L.ENTRY_COUNT]! >= MAX_ENTRIES || this.state[L.ARENA_USED]! >= MAX_ARENA;
  }
}
