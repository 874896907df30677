import { ComponentRow } from "./component-row.js";
import type { DecodeProgram } from "./decode-program.js";
import type { EntityDictionary } from "./entity-dictionary.js";
import { HourRows } from "./hour-rows.js";
import { ProductRows } from "./product-rows.js";
import type { RowAssembler } from "./row-assembler.js";

/** Makes rows of a record that is not simply one row. One is shared by all that read records of a file. */
export interface RowMaker {
  /** Values of the record in hand. */
  readonly prices: Float64Array;
  /** Bit n: value n is missing. */
  missing: number;
  /** Most rows that a record stands for; 0 where each record simply is a row. */
  readonly width: number;
  /** Rows that must be free in the batch before the next record is taken. */
  readonly room: number;
  /** Takes the name of the component that the record holds; false for an unknown one. */
  selectComponent(bytes: Uint8Array, start: number, end: number): boolean;
  /**
   * Counts the record's rows in.
   *
   * @returns how many rows of the output it stands for; or, and nothing is taken then, why there can be no such rows
   */
  commit(entity: number): number | string;
  /** Puts rows that wait for others of their interval into the batch. */
  flush(): void;
}

/** The row maker that a feed's layout needs. */
export function rowMaker(program: DecodeProgram, rows: RowAssembler, entities: EntityDictionary): RowMaker {
  const { components, hours } = program.feed;
  if (hours !== null) return new HourRows(program, rows);
  return components === null ? new ProductRows(program, rows, entities) : new ComponentRow(program, rows);
}

/** The measures that a feed's components are, by the ISO's word. */
export class ComponentNames {
  /** Bits of all measures that are components. */
  readonly all: number;
  readonly #measures: ReadonlyMap<string, number>;

  constructor({ feed }: DecodeProgram, measures: readonly { name: string }[]) {
    const given = Object.entries(feed.components?.measures ?? {});
    this.#measures = new Map(
      given.map(([component, name]) => [component, measures.findIndex((known) => known.name === name)]),
    );
    this.all = [...this.#measures.values()].reduce((bits, measure) => bits | (1 << measure), 0);
  }

  /** Measure of the component that bytes [start, end) name; -1 for an unknown one. */
  measureOf(bytes: Uint8Array, start: number, end: number): number {
    let name = "";
    for (let at = start; at < end; at++) name += String.fromCharCode(bytes[at]!);
    return this.#measures.get(name) ?? -1;
  }
}
