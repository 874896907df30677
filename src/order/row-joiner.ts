import type { MeasureValues } from "../arrow/row-batch.js";
import type { TableDefinition } from "../arrow/tables.js";
import { setValid, validityBit } from "../arrow/validity.js";

/** The columns of rows that are joined; a row is named by its place. */
export interface JoinableRows {
  measures: readonly (MeasureValues | null)[];
  /** File index of each row, or of all of them. */
  files: Int32Array | number;
}

/** Joins rows that hold a component each, in place: the row that came first takes what the later ones have. */
export class RowJoiner {
  readonly orphans: { row: number; start: number }[] = [];
  readonly #rows: JoinableRows;
  readonly #total: number;
  readonly #final: boolean;
  readonly #dropped = new Map<number, number>();

  constructor(table: TableDefinition, rows: JoinableRows, final: boolean) {
    this.#rows = rows;
    this.#total = table.measures.findIndex(({ required }) => required);
    this.#final = final;
  }

  /** Of a component that both rows have, the later one's stays; two totals are a duplicate. */
  join(earlier: number, later: number): number {
    const { measures, files } = this.#rows;
    for (const [index, measure] of measures.entries()) {
      if (measure === null || !hasValue(measure, later)) continue;
      if (index === this.#total) {
        const loser = typeof files === "number" ? files : files[earlier]!;
        if (hasValue(measure, earlier)) this.#dropped.set(loser, (this.#dropped.get(loser) ?? 0) + 1);
        if (typeof files !== "number") files[earlier] = files[later]!;
      }
      measure.values[earlier] = measure.values[later]!;
      if (measure.validity !== null) setValid(measure.validity, earlier);
    }
    return earlier;
  }

  /** Notes a row without its total; whether it is to be left out. */
  isLeftOut(row: number, start: number): boolean {
    const total = this.#rows.measures[this.#total];
    if (total !== null && total !== undefined && hasValue(total, row)) return false;
    this.orphans.push({ row, start });
    return this.#final;
  }

  dropped(): number[] {
    return [...this.#dropped].sort((a, b) => a[0] - b[0]).flat();
  }
}

function hasValue({ validity }: MeasureValues, row: number): boolean {
  return validity === null || validityBit(validity, row) === 1;
}
