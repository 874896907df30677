import assert from "node:assert/strict";
import { test } from "node:test";
import type { Segment } from "../../src/arrow/row-batch.js";
import { readSpilled, spillRows } from "../../src/order/spilled-rows.js";
import { monthOfDay } from "../../src/time/calendar.js";
import { forSeeds, type Random } from "../helpers/random.js";
import {
  batchOf,
  ENERGY,
  energyRow,
  newDictionary,
  type Row,
  randomEnergyRows,
  rowsOfSegments,
} from "../helpers/rows.js";

const FIRST_DAY = Date.UTC(2024, 0, 20) / 86_400_000;

/** Rows in order of time, cut out of batches of a few dictionaries that grow. */
function randomSegments(random: Random): Segment[] {
  const dictionaries = Array.from({ length: random.int(1, 3) }, () => newDictionary(ENERGY));
  return Array.from({ length: random.int(1, 6) }, () => {
    const options = { days: random.int(1, 100), firstDay: FIRST_DAY, locations: 30, files: 3 };
    const rows = randomEnergyRows(random, random.int(1, 200), options);
    const batch = batchOf(ENERGY, rows, random.pick(dictionaries));
    const from = random.int(0, batch.rows - 1);
    return { batch, from, to: random.int(from + 1, batch.rows) };
  });
}

test("rows that are spilled come back by month, as they came", () => {
  forSeeds(150, (random) => {
    const segments = randomSegments(random);
    const rows = rowsOfSegments(segments);
    const months = spillRows(segments);
    const monthsOfRows = [...new Set(rows.map(({ date }) => monthOfDay(date)))].sort((a, b) => a - b);
    assert.deepEqual(
      months.map(({ intervals }) => monthOfDay(intervals.date[0]!)),
      monthsOfRows,
    );
    for (const [index, month] of months.entries()) {
      const expected = rows.filter(({ date }) => monthOfDay(date) === monthsOfRows[index]);
      const read = readSpilled(month.bytes, "test");
      assert.deepEqual(rowsOfSegments(read), expected);
      assert.equal(month.rows, expected.length);
      for (const { batch } of read) {
        const { start } = batch.intervals;
        assert.deepEqual(start, start.slice().sort(), "a segment is in order of time");
      }
      checkIntervals(expected, month.intervals);
    }
  });
});

function checkIntervals(
  rows: readonly Row[],
  { start, date, rows: counts }: ReturnType<typeof spillRows>[number]["intervals"],
): void {
  const expected = new Map<number, [number, number]>();
  for (const row of [...rows].sort((a, b) => a.start - b.start))
    expected.set(row.start, [row.date, (expected.get(row.start)?.[1] ?? 0) + 1]);
  assert.deepEqual(
    Array.from(start, (at, index) => [at, [date[index]!, counts[index]!]]),
    [...expected],
  );
}

test("the hours that locations share are stored once", () => {
  const hours = 24 * 28;
  const sizeOf = (...locations: string[]): number => {
    const segments = locations.map((location): Segment => {
      const rows = Array.from({ length: hours }, (_, hour) =>
        energyRow(Date.UTC(2024, 1, 1, hour), location, hour),
      );
      return { batch: batchOf(ENERGY, rows), from: 0, to: hours };
    });
    return spillRows(segments)[0]!.bytes.length;
  };
  const [one, two] = [sizeOf("A"), sizeOf("A", "B")];
  // Start, end, date and hour of an interval are 21 bytes.
  assert.ok(two < 2 * one - hours * 20, `${one} bytes of one location, ${two} of two`);
});
