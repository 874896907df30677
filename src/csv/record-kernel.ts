import * as L from "../../kernels/layout.js";
import { ContextSteps } from "./context-steps.js";
import type { DecodeProgram } from "./decode-program.js";
import { DecodedRows } from "./decoded-rows.js";
import type { EntityDictionary } from "./entity-dictionary.js";
import { EntityRuns } from "./entity-runs.js";
import { MAX_RECORD_BYTES } from "./irregular-records.js";
import type { KernelMemory } from "./kernel-memory.js";
import { parseDecimal } from "./parse-decimal.js";
import type { RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

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
  readonly #memory: KernelMemory;
  readonly #products: RowMaker;
  readonly #decoded: DecodedRows;
  readonly #contexts: ContextSteps;
  readonly #entities: EntityRuns;

  constructor(
    program: DecodeProgram,
    rows: RowAssembler,
    entities: EntityDictionary,
    products: RowMaker,
    memory: KernelMemory,
  ) {
    this.#program = program;
    this.#rows = rows;
    this.#memory = memory;
    this.#products = products;
    memory.clear();
    this.#decoded = new DecodedRows(program, rows, products, memory);
    this.#contexts = new ContextSteps(program, rows, products, this.#decoded, memory);
    this.#entities = new EntityRuns(program, entities, memory);
    const { isRowPerRecord } = this.#decoded;
    if (!isRowPerRecord) products.prices = memory.prices;
    const { state } = memory;
    state[L.BASE_ENTITY] = this.#entities.baseEntity;
    state[L.COMMIT_EACH] = isRowPerRecord ? 0 : 1;
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
    return this.#entities.isFull;
  }

  /** To be called when another reader has set the interval: nothing is taken for unchanged in the next record. */
  forgetContext(): void {
    this.#contexts.forget();
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
          if (!this.#goOn(this.#contexts.read(state[L.AT]!, state[L.STEP]!))) return this.#stop("irregular");
          state[L.COMMIT] = 1;
          break;
        case L.STOP_RUN:
          if (!this.#goOn(this.#entities.learn(state[L.AT]!, state[L.STEP]!)))
            return this.#stop(this.isFull ? "full" : "irregular");
          break;
        case L.STOP_COMBINE:
          this.#entities.setEntity(state[L.STEP]!);
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
    state[L.ENTITY] = this.#entities.baseEntity;
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
    return rows + (this.#decoded.isRowPerRecord ? 1 : this.#products.room) <= capacity;
  }

  /** Counts the record in hand in, after its last step; false when there can be no such interval or rows. */
  #commitRecord(): boolean {
    const { state } = this.#memory;
    const { parts } = this.#rows;
    const entity = state[L.ENTITY]!;
    if (state[L.INTERVAL] !== 0) this.#rows.setKnownInterval(this.#decoded.intervalOf(state[L.INTERVAL]!));
    else {
      this.#contexts.takeRecalled();
      if ((parts.changed || parts.inDoubt) && this.#rows.resolveInterval(entity) !== null) {
        parts.readAgain();
        return false;
      }
    }
    if (this.#decoded.isRowPerRecord) {
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

  /** A number in any plain form, or none. */
  #readNumber(at: number, step: number): number {
    const { state, bytes, steps, numbers } = this.#memory;
    const { from } = this.#program.steps[step]!;
    const next = this.#memory.nextField(at, from);
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
}
