import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchBuilder } from "../../src/arrow/batch-builder.js";
import { RowAssembler } from "../../src/csv/row-assembler.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { ENERGY, newDictionary, rowsOf } from "../helpers/rows.js";
import { WallClock } from "../helpers/wall-clock.js";

const HOUR_MS = 3_600_000;

/** Rows that an assembler makes of instants, and how many it left out. */
function assemble(instants: readonly number[], years: readonly number[] | null, intervalMinutes = 60) {
  const used = ENERGY.measures.map((_, measure) => measure === 0);
  const builder = new BatchBuilder(ENERGY, used, instants.length);
  const feed = { ...DA_HOURLY, intervalMinutes };
  const assembler = new RowAssembler(feed, years, builder);
  const dictionary = newDictionary(ENERGY);
  const code = dictionary.codeOf(["A", null, null, null, null]);
  for (const instant of instants) {
    assert.equal(assembler.setInterval(instant), null);
    builder.entityCodes[builder.rows] = code;
    builder.values[0]![builder.rows] = instant;
    assembler.commit(0);
  }
  builder.closeSource(0);
  return { rows: rowsOf(builder.finish(dictionary.snapshot())), filtered: assembler.filtered };
}

test("each hour around the changes of the clock gets its day and its ordinal hour", () => {
  const wall = new WallClock("America/New_York");
  for (const day of [Date.UTC(2024, 2, 9), Date.UTC(2024, 10, 2)]) {
    const hours = Array.from({ length: 72 }, (_, hour) => day + hour * HOUR_MS);
    const { rows } = assemble(hours, null);
    for (const [index, row] of rows.entries()) {
      const start = hours[index]!;
      assert.deepEqual(
        [row.start, row.end, row.date, row.hour],
        [start, start + HOUR_MS, wall.date(start), wall.hourEnding(start)],
      );
    }
  }
});

test("rows are filtered by the year of the operating day, not of UTC", () => {
  const midnight = Date.UTC(2024, 0, 1, 5);
  const hours = [midnight - 2 * HOUR_MS, midnight - HOUR_MS, midnight, midnight + HOUR_MS];
  const of2024 = assemble(hours, [2024]);
  assert.equal(of2024.filtered, 2);
  assert.deepEqual(
    of2024.rows.map(({ start, measures }) => [start, measures[0]]),
    hours.slice(2).map((start) => [start, start]),
  );
  assert.equal(assemble(hours, [2023]).rows.length, 2);
  assert.equal(assemble(hours, [2023, 2024]).filtered, 0);
});

test("five-minute intervals lie in the hour that they begin in", () => {
  const start = Date.UTC(2024, 6, 1, 4);
  const { rows } = assemble(
    Array.from({ length: 24 }, (_, i) => start + i * 300_000),
    null,
    5,
  );
  assert.deepEqual(
    rows.map(({ hour }) => hour),
    [...Array(12).fill(1), ...Array(12).fill(2)],
  );
  assert.ok(rows.every(({ start: from, end }) => end - from === 300_000));
});

test("instants off the feed's grid, and years that cannot be, are refused with a reason", () => {
  const builder = new BatchBuilder(ENERGY, [true, false, false, false, false, false], 1);
  const assembler = new RowAssembler({ ...DA_HOURLY, intervalMinutes: 15 }, null, builder);
  assert.match(assembler.setInterval(Date.UTC(2024, 0, 1, 0, 5)) ?? "", /not at a whole 15 minutes/);
  assert.match(assembler.setInterval(Date.UTC(2024, 0, 1, 0, 0, 1)) ?? "", /not at a whole 15 minutes/);
  assert.equal(assembler.setInterval(Date.UTC(2024, 0, 1, 0, 15)), null);
  assert.match(assembler.setInterval(Date.UTC(1989, 5, 1)) ?? "", /year from 1990 to 2100/);
  assert.match(assembler.setInterval(Date.UTC(2101, 5, 1)) ?? "", /year from 1990 to 2100/);
  // In New York the year 1990 begins five hours after that of UTC, and 2100 ends so much later.
  assert.notEqual(assembler.setInterval(Date.UTC(1990, 0, 1, 4, 45)), null);
  assert.equal(assembler.setInterval(Date.UTC(1990, 0, 1, 5)), null);
  assert.equal(assembler.setInterval(Date.UTC(2101, 0, 1, 4, 45)), null);
  assert.notEqual(assembler.setInterval(Date.UTC(2101, 0, 1, 5)), null);
});
