import type { TableDefinition } from "../arrow/tables.js";
import type { CodedChunk } from "../parquet/read-column.js";
import { type FindingList, MOST_FINDINGS, type Place } from "./checks.js";

/**
 * Prices beyond this, in $/MWh or $/MW, are doubtful. The highest caps of the markets are a tenth to a half of it
 * (ERCOT 9,000 until 2021, MISO 10,000 as the value of lost load in its tariff); congestion comes on top, and
 * real prices of single nodes have passed 10,000 either way.
 */
export const MOST_PRICE = 20_000;

/**
 * How far a total may lie from the sum of its components, in $/MWh: half a unit of the last published digit for each
 * of the five numbers. ISO New England and NYISO print cents, and so do old files of PJM. Where the ISO leaves out the
 * energy component, as MISO does, it is what is left of the total and fits exactly; ERCOT has no components.
 */
const ROUNDED_TO_CENTS = 0.025;
/** SPP prints four decimals, CAISO five. */
const TOLERANCES: Readonly<Record<string, number>> = { SPP: 0.00025, CAISO: 0.000_05 };
/** Sums of doubles are not exact. */
const FLOATING = 1e-6;

/** How far a total of the ISO may lie from the sum of its components, in $/MWh. */
export function componentTolerance(iso: string): number {
  return (TOLERANCES[iso] ?? ROUNDED_TO_CENTS) + FLOATING;
}

/** Columns by name, as numbers. */
export type NumberColumns = ReadonlyMap<string, CodedChunk>;

/** Columns that are prices. */
const PRICES = ["lmp_total", "lmp_energy", "lmp_congestion", "lmp_loss", "lmp_ghg", "price"];

/**
 * Checks single values: no NaN and no infinity anywhere, prices within bounds.
 *
 * @param placeOf where a row is
 */
export function checkNumbers(
  { entity, measures }: TableDefinition,
  columns: NumberColumns,
  placeOf: (row: number) => Place,
  findings: FindingList,
): void {
  for (const { name, type } of [...entity, ...measures]) {
    const column = columns.get(name);
    if (type !== "float64" || column === undefined) continue;
    const values = column.values as Float64Array;
    const isPrice = PRICES.includes(name);
    for (let code = 0; code < values.length; code++) {
      const value = values[code]!;
      const isNumber = value - value === 0;
      if (isNumber && !(isPrice && Math.abs(value) > MOST_PRICE)) continue;
      const check = isNumber ? "price-bounds" : "not-a-number";
      const row = findings.isFull(check) ? 0 : column.codes.indexOf(code);
      if (row < 0) continue;
      const bounds = isNumber ? `, beyond ${MOST_PRICE}` : "";
      findings.add(check, `${name} is ${value}${bounds}`, placeOf(row));
    }
  }
}

/** Holds totals against the sums of their components, where all but greenhouse gas are there. */
export function checkComponents(
  columns: NumberColumns,
  tolerance: number,
  placeOf: (row: number) => Place,
  findings: FindingList,
): void {
  const [total, energy, congestion, loss, ghg] = PRICES.slice(0, 5).map((name) => columns.get(name));
  if (!total || !energy || !congestion || !loss || !ghg) return;
  const rows = total.codes.length;
  if ([total, energy, congestion, loss].some(({ nulls }) => nulls === rows)) return;
  const [t, e, c, l, g] = [total.codes, energy.codes, congestion.codes, loss.codes, ghg.codes];
  const [totals, energies, congestions, losses, gases] = [total, energy, congestion, loss, ghg].map(
    ({ values }) => values as Float64Array,
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const hasGas = ghg.nulls < rows;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const [te, en, co, lo] = [t[row]!, e[row]!, c[row]!, l[row]!];
    if ((te | en | co | lo) < 0) continue;
    let sum = energies[en]! + congestions[co]! + losses[lo]!;
    if (hasGas && g[row]! >= 0) sum += gases[g[row]!]!;
    if (!(Math.abs(totals[te]! - sum) > tolerance)) continue;
    if (count++ < MOST_FINDINGS)
      findings.add(
        "components",
        `lmp_total is ${totals[te]}, its components are ${sum} together`,
        placeOf(row),
      );
  }
  if (count > MOST_FINDINGS) findings.add("components", "", {}, count - MOST_FINDINGS);
}
