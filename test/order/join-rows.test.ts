import assert from "node:assert/strict";
import { test } from "node:test";
import { remaindersOf } from "../../src/arrow/remainders.js";
import type { Segment } from "../../src/arrow/row-batch.js";
import { type Joining, type SortedRows, sortRows } from "../../src/order/sort-rows.js";
import { sortedModel } from "../helpers/model.js";
import { forSeeds, type Random } from "../helpers/random.js";
import {
  batchOf,
  ENERGY,
  energyRow,
  newDictionary,
  type Row,
  rowsOfSegments,
  spellOut,
} from "../helpers/rows.js";

/*
 * Rows that hold one component of a price each, or some of them: sorting makes one row of those of one key, and works
 * out what is left of the total when they are together.
 */

const HOUR_MS = 3_600_000;
const [TOTAL, ENERGY_PART, CONGESTION, LOSS] = [0, 1, 2, 3] as const;
const GIVEN = ["lmp_total", "lmp_congestion", "lmp_loss"];
const REMAINDERS = remaindersOf(ENERGY, ["lmp_energy"], GIVEN);
const FINAL: Joining = { final: true, remainders: REMAINDERS };
const MORE_TO_COME: Joining = { final: false, remainders: REMAINDERS };

/** A row with some components, in cents. */
function part(hour: number, location: string, file: number, cents: Partial<Record<number, number>>): Row {
  const measures = [0, 1, 2, 3, 4, 5].map((index) =>
    cents[index] === undefined ? null : cents[index]! / 100,
  );
  return energyRow(hour * HOUR_MS, location, 0, { measures, file });
}

/** What joining must yield, by the rule: of each component the last value given. */
function joinedModel(rows: readonly Row[], final: boolean) {
  const joined = new Map<string, Row>();
  const dropped: Record<number, number> = {};
  for (const row of rows) {
    const key = JSON.stringify([row.start, ...row.entity]);
    const known = joined.get(key);
    if (known === undefined) {
      joined.set(key, { ...row, measures: [...row.measures] });
      continue;
    }
    if (row.measures[TOTAL] !== null) {
      if (known.measures[TOTAL] !== null) dropped[known.file] = (dropped[known.file] ?? 0) + 1;
      known.file = row.file;
    }
    for (const [index, value] of row.measures.entries())
      known.measures[index] = value ?? known.measures[index]!;
  }
  for (const { measures } of joined.values()) {
    const [total, , congestion, loss] = measures.map((value) =>
      value === null ? null : Math.round(value * 100),
    );
    const whole = total !== null && congestion !== null && loss !== null;
    measures[ENERGY_PART] = whole ? (total! - congestion! - loss!) / 100 : null;
  }
  const { rows: sorted } = sortedModel(ENERGY, [...joined.values()]);
  const orphans = sorted
    .filter(({ measures }) => measures[TOTAL] === null)
    .map(({ start, entity, file }) => ({ start, entity: String(entity[0]), file }));
  return {
    rows: final ? sorted.filter(({ measures }) => measures[TOTAL] !== null) : sorted,
    dropped,
    orphans,
  };
}

function droppedOf({ dropped }: SortedRows): Record<number, number> {
  const counts: Record<number, number> = {};
  for (let pair = 0; pair < dropped.length; pair += 2) counts[dropped[pair]!] = dropped[pair + 1]!;
  return counts;
}

function check(segments: readonly Segment[], joining: Joining): Row[] {
  const expected = joinedModel(rowsOfSegments(segments), joining.final);
  const sorted = sortRows(ENERGY, segments, joining);
  const rows = spellOut(sorted, sorted.entities);
  assert.deepEqual(rows, expected.rows);
  assert.deepEqual(droppedOf(sorted), expected.dropped);
  assert.deepEqual(
    sorted.orphans.map(({ start, entity, file }) => ({ start, entity, file })),
    expected.orphans,
  );
  return rows;
}

/** Components at random, most of them one to a row, of a few hours and locations. */
function randomParts(random: Random, count: number, files: number): Row[] {
  return Array.from({ length: count }, () => {
    const components = random.chance(0.8)
      ? [random.pick([TOTAL, CONGESTION, LOSS])]
      : [TOTAL, CONGESTION, LOSS].filter(() => random.chance(0.7));
    const cents = Object.fromEntries(components.map((index) => [index, random.int(-99_999, 99_999)]));
    return part(random.int(0, 3), `L${random.int(1, 5)}`, random.int(0, files - 1), cents);
  });
}

