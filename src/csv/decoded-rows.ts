import * as L from "../../kernels/layout.js";
import { ComponentRows } from "./component-rows.js";
import { type DecodeProgram, isRowPerRecord } from "./decode-program.js";
import type { KernelMemory } from "./kernel-memory.js";
import type { Interval, RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

/**
 * Rows that the kernel has put into its output columns, on their way into the batch.
 *
 * They are copied a few thousand at a time. Until then it is noted from which row on they are of which interval: a
 * market of fifteen zones has another one every fifteen rows.
 */
export class DecodedRows {
  /** Rows that the records have made which are in the batch. */
  rows = 0;
  /** Whether each record is a row of the output columns; else its row maker makes rows of it. */
  readonly isRowPerRecord: boolean;
  /** Intervals that runs tell, by the value of the run. */
  readonly knownIntervals: Interval[] = [];
  #records = 0;
  readonly #rows: RowAssembler;
  readonly #memory: KernelMemory;
  /** Steps whose numbers are measures. */
  readonly #measureSteps: { step: number; measure: number }[] = [];
  /** Where each record holds one component of a price: which, and the step with its value. */
  readonly #components: ComponentRows | null;
  readonly #componentStep: number;
  /** Measures that are whole numbers, with their values in the records in hand. */
  readonly #integerMeasures: number[] = [];
  readonly #integers: number[] = [];
  #integerNulls = 0;
  /** Rows of the output columns that are in the batch already. */
  #taken = 0;
  /** The first row of each interval of the others, and the interval; unless their runs tell it. */
  readonly #spanFrom: number[] = [];
  readonly #spanIntervals: Interval[] = [];
  #spans = 0;

  constructor(program: DecodeProgram, rows: RowAssembler, products: RowMaker, memory: KernelMemory) {
    const { steps, fields } = program;
    this.#rows = rows;
    this.#memory = memory;
    this.isRowPerRecord = isRowPerRecord(program);
    for (const [step, { from }] of steps.entries()) {
      const field = fields[from]!;
      if (field.use === "decimal") this.#measureSteps.push({ step, measure: field.index });
    }
    for (const field of fields) if (field.use === "integer") this.#integerMeasures.push(field.index);
    this.#components = this.isRowPerRecord && products instanceof ComponentRows ? products : null;
    this.#componentStep = steps.findIndex(({ kind }) => kind === "product");
  }

  /** Records so far, those with them that are still in the output columns. */
  get records(): number {
    return this.#records + this.#memory.state[L.ROWS]! - this.#taken;
  }

  /** The interval that a run of bytes tells. */
  intervalOf(run: number): Interval {
    return this.knownIntervals[this.#memory.entries[run * L.ENTRY_WORDS + L.ENTRY_VALUE]!]!;
  }

  /** Counts a record in that has made rows of its own. */
  addMade(rows: number): void {
    this.#records++;
    this.rows += rows;
  }

  /** Empties the output columns, whose rows have been taken, for as many as the batch has room for. */
  makeRoom(): void {
    const { state, rows } = this.#memory;
    const { builder } = this.#rows;
    this.#taken = 0;
    state[L.ROWS] = 0;
    state[L.MAX_ROWS] = Math.min(rows, builder.capacity - builder.rows);
    this.#beginSpans();
  }

  /** Copies new rows of the output columns into the batch. To be called before what they share changes. */
  take(): void {
    const { state } = this.#memory;
    const from = this.#taken;
    const to = state[L.ROWS]!;
    if (from === to) return;
    this.#taken = to;
    if (this.#components === null) this.#copyValues(from, to);
    if (state[L.INTERVAL] === 0) this.#countSpans(to);
    else this.#countRuns(from, to);
    this.#records += to - from;
    if (this.#components?.isTotal !== false) this.rows += to - from;
    this.#beginSpans();
  }

  /**
   * Counts the record in hand in, whose interval has been set; it has its row in the output columns.
   *
   * Where numbers are missing it goes into the batch at once, behind the others.
   */
  add(): void {
    const { state, codes, intervals } = this.#memory;
    if (state[L.NULLS] !== 0) {
      this.#addWithNulls();
      return;
    }
    const row = state[L.ROWS]!;
    codes[row] = state[L.ENTITY]!;
    if (state[L.INTERVAL] === 0) this.#openSpan(this.#rows.interval!);
    else intervals[row] = state[L.INTERVAL]!;
    state[L.ROWS] = row + 1;
  }

  /** Sets a whole number of the records to come. */
  setInteger(measure: number, value: number | null): void {
    this.#integers[this.#integerMeasures.indexOf(measure)] = value ?? 0;
    if (value === null) this.#integerNulls |= 1 << measure;
    else this.#integerNulls &= ~(1 << measure);
  }

  #addWithNulls(): void {
    const { state, numbers } = this.#memory;
    const { interval, builder } = this.#rows;
    this.take();
    this.#rows.setKnownInterval(interval!);
    this.#beginSpans();
    this.#records++;
    // A component without a value says nothing.
    if (this.#components !== null) return;
    const row = builder.rows;
    builder.entityCodes[row] = state[L.ENTITY]!;
    for (const { step, measure } of this.#measureSteps)
      builder.values[measure]![row] = numbers[step]![state[L.ROWS]!]!;
    this.#fillIntegers(row, row + 1);
    this.#rows.commitRows(1, state[L.NULLS]! | this.#integerNulls);
    state[L.MAX_ROWS]!--;
    this.rows++;
  }

  /** Copies what rows [from, to) hold behind the rows of the batch, which does not count them in yet. */
  #copyValues(from: number, to: number): void {
    const { codes, numbers } = this.#memory;
    const { builder } = this.#rows;
    const row = builder.rows;
    builder.entityCodes.set(codes.subarray(from, to), row);
    for (const { step, measure } of this.#measureSteps)
      builder.values[measure]!.set(numbers[step]!.subarray(from, to), row);
    this.#fillIntegers(row, row + to - from);
  }

  /** Notes that rows to come are of the interval that is set. */
  #beginSpans(): void {
    const { interval } = this.#rows;
    this.#spans = 0;
    if (interval !== null) this.#pushSpan(interval);
  }

  #openSpan(interval: Interval): void {
    const last = this.#spans - 1;
    if (last >= 0) {
      const before = this.#spanIntervals[last]!;
      if (before === interval) return;
      // Rows that are kept and rows that are not are never copied in one go.
      if (before.wanted !== interval.wanted) {
        this.take();
        this.#rows.setKnownInterval(interval);
        this.#spans = 0;
      }
    }
    this.#pushSpan(interval);
  }

  #pushSpan(interval: Interval): void {
    this.#spanFrom[this.#spans] = this.#memory.state[L.ROWS]!;
    this.#spanIntervals[this.#spans++] = interval;
  }

  /** Counts the rows up to `to` in, each with the interval of its span. */
  #countSpans(to: number): void {
    for (let span = 0; span < this.#spans; span++) {
      const end = span + 1 < this.#spans ? this.#spanFrom[span + 1]! : to;
      this.#count(this.#spanFrom[span]!, end, this.#spanIntervals[span]!);
    }
    // Components join rows that are there, and leave the interval as it is.
    if (this.#spans > 0) this.#rows.setKnownInterval(this.#spanIntervals[this.#spans - 1]!);
  }

  /** Counts rows [from, to) in, each with the interval that its run tells. */
  #countRuns(from: number, to: number): void {
    const { intervals: runs } = this.#memory;
    for (let begin = from; begin < to; ) {
      const run = runs[begin]!;
      let end = begin + 1;
      while (end < to && runs[end] === run) end++;
      this.#count(begin, end, this.intervalOf(run));
      begin = end;
    }
  }

  /** Counts rows [from, to) in, all of one interval. */
  #count(from: number, to: number, interval: Interval): void {
    if (this.#components !== null) {
      const { codes, numbers } = this.#memory;
      const values = numbers[this.#componentStep]!;
      for (let row = from; row < to; row++) this.#components.add(codes[row]!, interval, values[row]!);
    } else if (from < to) {
      this.#rows.setKnownInterval(interval);
      this.#rows.commitRows(to - from, this.#integerNulls);
    }
  }

  #fillIntegers(from: number, to: number): void {
    const { builder } = this.#rows;
    for (let i = 0; i < this.#integerMeasures.length; i++)
      builder.values[this.#integerMeasures[i]!]!.fill(this.#integers[i]!, from, to);
  }
}
