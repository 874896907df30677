import { TABLES } from "../arrow/tables.js";
import { ComponentNames } from "./component-names.js";
import type { DecodeProgram } from "./decode-program.js";
import type { RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

/**
 * Makes a row of a record that holds one component of a price: all other measures are missing. Sorting joins the
 * rows of one interval and location; the record of the total stands for the row, the others for none.
 */
export class ComponentRow implements RowMaker {
  readonly prices = new Float64Array(1);
  missing = 0;
  readonly width = 1;
  readonly room = 1;
  readonly #rows: RowAssembler;
  readonly #total: number;
  readonly #names: ComponentNames;
  #measure = -1;

  constructor(program: DecodeProgram, rows: RowAssembler) {
    const { measures } = TABLES[program.feed.table];
    this.#rows = rows;
    this.#total = measures.findIndex(({ required }) => required);
    this.#names = new ComponentNames(program, measures);
  }

  selectComponent(bytes: Uint8Array, start: number, end: number): boolean {
    this.#measure = this.#names.measureOf(bytes, start, end);
    return this.#measure >= 0;
  }

  /** Whether the component is the price's total. */
  get isTotal(): boolean {
    return this.#measure === this.#total;
  }

  /** Bits of the measures that are other components. */
  get otherMeasures(): number {
    return this.#names.all & ~(1 << this.#measure);
  }

  /** Sets the component of rows from `row` on. */
  setValues(values: Float64Array, row: number): void {
    this.#rows.builder.values[this.#measure]!.set(values, row);
  }

  commit(entity: number): number {
    // A component without a value says nothing.
    if (this.missing !== 0) return 0;
    const { builder } = this.#rows;
    this.setValues(this.prices, builder.rows);
    builder.entityCodes[builder.rows] = entity;
    this.#rows.commit(this.otherMeasures, this.isTotal);
    return this.isTotal ? 1 : 0;
  }

  flush(): void {}
}