/** Segments of batches, each with the measures that its rows have. */
function segmentsOf(random: Random, rows: readonly Row[]): Segment[] {
  const shared = newDictionary(ENERGY);
  const segments: Segment[] = [];
  for (let from = 0; from < rows.length; ) {
    const own = rows.slice(from, from + random.int(1, 30));
    from += own.length;
    const used = ENERGY.measures.map((_, index) => own.some(({ measures }) => measures[index] !== null));
    const batch = batchOf(ENERGY, own, random.chance(0.5) ? shared : newDictionary(ENERGY), used);
    segments.push({ batch, from: 0, to: batch.rows });
  }
  return segments;
}

test("components anywhere: one row of each key, with what is left of the total", () => {
  forSeeds(300, (random) => {
    const segments = segmentsOf(random, randomParts(random, random.int(1, 150), 3));
    check(segments, random.pick([FINAL, MORE_TO_COME]));
  });
});

test("each component in a segment of its own, where no other component is known", () => {
  const of = (index: number, value: number, file: number): Segment => {
    const used = ENERGY.measures.map((_, measure) => measure === index);
    return {
      batch: batchOf(ENERGY, [part(0, "A", file, { [index]: value })], newDictionary(ENERGY), used),
      from: 0,
      to: 1,
    };
  };
  for (const order of [
    [TOTAL, CONGESTION, LOSS],
    [LOSS, CONGESTION, TOTAL],
    [CONGESTION, TOTAL, LOSS],
  ]) {
    const segments = order.map((index, file) => of(index, [2535, 0, -5, 120][index]!, file));
    const [row] = check(segments, FINAL);
    assert.deepEqual(row!.measures, [25.35, 24.2, -0.05, 1.2, null, null]);
    assert.equal(row!.file, order.indexOf(TOTAL), "the row is of the file that has the total");
  }
});

test("a remainder that was worked out before is worked out anew", () => {
  const first = sortRows(
    ENERGY,
    segmentOf([part(0, "A", 0, { [TOTAL]: 1000, [CONGESTION]: 100, [LOSS]: 50 })]),
    MORE_TO_COME,
  );
  assert.equal(spellOut(first, first.entities)[0]!.measures[ENERGY_PART], 8.5);
  const again = check(
    [...segmentOf(spellOut(first, first.entities)), ...segmentOf([part(0, "A", 1, { [CONGESTION]: 200 })])],
    FINAL,
  );
  assert.deepEqual(again[0]!.measures.slice(0, 4), [10, 7.5, 2, 0.5]);
  // A later total alone: the components are those that were there.
  const total = check(
    [...segmentOf(spellOut(first, first.entities)), ...segmentOf([part(0, "A", 1, { [TOTAL]: 2000 })])],
    FINAL,
  );
  assert.deepEqual(total[0]!.measures.slice(0, 4), [20, 18.5, 1, 0.5]);
});

function segmentOf(rows: readonly Row[]): Segment[] {
  return [{ batch: batchOf(ENERGY, rows), from: 0, to: rows.length }];
}

test("in two steps, in between as a batch, comes the same as in one", () => {
  forSeeds(150, (random) => {
    const parts = randomParts(random, random.int(2, 120), 3);
    const cut = random.int(1, parts.length - 1);
    const whole = sortRows(ENERGY, segmentsOf(random, parts), FINAL);
    const first = sortRows(ENERGY, segmentsOf(random, parts.slice(0, cut)), MORE_TO_COME);
    const between = segmentOf(spellOut(first, first.entities));
    const last = sortRows(ENERGY, [...between, ...segmentsOf(random, parts.slice(cut))], FINAL);
    assert.deepEqual(spellOut(last, last.entities), spellOut(whole, whole.entities));
    assert.deepEqual(last.orphans, whole.orphans);
    const both = droppedOf(first);
    for (const [file, count] of Object.entries(droppedOf(last)))
      both[Number(file)] = (both[Number(file)] ?? 0) + count;
    assert.deepEqual(both, droppedOf(whole));
  });
});
