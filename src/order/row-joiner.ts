import { EXISTING_FILE, type MeasureValues } from "../arrow/row-batch.js";
import { requiredMeasure, type TableDefinition } from "../arrow/tables.js";
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
  /** Whether every row has its total: none is left out. */
  readonly hasTotals: boolean;
  readonly #rows: JoinableRows;
  readonly #total: number;
  readonly #final: boolean;
  readonly #dropped = new Map<number, number>();
  readonly #replaced = new Map<number, number>();

  /**
   * @param hasTotals whether every row has its total
   * @param final whether rows without their total are left out
   */
  constructor(table: TableDefinition, rows: JoinableRows, hasTotals: boolean, final: boolean) {
    this.#rows = rows;
    this.hasTotals = hasTotals;
    this.#total = requiredMeasure(table);
    this.#final = final;
  }

  /** Of a component that both rows have, the later one's stays; two totals are a duplicate. */
  join(earlier: number, later: number): number {
    const { measures, files } = this.#rows;
    const [before, now] = [fileOf(this.#rows, earlier), fileOf(this.#rows, later)];
    const isKnown = before === EXISTING_FILE && this.#bringsNothing(earlier, later);
    for (const [index, measure] of measures.entries()) {
      if (measure === null || !hasValue(measure, later)) continue;
      if (index === this.#total) {
        if (hasValue(measure, earlier)) add(this.#dropped, isKnown ? now : before);
        if (hasValue(measure, earlier) && before === EXISTING_FILE && !isKnown) add(this.#replaced, now);
        if (typeof files !== "number" && !isKnown) files[earlier] = now;
      }
      measure.values[earlier] = measure.values[later]!;
      if (measure.validity !== null) setValid(measure.validity, earlier);
    }
    return earlier;
  }

  /** Whether the earlier row has all values of the later one. */
  #bringsNothing(earlier: number, later: number): boolean {
    return this.#rows.measures.every(
      (measure) => measure === null || !hasValue(measure, later) || isSame(measure, earlier, later),
    );
  }

  /** Notes a row without its total; whether it is to be left out. */
  isLeftOut(row: number, start: number): boolean {
    const total = this.#rows.measures[this.#total];
    if (total !== null && total !== undefined && hasValue(total, row)) return false;
    this.orphans.push({ row, start });
    return this.#final;
  }

  dropped(): number[] {
    return pairs(this.#dropped);
  }

  /** Rows of {@link EXISTING_FILE} that were dropped: pairs of the file whose rows took their place and how many. */
  replaced(): number[] {
    return pairs(this.#replaced);
  }
}

function hasValue({ validity }: MeasureValues, row: number): boolean {
  return validity === null || validityBit(validity, row) === 1;
}

function isSame(measure: MeasureValues, a: number, b: number): boolean {
  const has = hasValue(measure, a);
  if (has !== hasValue(measure, b)) return false;
  return !has || Object.is(measure.values[a], measure.values[b]);
}

/** Whether two rows have the same values in all columns. */
export function haveSameValues(measures: readonly (MeasureValues | null)[], a: number, b: number): boolean {
  return measures.every((measure) => measure === null || isSame(measure, a, b));
}

/** File index of a row. */
export function fileOf({ files }: Pick<JoinableRows, "files">, row: number): number {
  return typeof files === "number" ? files : files[row]!;
}

/** Counts a row of a file. */
export function add(counts: Map<number, number>, file: number): void {
  counts.set(file, (counts.get(file) ?? 0) + 1);
}

/** The counts as pairs of file and rows, in the order of the files. */
export function pairs(counts: ReadonlyMap<number, number>): number[] {
  return [...counts].sort((a, b) => a[0] - b[0]).flat();
}
