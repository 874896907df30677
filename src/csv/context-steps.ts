import * as L from "../../kernels/layout.js";
import type { DecodeProgram, FieldUse, Step } from "./decode-program.js";
import type { DecodedRows } from "./decoded-rows.js";
import { cellText } from "./field-values.js";
import type { PartReader } from "./interval-parts.js";
import type { KernelMemory } from "./kernel-memory.js";
import { parseInteger } from "./parse-decimal.js";
import type { RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

/** Whether bytes [start, end) are what a field must hold. */
type FieldCheck = (bytes: Uint8Array, start: number, end: number) => boolean;

/** What the bytes of a step have said of the interval so far. */
interface Contexts {
  /** Of its fields, in their order. */
  parts: PartReader[];
  /** By the value of the run: what each part read. */
  values: number[][];
  /** Whether no other step has a say in the interval: the value of a run is its place among the known intervals. */
  tellsInterval: boolean;
  /** The run whose parts were taken last; 0 for none. */
  taken: number;
  /** Records so far when the step was read last. */
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

/**
 * The steps of a record that usually have the bytes of the record before: its time, component, revision, and what is not
 * used. Where they have others, they are read here, and the loop is told what to expect in the next record.
 */
export class ContextSteps {
  readonly #program: DecodeProgram;
  readonly #rows: RowAssembler;
  readonly #products: RowMaker;
  readonly #decoded: DecodedRows;
  readonly #memory: KernelMemory;
  /** By field: how it is read into a part of the interval; how it is checked. */
  readonly #parts: (PartReader | null)[];
  readonly #checks: (FieldCheck | null)[];
  /** By step that reads nothing but parts of the interval: what is remembered of it. */
  readonly #contexts: (Contexts | null)[];
  /** What the parts of a step have read, in their order. */
  readonly #partValues: number[] = [];
  /** By step: whether what its fields say is kept once for all rows of the output columns. */
  readonly #isShared: boolean[];
  /** By step: whether its fields say which component the record holds, and nothing else. */
  readonly #isComponent: boolean[];
  /** Forms of them that are remembered. */
  #components = 0;

  constructor(
    program: DecodeProgram,
    rows: RowAssembler,
    products: RowMaker,
    decoded: DecodedRows,
    memory: KernelMemory,
  ) {
    const { steps, fields } = program;
    this.#program = program;
    this.#rows = rows;
    this.#products = products;
    this.#decoded = decoded;
    this.#memory = memory;
    this.#parts = fields.map((field) => (field.use === "interval" ? rows.parts.reader(field.reading) : null));
    this.#checks = fields.map((field) => {
      if (field.use === "component") return (bytes, start, end) => this.#selectComponent(bytes, start, end);
      if (field.use !== "record-type") return null;
      const data = Buffer.from(field.data);
      return (bytes, start, end) => data.equals(bytes.subarray(start, end));
    });
    const usesOf = ({ from, to }: Step) => fields.slice(from, to).map(({ use }) => use);
    this.#contexts = steps.map((step) => {
      const uses = usesOf(step);
      const isMemorable =
        step.kind === "context" && uses.every((use) => use === "interval" || use === "skip");
      const parts = this.#parts.slice(step.from, step.to).filter((part) => part !== null);
      if (!isMemorable || parts.length === 0) return null;
      const isAlone = parts.length === this.#parts.filter((part) => part !== null).length;
      const tellsInterval = isAlone && decoded.isRowPerRecord && rows.parts.areAll && rows.keepsAllYears;
      return { parts, values: [], tellsInterval, taken: 0, readAt: -OFTEN };
    });
    this.#isShared = steps.map((step) =>
      usesOf(step).some((use) => use === "integer" || use === "component"),
    );
    this.#isComponent = steps.map((step) => {
      const uses = usesOf(step);
      return uses.includes("component") && uses.every((use) => COMPONENT_USES.has(use));
    });
  }

  /** To be called when another reader has set the interval: nothing is taken for unchanged in the next record. */
  forget(): void {
    this.#memory.forgetContext();
    for (const contexts of this.#contexts) if (contexts !== null) contexts.taken = 0;
  }

  /** Takes the parts of the interval that the loop has looked up for the record in hand. */
  takeRecalled(): void {
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

  /** Reads a step whose bytes are not those that were expected; where the next step begins, or -1 when it is not plain. */
  read(at: number, step: number): number {
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
    const { state, bytes } = this.#memory;
    const { from, to } = this.#program.steps[step]!;
    const contexts = this.#contexts[step]!;
    let read = 0;
    let next = at;
    for (let field = from; field < to; field++) {
      next = this.#memory.nextField(next, field);
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
      } else if (cellText(bytes, start, end) === null) return -1;
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
    const isOften = isRecalled || this.#decoded.records - contexts.readAt < OFTEN;
    contexts.readAt = this.#decoded.records;
    if (!isOften || next - at > L.MAX_MEMO) return 0;
    const { kernels } = this.#memory;
    const known = kernels.findRun(step, at, next - at);
    if (known > 0) return known;
    if (contexts.values.length >= MAX_CONTEXTS || this.#memory.isFull) return 0;
    if (contexts.tellsInterval) {
      if (this.#rows.resolveInterval(0) !== null) {
        // It is found out once more when the record is counted in, and said by the careful reader.
        this.#rows.parts.changed = true;
        return 0;
      }
      this.#decoded.knownIntervals.push(this.#rows.interval!);
    }
    return kernels.addRun(step, at, next - at, contexts.values.push(this.#partValues.slice(0, read)) - 1);
  }

  /** Has the loop look up what the records to come say of the interval: this one is the run. */
  #recall(contexts: Contexts, run: number, step: number): void {
    const { state, steps, entries } = this.#memory;
    const word = step * L.STEP_WORDS;
    const last = steps[word + L.STEP_LAST_RUN]!;
    if (contexts.tellsInterval && state[L.INTERVAL] === 0) this.#decoded.take();
    // Each location has its hours in the same order: what follows now is tried first the next time.
    if (last !== 0) entries[last * L.ENTRY_WORDS + L.ENTRY_SUCCESSOR] = run;
    steps[word + L.STEP_LAST_RUN] = run;
    contexts.taken = run;
    if (!contexts.tellsInterval) steps[word + L.STEP_RECALL] = L.RECALL_PARTS;
    else {
      steps[word + L.STEP_RECALL] = L.RECALL_INTERVAL;
      state[L.INTERVAL] = run;
      this.#rows.parts.changed = false;
    }
  }

  #recallNothing(contexts: Contexts, step: number): void {
    const { state, steps } = this.#memory;
    steps[step * L.STEP_WORDS + L.STEP_RECALL] = L.RECALL_NOTHING;
    if (!contexts.tellsInterval || state[L.INTERVAL] === 0) return;
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
}
