import { requiredMeasure, TABLES } from "../arrow/tables.js";
import { ComponentNames } from "./component-names.js";
import type { DecodeProgram } from "./decode-program.js";
import type { RowAssembler } from "./row-assembler.js";
import type { RowMaker } from "./row-maker.js";

const HOUR_MS = 3_600_000;
/** Locations for which there is room at first. */
const FIRST_SLOTS = 256;

/**
 * Makes the rows of records that have the hours of an operating day side by side (MISO).
 *
 * Records wait, and go into the batch hour by hour: the rows are in order of time then, and the components of a
 * price, which have a record each, are in one row as far as they come before the batch is full. Sorting joins the
 * others.
 */
export class HourRows implements RowMaker {
  prices: Float64Array;
  missing = 0;
  component: number;
  readonly #rows: RowAssembler;
  readonly #names: ComponentNames | null;
  /** Measure of which a value stands for a row of the output. */
  readonly #counted: number;
  /** By measure that the feed has: values by hour, then by place of the location; NaN for none. */
  readonly #values: (Float64Array | null)[];
  readonly #usedMeasures: number;
  /** By hour: how many values there are. */
  readonly #counts: Int32Array;
  /** By place: entity code, and bits of the measures whose record has come. */
  #entities = new Int32Array(FIRST_SLOTS);
  #seen = new Int32Array(FIRST_SLOTS);
  #slots = 0;
  /** By entity code: its place, or -1. */
  #slotOf = new Int32Array(FIRST_SLOTS).fill(-1);
  #day = Number.NaN;

  constructor(program: DecodeProgram, rows: RowAssembler) {
    const { measures } = TABLES[program.feed.table];
    const { hours, components } = program.feed;
    this.prices = new Float64Array(hours!.last);
    this.#rows = rows;
    this.#names = components === null ? null : new ComponentNames(program, measures);
    this.#counted = requiredMeasure(TABLES[program.feed.table]);
    this.component = this.#counted;
    const used = this.#names?.all ?? 1 << this.#counted;
    this.#counts = new Int32Array(hours!.last);
    this.#values = measures.map((_, measure) =>
      (used >>> measure) & 1 ? new Float64Array(FIRST_SLOTS * this.prices.length) : null,
    );
    this.#usedMeasures = this.#values.filter((values) => values !== null).length;
  }

  get width(): number {
    return this.prices.length;
  }

  get room(): number {
    return (this.#slots + 1) * this.prices.length;
  }

  componentOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#names!.measureOf(bytes, start, end);
  }

  commit(entity: number): number | string {
    const { day, hoursInDay } = this.#rows;
    const hours = this.prices.length;
    if (this.missing >>> hoursInDay !== ((1 << hours) - 1) >>> hoursInDay)
      return `has a value after hour ${hoursInDay}, the day's last one`;
    const slot = this.#slotFor(entity, day);
    this.#seen[slot]! |= 1 << this.component;
    const values = this.#values[this.component]!;
    const room = this.#entities.length;
    let count = 0;
    for (let hour = 0; hour < hours; hour++) {
      if ((this.missing >>> hour) & 1) continue;
      values[hour * room + slot] = this.prices[hour]!;
      this.#counts[hour]!++;
      count++;
    }
    return this.component === this.#counted ? count : 0;
  }

  /** Place of a location on a day; what waits goes into the batch first when it is of another day. */
  #slotFor(entity: number, day: number): number {
    if (day !== this.#day) this.flush();
    this.#day = day;
    if (entity >= this.#slotOf.length) {
      const grown = new Int32Array(2 * entity + 1).fill(-1);
      grown.set(this.#slotOf);
      this.#slotOf = grown;
    }
    const known = this.#slotOf[entity]!;
    if (known >= 0 && ((this.#seen[known]! >>> this.component) & 1) === 0) return known;
    // The same price once more has a place of its own: which one stays is for sorting to say.
    if (this.#slots === this.#entities.length) this.#grow();
    const slot = this.#slots++;
    this.#entities[slot] = entity;
    this.#seen[slot] = 0;
    this.#slotOf[entity] = slot;
    for (const values of this.#values) {
      if (values === null) continue;
      for (let at = slot; at < values.length; at += this.#entities.length) values[at] = Number.NaN;
    }
    return slot;
  }

  #grow(): void {
    const room = this.#entities.length;
    const grow = <T extends Int32Array | Float64Array>(grown: T, from: T, parts: number): T => {
      for (let part = 0; part < parts; part++)
        grown.set(from.subarray(part * room, (part + 1) * room), part * room * 2);
      return grown;
    };
    this.#entities = grow(new Int32Array(room * 2), this.#entities, 1);
    this.#seen = grow(new Int32Array(room * 2), this.#seen, 1);
    const hours = this.prices.length;
    for (const [measure, values] of this.#values.entries()) {
      if (values === null) continue;
      this.#values[measure] = grow(new Float64Array(room * 2 * hours), values, hours);
    }
  }

  flush(): void {
    const slots = this.#slots;
    if (slots === 0) return;
    const start = this.#rows.dayStart(this.#day);
    for (let hour = 0; hour < this.prices.length; hour++) {
      const count = this.#counts[hour]!;
      this.#counts[hour] = 0;
      if (count === 0) continue;
      this.#rows.setInterval(start + hour * HOUR_MS);
      if (count === slots * this.#usedMeasures) this.#flushHour(hour);
      else for (let slot = 0; slot < slots; slot++) this.#flushRow(slot, hour);
    }
    for (let slot = 0; slot < slots; slot++) this.#slotOf[this.#entities[slot]!] = -1;
    this.#slots = 0;
  }

  /** An hour of which no location lacks a value. */
  #flushHour(hour: number): void {
    const { builder } = this.#rows;
    const from = hour * this.#entities.length;
    builder.entityCodes.set(this.#entities.subarray(0, this.#slots), builder.rows);
    for (const [measure, values] of this.#values.entries()) {
      if (values !== null)
        builder.values[measure]!.set(values.subarray(from, from + this.#slots), builder.rows);
    }
    this.#rows.commitRows(this.#slots, 0);
  }

  #flushRow(slot: number, hour: number): void {
    const { builder } = this.#rows;
    const row = builder.rows;
    let nulls = 0;
    let given = 0;
    for (let measure = 0; measure < this.#values.length; measure++) {
      const values = this.#values[measure];
      if (values === null || values === undefined) continue;
      const value = values[hour * this.#entities.length + slot]!;
      if (Number.isNaN(value)) nulls |= 1 << measure;
      else {
        builder.values[measure]![row] = value;
        given |= 1 << measure;
      }
    }
    if (given === 0) return;
    builder.entityCodes[row] = this.#entities[slot]!;
    this.#rows.commit(nulls, ((given >>> this.#counted) & 1) === 1);
  }
}
