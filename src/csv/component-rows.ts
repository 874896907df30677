import { requiredMeasure, TABLES } from "../arrow/tables.js";
import { ComponentNames } from "./component-names.js";
import type { DecodeProgram } from "./decode-program.js";
import type { Interval, RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

/**
 * Makes rows of records that hold one component of a price each. The record of the total stands for the row, the
 * others for none.
 *
 * A component joins the row that its interval had last, where that is of the same location: OASIS lists all components
 * of a node before those of the next. Components that come further apart have rows of their own, in which the others
 * are missing; sorting joins those.
 */
export class ComponentRows implements RowMaker {
  prices: Float64Array = new Float64Array(1);
  missing = 0;
  component = -1;
  readonly width = 1;
  readonly room = 1;
  readonly #rows: RowAssembler;
  readonly #total: number;
  readonly #names: ComponentNames;
  /** Number of the first row that can be joined: one of the batch and of the file in hand. */
  #from: number;
  /** By row of the batch: bits of the components that it has. */
  #given = new Uint8Array(0);

  constructor(program: DecodeProgram, rows: RowAssembler) {
    const { measures } = TABLES[program.feed.table];
    this.#rows = rows;
    this.#from = rows.firstRow + rows.builder.rows;
    this.#total = requiredMeasure(TABLES[program.feed.table]);
    this.#names = new ComponentNames(program, measures);
  }

  componentOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#names.measureOf(bytes, start, end);
  }

  /** Whether records of the component in hand stand for rows. */
  get isTotal(): boolean {
    return this.component === this.#total;
  }

  /** Adds a value of the component in hand. */
  add(entity: number, interval: Interval, value: number): void {
    const { builder, firstRow } = this.#rows;
    const bit = 1 << this.component;
    const latest = interval.latestRow - firstRow;
    if (
      interval.latestRow >= this.#from &&
      builder.entityCodes[latest] === entity &&
      (this.#given[latest]! & bit) === 0
    ) {
      builder.values[this.component]![latest] = value;
      this.#given[latest]! |= bit;
      return;
    }
    this.#rows.setKnownInterval(interval);
    if (interval.wanted) {
      const row = builder.rows;
      if (row >= this.#given.length) this.#grow(builder.capacity);
      builder.values[this.component]![row] = value;
      builder.entityCodes[row] = entity;
      this.#given[row] = bit;
      interval.latestRow = firstRow + row;
    }
    this.#rows.commit(0, this.isTotal);
  }

  commit(entity: number): number {
    // A component without a value says nothing.
    if (this.missing !== 0) return 0;
    this.add(entity, this.#rows.interval!, this.prices[0]!);
    return this.isTotal ? 1 : 0;
  }

  flush(): void {
    const { builder, firstRow } = this.#rows;
    for (let row = this.#from - firstRow; row < builder.rows; row++) {
      let missing = this.#names.all & ~this.#given[row]!;
      for (let measure = 0; missing !== 0; measure++, missing >>>= 1) {
        if (missing & 1) builder.setNull(measure, row);
      }
    }
    this.#from = firstRow + builder.rows;
  }

  #grow(size: number): void {
    const given = new Uint8Array(size);
    given.set(this.#given);
    this.#given = given;
  }
}
