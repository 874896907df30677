import assert from "node:assert/strict";
import { test } from "node:test";
import { remaindersOf, remainderValues } from "../../src/arrow/remainders.js";
import type { MeasureValues } from "../../src/arrow/row-batch.js";
import { forSeeds, type Random } from "../helpers/random.js";
import { ANCILLARY, ENERGY } from "../helpers/rows.js";

const place = (name: string) => ENERGY.measures.findIndex((measure) => measure.name === name);
const TOTAL = place("lmp_total");
const PARTS = ["lmp_energy", "lmp_congestion", "lmp_loss", "lmp_ghg"];

/** Columns of the energy table by name, null for a missing value. */
function columns(given: Record<string, (number | null)[]>): (MeasureValues | null)[] {
  return ENERGY.measures.map(({ name }) => {
    const list = given[name];
    if (list === undefined) return null;
    const values = Float64Array.from(list, (value) => value ?? 99);
    if (list.every((value) => value !== null)) return { values, validity: null };
    const validity = new Uint8Array((list.length + 7) >> 3);
    for (const [row, value] of list.entries()) if (value !== null) validity[row >> 3]! |= 1 << (row & 7);
    return { values, validity };
  });
}

/** A column as a list, null for a missing value. */
function listOf({ values, validity }: MeasureValues): (number | null)[] {
  return Array.from(values, (value, row) =>
    validity === null || (validity[row >> 3]! >> (row & 7)) & 1 ? value : null,
  );
}

function remainder(target: string, given: Record<string, (number | null)[]>): (number | null)[] {
  const [found] = remaindersOf(ENERGY, [target], Object.keys(given));
  return listOf(remainderValues(found!, columns(given), Object.values(given)[0]!.length));
}

test("what is taken off the total are the components that the feed has, and not the one that is worked out", () => {
  const given = ["lmp_total", "lmp_congestion", "lmp_loss", "version"];
  assert.deepEqual(remaindersOf(ENERGY, ["lmp_energy"], given), [
    { target: place("lmp_energy"), total: TOTAL, others: [place("lmp_congestion"), place("lmp_loss")] },
  ]);
  const [loss] = remaindersOf(ENERGY, ["lmp_loss"], ["lmp_total", ...PARTS]);
  assert.deepEqual(loss!.others, [place("lmp_energy"), place("lmp_congestion"), place("lmp_ghg")]);
  assert.deepEqual(remaindersOf(ENERGY, [], given), []);
  assert.deepEqual(remaindersOf(ANCILLARY, [], ["price"]), []);
});

test("by hand: noise beyond six decimals is taken off, and none is a negative zero", () => {
  const rest = remainder("lmp_energy", {
    lmp_total: [25.35, 0.3, 0.1, -0.37, 1.000001, 5],
    lmp_congestion: [-0.05, 0.1, 0.3, -0.37, 1, 5],
    lmp_loss: [1.2, 0.2, -0.2, 0, 0, -0],
  });
  assert.deepEqual(rest, [24.2, 0, 0, 0, 0.000001, 0]);
});

test("the remainder is missing where the total or a component is, and nowhere else", () => {
  const rest = remainder("lmp_energy", {
    lmp_total: [1, null, 3, 4, null],
    lmp_congestion: [null, 2, 1, 1, null],
    lmp_loss: [1, 2, null, 1, null],
  });
  assert.deepEqual(rest, [null, null, null, 2, null]);
  assert.deepEqual(remainder("lmp_energy", { lmp_total: [1, null] }), [1, null]);
});

test("a component that no row of the batch has leaves nothing to work out", () => {
  const [energy] = remaindersOf(ENERGY, ["lmp_energy"], ["lmp_total", "lmp_congestion", "lmp_loss"]);
  const given = columns({ lmp_total: [1, 2, 3], lmp_congestion: [1, 1, 1] });
  assert.deepEqual(listOf(remainderValues(energy!, given, 3)), [null, null, null]);
});

test("columns may be longer than the rows, and are left as they are", () => {
  const given = columns({ lmp_total: [5, 6, 7], lmp_congestion: [1, null, 1], lmp_loss: [1, 1, 1] });
  const before = structuredClone(given);
  const [energy] = remaindersOf(ENERGY, ["lmp_energy"], ["lmp_total", "lmp_congestion", "lmp_loss"]);
  assert.deepEqual(listOf(remainderValues(energy!, given, 2)), [3, null]);
  assert.deepEqual(given, before);
});

test("prices of two decimals: the same as in whole cents", () => {
  const price = (random: Random) => (random.chance(0.1) ? null : random.int(-500_000, 500_000));
  forSeeds(50, (random) => {
    const rows = random.int(1, 40);
    const names = ["lmp_total", ...random.shuffle(PARTS.slice(1)).slice(0, random.int(1, 3))];
    const cents = Object.fromEntries(
      names.map((name) => [name, Array.from({ length: rows }, () => price(random))]),
    );
    const given = Object.fromEntries(
      names.map((name) => [name, cents[name]!.map((value) => (value === null ? null : value / 100))]),
    );
    const expected = Array.from({ length: rows }, (_, row) => {
      const [total, ...others] = names.map((name) => cents[name]![row]!);
      if (total === null || others.includes(null as unknown as number)) return null;
      return (total! - others.reduce((sum, other) => sum + other, 0)) / 100;
    });
    assert.deepEqual(remainder("lmp_energy", given), expected);
  });
});
