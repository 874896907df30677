import { TABLES } from "../arrow/tables.js";
import type { DecodeProgram } from "./decode-program.js";
import type { EntityDictionary } from "./entity-dictionary.js";
import type { RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

/** Makes the rows of a record that has the prices of all products side by side: one for each that is given. */
export class ProductRows implements RowMaker {
  prices: Float64Array;
  missing = 0;
  component = -1;
  readonly #program: DecodeProgram;
  readonly #rows: RowAssembler;
  readonly #entities: EntityDictionary;
  readonly #price: number;
  readonly #product: number;
  readonly #standard: number;
  /** By entity: codes of what it says together with each product. */
  readonly #codes: Int32Array[] = [];

  constructor(program: DecodeProgram, rows: RowAssembler, entities: EntityDictionary) {
    const table = TABLES[program.feed.table];
    const column = (wanted: string) => table.entity.findIndex(({ name }) => name === wanted);
    this.#program = program;
    this.#rows = rows;
    this.#entities = entities;
    this.#price = table.measures.findIndex(({ name }) => name === "price");
    this.#product = column("product");
    this.#standard = column("product_standard");
    this.prices = new Float64Array(program.feed.products.length);
  }

  get width(): number {
    return this.prices.length;
  }

  get room(): number {
    return Math.max(1, this.prices.length);
  }

  componentOf(): number {
    return -1;
  }

  commit(entity: number): number {
    this.#codes[entity] ??= this.#codesOf(entity);
    const codes = this.#codes[entity];
    const { builder } = this.#rows;
    const values = builder.values[this.#price]!;
    let row = builder.rows;
    for (let place = 0; place < this.prices.length; place++) {
      if ((this.missing >>> place) & 1) continue;
      values[row] = this.prices[place]!;
      builder.entityCodes[row++] = codes[place]!;
    }
    const count = row - builder.rows;
    if (count > 0) this.#rows.commitRows(count, 0);
    return count;
  }

  flush(): void {}

  #codesOf(entity: number): Int32Array {
    const values = this.#entities.valuesOf(entity);
    return Int32Array.from(this.#program.feed.products, ({ product, standard }) => {
      values[this.#product] = product;
      values[this.#standard] = standard;
      return this.#entities.codeOf(values);
    });
  }
}
