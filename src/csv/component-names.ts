import type { DecodeProgram } from "./decode-program.js";

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
