import { isUtf8 } from "node:buffer";
import * as L from "../../kernels/layout.js";
import type { EntityValue } from "../arrow/row-batch.js";
import { type DecodeProgram, type FieldUse, isRowPerRecord, type Step } from "./decode-program.js";
import { DecodedRows } from "./decoded-rows.js";
import type { EntityDictionary } from "./entity-dictionary.js";
import { placeEntityValue, trimCell } from "./field-values.js";
import type { PartReader } from "./interval-parts.js";
import { MAX_RECORD_BYTES } from "./irregular-records.js";
import type { KernelMemory } from "./kernel-memory.js";
import { parseDecimal, parseInteger } from "./parse-decimal.js";
import type { Interval, RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

/** Pairs of runs that are kept before the dictionaries are begun anew. */
const MAX_COMBINATIONS = 500_000;

/** Cells of a field that are remembered: more of them would be names, which hardly come back. */
const MAX_CELLS = 64;

type EntityValues = EntityValue[];

/** Pairs of runs seen so far: their code, and what they say together. */
interface Combinations {
  codes: Map<number, number>;
  values: EntityValues[];
}

/** Whether bytes [start, end) are what a field must hold. */
type FieldCheck = (bytes: Uint8Array, start: number, end: number) => boolean;

/** What the bytes of a step have said of the interval so far. */
interface Contexts {
  /** Of its fields, in their order. */
  parts: PartReader[];
  /** By the value of the run: what each part read. */
  values: number[][];
  /** By the value of the run: the interval, where no other step has a say in it; else null. */
  intervals: Interval[] | null;
  /** The run whose parts were taken last; 0 for none. */
  taken: number;
  /** {@link RecordKernel.records} when the step was read last. */
  readAt: number;
}

/** A step that is read again after fewer records than this has its bytes remembered. */
const OFTEN = 8;
/** Times that are remembered: those of a file, and of some more. */
const MAX_CONTEXTS = 50_000;
/** What a step may hold that tells the component of a price by its bytes. */
const COMPONENT_USES: ReadonlySet<FieldUse["use"]> = new Set(["component", "record-type", "skip"]);
/** Forms of it that are remembered: should there be more, something else in it changes. */
const MAX_COMPONENTS = 64;

/** Why {@link RecordKernel.decode} stopped. */
export type KernelStop =
  /** All records up to the end were taken. */
  | "end"
  /** The batch, or a dictionary, has no room for another row. */
  | "full"
  /** The record at `position` is not plain, or a value in it does not fit: the slow reader must look at it. */
  | "irregular";

/**
 * The fast path: whole plain records, straight from bytes into the columns of a batch.
 *
 * The loop over records is WebAssembly (kernels/decode.ts). It compares what repeats (the time stamps of the record
 * before, the description that followed the same location last time) and parses the prices; what it has not seen
 * before it leaves to this class, which reads it, and remembers it for the loop. Whatever is not plain is left,
 * untouched, to the slow reader (irregular-records.ts), which is also what tests compare it with.
 */
export class RecordKernel {
  /** Where the next record begins, after {@link decode}. */
  position = 0;
  readonly #program: DecodeProgram;
  readonly #rows: RowAssembler;
  readonly #entities: EntityDictionary;
  readonly #memory: KernelMemory;
  /** By field: how it is read into a part of the interval; how it is checked. */
  readonly #parts: (PartReader | null)[];
  readonly #checks: (FieldCheck | null)[];
  /** By step that reads nothing but parts of the interval: what is remembered of it. */
  readonly #contexts: (Contexts | null)[];
  /** What the parts of a step have read, in their order. */
  readonly #partValues: number[] = [];
  /** Those of the step that alone tells the interval; null where none does. */
  readonly #alone: Contexts | null;
  /** By step that reads entities: what its runs say, by the value of the run. */
  readonly #partials: EntityValues[][] = [];
  readonly #combinations: Combinations[] = [];
  /** By field: cells of entities that were read; of each target of the field, its value and its unknown word. */
  readonly #cells: Map<string, EntityValues>[];
  readonly #firstEntityStep: number;
  readonly #lastEntityStep: number;
  readonly #products: RowMaker;
  readonly #decoded: DecodedRows;
  readonly #isRowPerRecord: boolean;
  /** Code of the entity before any field is read. */
  readonly #baseEntity: number;
  /** Forms of them that are remembered. */
  #components = 0;
  /** By step: whether rows share what its fields say, and it is kept but once. */
  readonly #isShared: boolean[];
  /** By step: whether its fields say which component the record holds, and nothing else. */
  readonly #isComponent: boolean[];

  constructor(
    program: DecodeProgram,
    rows: RowAssembler,
    entities: EntityDictionary,
    products: RowMaker,
    memory: KernelMemory,
  ) {
    const { steps, fields } = program;
    this.#program = program;
    this.#rows = rows;
    this.#entities = entities;
    this.#memory = memory;
    this.#products = products;
    this.#isRowPerRecord = isRowPerRecord(program);
    if (!this.#isRowPerRecord) products.prices = memory.prices;
    this.#decoded = new DecodedRows(program, rows, products, memory, (run) => this.#intervalOf(run));
    memory.clear();
    this.#parts = fields.map((field) => (field.use === "interval" ? rows.parts.reader(field.reading) : null));
    this.#checks = fields.map((field) => {
      if (field.use === "component") return (bytes, start, end) => this.#selectComponent(bytes, start, end);
      if (field.use !== "record-type") return null;
      const data = Buffer.from(field.data);
      return (bytes, start, end) => data.equals(bytes.subarray(start, end));
    });
    this.#cells = fields.map(() => new Map());
    this.#contexts = steps.map(({ kind, from, to }) => {
      const uses = fields.slice(from, to).map(({ use }) => use);
      const isMemorable = kind === "context" && uses.every((use) => use === "interval" || use === "skip");
      const parts = this.#parts.slice(from, to).filter((part) => part !== null);
      if (!isMemorable || parts.length === 0) return null;
      const isAlone = parts.length === this.#parts.filter((part) => part !== null).length;
      const intervals =
        isAlone && this.#isRowPerRecord && rows.parts.areAll && rows.keepsAllYears ? [] : null;
      return { parts, values: [], intervals, taken: 0, readAt: -OFTEN };
    });
    this.#alone = this.#contexts.find((contexts) => contexts !== null && contexts.intervals !== null) ?? null;
    this.#firstEntityStep = steps.findIndex(({ kind }) => kind === "entity");
    // An entity that no row has would keep sorting from finding that all are there.
    this.#baseEntity = this.#firstEntityStep < 0 ? entities.codeOf(program.constants) : 0;
    this.#lastEntityStep = steps.findLastIndex(({ kind }) => kind === "entity");
    for (const [step, { kind }] of steps.entries()) {
      if (kind !== "entity") continue;
      this.#partials[step] = [];
      this.#combinations[step] = { codes: new Map(), values: [] };
    }
    const usesOf = ({ from, to }: Step) => fields.slice(from, to).map(({ use }) => use);
    this.#isShared = steps.map((step) =>
      usesOf(step).some((use) => use === "integer" || use === "component"),
    );
    this.#isComponent = steps.map((step) => {
      const uses = usesOf(step);
      return uses.includes("component") && uses.every((use) => COMPONENT_USES.has(use));
    });
    const { state } = memory;
    state[L.BASE_ENTITY] = this.#baseEntity;
    state[L.COMMIT_EACH] = this.#isRowPerRecord ? 0 : 1;
    state[L.MAX_RECORD] = MAX_RECORD_BYTES;
  }

  /** Records taken so far, and the rows that they made. */
  get records(): number {
    return this.#decoded.records;
  }

  get rows(): number {
    return this.#decoded.rows;
  }

  /** Whether the dictionaries have grown so far that a new kernel should go on. */
  get isFull(): boolean {
    const crowded = this.#combinations.some(({ codes }) => codes.size > MAX_COMBINATIONS);
    return crowded || this.#entities.isFull || this.#memory.isFull;
  }

  /** To be called when another reader has set the interval: nothing is taken for unchanged in the next record. */
  forgetContext(): void {
    this.#memory.forgetContext();
    for (const contexts of this.#contexts) if (contexts !== null) contexts.taken = 0;
  }

  /**
   * Takes records from `position` on.
   *
   * @param position where a record begins, counted from the beginning of the memory's data
   * @param end where the data ends: right after a line break
   */
  decode(position: number, end: number): KernelStop {
    const { kernels, state, dataAt } = this.#memory;
    this.#beginRecord(dataAt + position);
    this.#decoded.makeRoom();
    if (!this.#hasRoom()) return this.#stop("full");
    for (;;) {
      const reason = kernels.run(dataAt + end);
      switch (reason) {
        case L.STOP_END:
          return this.#stop("end");
        case L.STOP_ROOM:
          this.#decoded.take();
          this.#decoded.makeRoom();
          if (!this.#hasRoom()) return this.#stop("full");
          break;
        case L.STOP_CONTEXT:
          if (!this.#goOn(this.#readContext(state[L.AT]!, state[L.STEP]!))) return this.#stop("irregular");
          state[L.COMMIT] = 1;
          break;
        case L.STOP_RUN:
          if (!this.#goOn(this.#learnRun(state[L.AT]!, state[L.STEP]!)))
            return this.#stop(this.isFull ? "full" : "irregular");
          break;
        case L.STOP_COMBINE:
          this.#setEntity(state[L.STEP]!);
          state[L.STEP]!++;
          break;
        case L.STOP_NUMBER:
          if (!this.#goOn(this.#readNumber(state[L.AT]!, state[L.STEP]!))) return this.#stop("irregular");
          break;
        case L.STOP_COMMIT: {
          if (!this.#commitRecord()) return this.#stop("irregular");
          this.#beginRecord(state[L.AT]!);
          if (!this.#hasRoom()) return this.#stop("full");
          break;
        }
        default:
          return this.#stop("irregular");
      }
    }
  }

  #stop(reason: KernelStop): KernelStop {
    this.#decoded.take();
    const { state, dataAt } = this.#memory;
    this.position = state[L.RECORD]! - dataAt;
    return reason;
  }

  #beginRecord(at: number): void {
    const { state } = this.#memory;
    state[L.AT] = at;
    state[L.RECORD] = at;
    state[L.STEP] = 0;
    state[L.ENTITY] = this.#baseEntity;
    state[L.NULLS] = 0;
    const { changed, inDoubt } = this.#rows.parts;
    state[L.COMMIT] = changed || inDoubt ? 1 : 0;
  }

  /** Goes on with the next step; `next` is where it begins, or -1. */
  #goOn(next: number): boolean {
    const { state } = this.#memory;
    state[L.AT] = next;
    state[L.STEP]!++;
    return next >= 0;
  }

  #hasRoom(): boolean {
    const { rows, capacity } = this.#rows.builder;
    return rows + (this.#isRowPerRecord ? 1 : this.#products.room) <= capacity;
  }

  #intervalOf(run: number): Interval {
    return this.#alone!.intervals![this.#memory.entries[run * L.ENTRY_WORDS + L.ENTRY_VALUE]!]!;
  }

  /** Counts the record in hand in, after its last step; false when there can be no such interval or rows. */
  #commitRecord(): boolean {
    const { state } = this.#memory;
    const { parts } = this.#rows;
    const entity = state[L.ENTITY]!;
    if (state[L.INTERVAL] !== 0) this.#rows.setKnownInterval(this.#intervalOf(state[L.INTERVAL]!));
    else {
      this.#takeRecalled();
      if ((parts.changed || parts.inDoubt) && this.#rows.resolveInterval(entity) !== null) {
        parts.readAgain();
        return false;
      }
    }
    if (this.#isRowPerRecord) {
      this.#decoded.add();
      return true;
    }
    const products = this.#products;
    products.missing = state[L.NULLS]!;
    const made = products.commit(entity);
    if (typeof made === "string") return false;
    this.#decoded.addMade(made);
    return true;
  }

  #isLast(field: number): boolean {
    return field + 1 === this.#program.fields.length;
  }

  /** Takes the parts of the interval that the loop has looked up for the record in hand. */
  #takeRecalled(): void {
    const { steps, entries } = this.#memory;
    for (let step = 0; step < this.#contexts.length; step++) {
      const contexts = this.#contexts[step]!;
      const word = step * L.STEP_WORDS;
      if (contexts === null || steps[word + L.STEP_RECALL] === L.RECALL_NOTHING) continue;
      const run = steps[word + L.STEP_LAST_RUN]!;
      if (run === contexts.taken) continue;
      contexts.taken = run;
      const known = contexts.values[entries[run * L.ENTRY_WORDS + L.ENTRY_VALUE]!]!;
      for (let i = 0; i < known.length; i++) contexts.parts[i]!.take(known[i]!);
    }
  }

  /** Reads the fields of a step that usually say the same as before; where the next step begins. */
  #readContext(at: number, step: number): number {
    this.#memory.steps[step * L.STEP_WORDS + L.STEP_MEMO_LENGTH] = 0;
    if (this.#isShared[step]) this.#decoded.take();
    if (this.#isComponent[step]) return this.#readComponent(at, step);
    return this.#readParts(at, step);
  }

  /** Reads a step that tells the component; what its bytes say is remembered. */
  #readComponent(at: number, step: number): number {
    const { kernels, entries } = this.#memory;
    const end = kernels.fieldsEnd(step, at);
    const run = end === 0 ? -1 : kernels.findRun(step, at, end - at);
    if (run > 0) {
      this.#products.component = entries[run * L.ENTRY_WORDS + L.ENTRY_VALUE]!;
      this.#expect(at, end, step);
      return end;
    }
    const next = this.#readParts(at, step);
    if (next > 0 && next - at <= L.MAX_MEMO && this.#components < MAX_COMPONENTS && !this.#memory.isFull) {
      kernels.addRun(step, at, next - at, this.#products.component);
      this.#components++;
    }
    return next;
  }

  #readParts(at: number, step: number): number {
    const { kernels, state, bytes } = this.#memory;
    const { from, to } = this.#program.steps[step]!;
    const contexts = this.#contexts[step]!;
    let read = 0;
    let next = at;
    for (let field = from; field < to; field++) {
      next = kernels.nextField(next, this.#isLast(field));
      if (next === 0) return -1;
      const start = state[L.FIELD_FROM]!;
      const end = state[L.FIELD_TO]!;
      const use = this.#program.fields[field]!;
      const part = this.#parts[field]!;
      const check = this.#checks[field]!;
      if (part !== null) {
        const value = part.read(bytes, start, end);
        if (Number.isNaN(value)) return -1;
        part.take(value);
        this.#partValues[read++] = value;
      } else if (check !== null) {
        if (!check(bytes, start, end)) return -1;
      } else if (use.use === "integer") {
        if (!this.#readInteger(start, end, use)) return -1;
      } else if (textOf(bytes, start, end) === null) return -1;
    }
    const run = contexts === null ? 0 : this.#remember(contexts, read, at, next, step);
    if (run > 0) this.#recall(contexts!, run, step);
    else {
      if (contexts !== null) this.#recallNothing(contexts, step);
      this.#expect(at, next, step);
    }
    return next;
  }

  /**
   * Remembers what bytes [at, next) say of the interval, for the loop to look up. It does not pay where a time comes
   * once for thousands of locations, but where each location has all its hours in its turn.
   *
   * @returns the run that the bytes are; 0 when it does not pay, or there is no room
   */
  #remember(contexts: Contexts, read: number, at: number, next: number, step: number): number {
    const isRecalled = this.#memory.steps[step * L.STEP_WORDS + L.STEP_RECALL] !== L.RECALL_NOTHING;
    const isOften = isRecalled || this.records - contexts.readAt < OFTEN;
    contexts.readAt = this.records;
    if (!isOften || next - at > L.MAX_MEMO) return 0;
    const { kernels } = this.#memory;
    const known = kernels.findRun(step, at, next - at);
    if (known > 0) return known;
    if (contexts.values.length >= MAX_CONTEXTS || this.#memory.isFull) return 0;
    if (contexts.intervals !== null) {
      if (this.#rows.resolveInterval(0) !== null) {
        // It is found out once more when the record is counted in, and said by the careful reader.
        this.#rows.parts.changed = true;
        return 0;
      }
      contexts.intervals.push(this.#rows.interval!);
    }
    return kernels.addRun(step, at, next - at, contexts.values.push(this.#partValues.slice(0, read)) - 1);
  }

  /** Has the loop look up what the records to come say of the interval: this one is the run. */
  #recall(contexts: Contexts, run: number, step: number): void {
    const { state, steps, entries } = this.#memory;
    const word = step * L.STEP_WORDS;
    const last = steps[word + L.STEP_LAST_RUN]!;
    if (contexts.intervals !== null && state[L.INTERVAL] === 0) this.#decoded.take();
    // Each location has its hours in the same order: what follows now is tried first the next time.
    if (last !== 0) entries[last * L.ENTRY_WORDS + L.ENTRY_SUCCESSOR] = run;
    steps[word + L.STEP_LAST_RUN] = run;
    contexts.taken = run;
    if (contexts.intervals === null) steps[word + L.STEP_RECALL] = L.RECALL_PARTS;
    else {
      steps[word + L.STEP_RECALL] = L.RECALL_INTERVAL;
      state[L.INTERVAL] = run;
      this.#rows.parts.changed = false;
    }
  }

  #recallNothing(contexts: Contexts, step: number): void {
    const { state, steps } = this.#memory;
    steps[step * L.STEP_WORDS + L.STEP_RECALL] = L.RECALL_NOTHING;
    if (contexts.intervals === null || state[L.INTERVAL] === 0) return;
    this.#decoded.take();
    state[L.INTERVAL] = 0;
  }

  /** Has the loop expect bytes [at, next) in the next record. */
  #expect(at: number, next: number, step: number): void {
    const { bytes, steps } = this.#memory;
    if (next - at > L.MAX_MEMO) return;
    const word = step * L.STEP_WORDS;
    bytes.copyWithin(steps[word + L.STEP_MEMO]!, at, next);
    steps[word + L.STEP_MEMO_LENGTH] = next - at;
  }

  #selectComponent(bytes: Uint8Array, start: number, end: number): boolean {
    const component = this.#products.componentOf(bytes, start, end);
    if (component >= 0) this.#products.component = component;
    return component >= 0;
  }

  #readInteger(from: number, to: number, field: Extract<FieldUse, { use: "integer" }>): boolean {
    if (from === to) {
      this.#decoded.setInteger(field.index, null);
      return !field.required;
    }
    const value = parseInteger(this.#memory.bytes, from, to);
    this.#decoded.setInteger(field.index, value);
    return value === (value | 0);
  }

  /** A number in any plain form, or none. */
  #readNumber(at: number, step: number): number {
    const { kernels, state, bytes, steps, numbers } = this.#memory;
    const { from } = this.#program.steps[step]!;
    const next = kernels.nextField(at, this.#isLast(from));
    if (next === 0) return -1;
    const start = state[L.FIELD_FROM]!;
    const end = state[L.FIELD_TO]!;
    const bit = steps[step * L.STEP_WORDS + L.STEP_BIT]!;
    if (start === end) {
      state[L.NULLS]! |= bit;
      return bit === 0 ? -1 : next;
    }
    const value = parseDecimal(bytes, start, end);
    if (!Number.isFinite(value)) return -1;
    const column = numbers[step]!;
    column[column.length === 1 ? 0 : state[L.ROWS]!] = value;
    return next;
  }

  /** Reads a run of fields that is new, and remembers it; where the next step begins. */
  #learnRun(at: number, step: number): number {
    const { kernels, steps, entries } = this.#memory;
    const next = kernels.fieldsEnd(step, at);
    if (next === 0 || next - at > L.MAX_MEMO || this.isFull) return -1;
    const values = this.#readEntity(at, next, step);
    if (values === null) return -1;
    const isOnly = this.#firstEntityStep === this.#lastEntityStep;
    const value = isOnly ? this.#entities.codeOf(values) : this.#partials[step]!.push(values) - 1;
    const code = kernels.addRun(step, at, next - at, value);
    const word = step * L.STEP_WORDS + L.STEP_LAST_RUN;
    // Code 0 stands before the first run of every step: nothing may be guessed from it.
    if (steps[word] !== 0) entries[steps[word]! * L.ENTRY_WORDS + L.ENTRY_SUCCESSOR] = code;
    steps[word] = code;
    this.#setEntity(step);
    return next;
  }

  /** Sets the entity of the record in hand to what the step's run says, together with the steps before. */
  #setEntity(step: number): void {
    const { state, steps, entries } = this.#memory;
    const entry = steps[step * L.STEP_WORDS + L.STEP_LAST_RUN]! * L.ENTRY_WORDS;
    const value = entries[entry + L.ENTRY_VALUE]!;
    const before = state[L.ENTITY]!;
    if (step === this.#firstEntityStep) state[L.ENTITY] = value;
    else {
      const combined = this.#combine(before, value, step);
      entries[entry + L.ENTRY_BEFORE] = before;
      entries[entry + L.ENTRY_COMBINED] = combined;
      state[L.ENTITY] = combined;
    }
  }

  /** Values of the entity fields of the run [at, end), at their place in the table; null when one does not fit. */
  #readEntity(at: number, end: number, step: number): EntityValues | null {
    const { kernels, state, bytes } = this.#memory;
    const { from, to } = this.#program.steps[step]!;
    const values: EntityValues = this.#program.constants.slice();
    const run = bytes.toString("latin1", at, end);
    // Each cell of the run has a comma behind it, unless it is the last of the record.
    const cells = this.#isLast(to - 1) || HAS_QUOTE_OR_BEYOND_ASCII.test(run) ? null : run.split(",");
    let next = at;
    for (let field = from; field < to; field++) {
      let cell: string | null;
      if (cells !== null) cell = cells[field - from]!;
      else {
        next = kernels.nextField(next, this.#isLast(field));
        cell = textOf(bytes, state[L.FIELD_FROM]!, state[L.FIELD_TO]!);
      }
      if (cell === null) return null;
      if (this.#program.fields[field]!.use === "entity" && !this.#placeCell(field, cell, values)) return null;
    }
    return values;
  }

  /** Puts what a cell says of an entity in its places; whether it fits. */
  #placeCell(field: number, cell: string, values: EntityValues): boolean {
    const { targets } = this.#program.fields[field]! as Extract<FieldUse, { use: "entity" }>;
    const known = this.#cells[field]!.get(cell);
    if (known === undefined) {
      const text = trimCell(cell);
      for (const target of targets) if (placeEntityValue(target, text, values) !== null) return false;
      this.#rememberCell(field, cell, values);
      return true;
    }
    const words = values.length / 2;
    for (let i = 0; i < targets.length; i++) {
      const { index } = targets[i]!;
      values[index] = known[2 * i]!;
      values[words + index] = known[2 * i + 1]!;
    }
    return true;
  }

  /** Types, zones and voltages come back with every location: each is read once. */
  #rememberCell(field: number, cell: string, values: EntityValues): void {
    const { targets } = this.#program.fields[field]! as Extract<FieldUse, { use: "entity" }>;
    const cells = this.#cells[field]!;
    if (cells.size >= MAX_CELLS) return;
    cells.set(
      cell,
      targets.flatMap(({ index }) => [values[index]!, values[values.length / 2 + index]!]),
    );
  }

  /** Code of what two runs of fields say together, where a feed's entity columns do not lie side by side. */
  #combine(before: number, value: number, step: number): number {
    const { codes, values } = this.#combinations[step]!;
    const key = before * 2 ** 22 + value;
    let code = codes.get(key);
    if (code === undefined) {
      const previous = this.#partials.findLastIndex((known, index) => known !== undefined && index < step);
      const partial =
        previous === this.#firstEntityStep ? this.#partials[previous]! : this.#combinations[previous]!.values;
      const merged = this.#partials[step]![value]!.map(
        (own, column) => own ?? partial[before]![column] ?? null,
      );
      code = step === this.#lastEntityStep ? this.#entities.codeOf(merged) : values.push(merged) - 1;
      codes.set(key, code);
    }
    return code;
  }
}

const BEYOND_ASCII = /[\x80-\xff]/;
const HAS_QUOTE_OR_BEYOND_ASCII = /["\x80-\xff]/;

/** The text of bytes [from, to); null when they are not UTF-8. */
function textOf(bytes: Buffer, from: number, to: number): string | null {
  // Nearly always it is ASCII.
  const text = bytes.toString("latin1", from, to);
  if (!BEYOND_ASCII.test(text)) return text;
  return isUtf8(bytes.subarray(from, to)) ? bytes.toString("utf8", from, to) : null;
}
