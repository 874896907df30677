import * as L from "../../kernels/layout.js";
import type { EntityValue } from "../arrow/row-batch.js";
import type { DecodeProgram, FieldUse } from "./decode-program.js";
import type { EntityDictionary } from "./entity-dictionary.js";
import { cellText, placeEntityValue, trimCell } from "./field-values.js";
import type { KernelMemory } from "./kernel-memory.js";

/** Pairs of runs that are kept before the dictionaries are begun anew. */
const MAX_COMBINATIONS = 500_000;

/** Cells of a field that are remembered: more of them would be names, which hardly come back. */
const MAX_CELLS = 64;

const HAS_QUOTE_OR_BEYOND_ASCII = /["\x80-\xff]/;

type EntityValues = EntityValue[];

/** Pairs of runs seen so far: their code, and what they say together. */
interface Combinations {
  codes: Map<number, number>;
  values: EntityValues[];
}

/** What runs of fields say of a record's entity: each is read once, and known by its bytes from then on. */
export class EntityRuns {
  /** Code of the entity before any field is read. */
  readonly baseEntity: number;
  readonly #program: DecodeProgram;
  readonly #entities: EntityDictionary;
  readonly #memory: KernelMemory;
  /** By step that reads entities: what its runs say, by the value of the run. */
  readonly #partials: EntityValues[][] = [];
  readonly #combinations: Combinations[] = [];
  /** By field: cells of entities that were read; of each target of the field, its value and its unknown word. */
  readonly #cells: Map<string, EntityValues>[];
  readonly #firstStep: number;
  readonly #lastStep: number;

  constructor(program: DecodeProgram, entities: EntityDictionary, memory: KernelMemory) {
    const { steps, fields } = program;
    this.#program = program;
    this.#entities = entities;
    this.#memory = memory;
    this.#cells = fields.map(() => new Map());
    this.#firstStep = steps.findIndex(({ kind }) => kind === "entity");
    this.#lastStep = steps.findLastIndex(({ kind }) => kind === "entity");
    // An entity that no row has would keep sorting from finding that all are there.
    this.baseEntity = this.#firstStep < 0 ? entities.codeOf(program.constants) : 0;
    for (const [step, { kind }] of steps.entries()) {
      if (kind !== "entity") continue;
      this.#partials[step] = [];
      this.#combinations[step] = { codes: new Map(), values: [] };
    }
  }

  /** Whether no more can be learnt. */
  get isFull(): boolean {
    const crowded = this.#combinations.some(({ codes }) => codes.size > MAX_COMBINATIONS);
    return crowded || this.#entities.isFull || this.#memory.isFull;
  }

  /** Reads a run of fields that is new, and remembers it; where the next step begins, or -1 when it is not plain. */
  learn(at: number, step: number): number {
    const { kernels, steps, entries } = this.#memory;
    const next = kernels.fieldsEnd(step, at);
    if (next === 0 || next - at > L.MAX_MEMO || this.isFull) return -1;
    const values = this.#readEntity(at, next, step);
    if (values === null) return -1;
    const isOnly = this.#firstStep === this.#lastStep;
    const value = isOnly ? this.#entities.codeOf(values) : this.#partials[step]!.push(values) - 1;
    const code = kernels.addRun(step, at, next - at, value);
    const word = step * L.STEP_WORDS + L.STEP_LAST_RUN;
    // Code 0 stands before the first run of every step: nothing may be guessed from it.
    if (steps[word] !== 0) entries[steps[word]! * L.ENTRY_WORDS + L.ENTRY_SUCCESSOR] = code;
    steps[word] = code;
    this.setEntity(step);
    return next;
  }

  /** Sets the entity of the record in hand to what the step's run says, together with the steps before. */
  setEntity(step: number): void {
    const { state, steps, entries } = this.#memory;
    const entry = steps[step * L.STEP_WORDS + L.STEP_LAST_RUN]! * L.ENTRY_WORDS;
    const value = entries[entry + L.ENTRY_VALUE]!;
    const before = state[L.ENTITY]!;
    if (step === this.#firstStep) state[L.ENTITY] = value;
    else {
      const combined = this.#combine(before, value, step);
      entries[entry + L.ENTRY_BEFORE] = before;
      entries[entry + L.ENTRY_COMBINED] = combined;
      state[L.ENTITY] = combined;
    }
  }

  /** Values of the entity fields of the run [at, end), at their place in the table; null when one does not fit. */
  #readEntity(at: number, end: number, step: number): EntityValues | null {
    const { state, bytes } = this.#memory;
    const { from, to } = this.#program.steps[step]!;
    const values: EntityValues = this.#program.constants.slice();
    const run = bytes.toString("latin1", at, end);
    // Each cell of the run has a comma behind it, unless it is the last of the record.
    const cells =
      this.#memory.isLastField(to - 1) || HAS_QUOTE_OR_BEYOND_ASCII.test(run) ? null : run.split(",");
    let next = at;
    for (let field = from; field < to; field++) {
      let cell: string | null;
      if (cells !== null) cell = cells[field - from]!;
      else {
        next = this.#memory.nextField(next, field);
        cell = cellText(bytes, state[L.FIELD_FROM]!, state[L.FIELD_TO]!);
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
        previous === this.#firstStep ? this.#partials[previous]! : this.#combinations[previous]!.values;
      const merged = this.#partials[step]![value]!.map(
        (own, column) => own ?? partial[before]![column] ?? null,
      );
      code = step === this.#lastStep ? this.#entities.codeOf(merged) : values.push(merged) - 1;
      codes.set(key, code);
    }
    return code;
  }
}
