import { ComponentRows } from "./component-rows.js";
import type { DecodeProgram } from "./decode-program.js";
import type { EntityDictionary } from "./entity-dictionary.js";
import { HourRows } from "./hour-rows.js";
import { ProductRows } from "./product-rows.js";
import type { RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

/** The row maker that a feed's layout needs. */
export function chooseRowMaker(
  program: DecodeProgram,
  rows: RowAssembler,
  entities: EntityDictionary,
): RowMaker {
  const { components, hours } = program.feed;
  if (hours !== null) return new HourRows(program, rows);
  return components === null ? new ProductRows(program, rows, entities) : new ComponentRows(program, rows);
}
