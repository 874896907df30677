import assert from "node:assert/strict";
import { test } from "node:test";
import { countDays, dayCountsText, parseDayCounts } from "../../src/parquet/day-counts.js";
import { daysFromDate } from "../../src/time/calendar.js";
import { forSeeds } from "../helpers/random.js";

const DAY = daysFromDate(2024, 2, 28);

/** Intervals as a row group has them. */
function piece(...intervals: [start: number, date: number, rows: number][]) {
  return {
    start: intervals.map(([start]) => start),
    date: intervals.map(([, date]) => date),
    rows: intervals.map(([, , rows]) => rows),
  };
}

test("rows and intervals by day, zeros for days in between", () => {
  const counts = countDays([piece([1, DAY, 3], [2, DAY, 4]), piece([3, DAY + 2, 5])]);
  assert.deepEqual(counts, { firstDay: DAY, rows: [7, 0, 5], intervals: [2, 0, 1] });
  assert.equal(dayCountsText(counts!), '{"first":"2024-02-28","rows":[7,0,5],"intervals":[2,0,1]}');
  assert.deepEqual(parseDayCounts(dayCountsText(counts!)), counts);
  assert.equal(countDays([]), null);
});

test("an interval that goes on in the next row group counts once, wherever the rows are cut", () => {
  forSeeds(40, (random) => {
    const intervals = Array.from({ length: random.int(1, 60) }, (_, i) => {
      return [i, DAY + Math.floor(i / 7) * random.int(1, 1), random.int(2, 9)] as [number, number, number];
    });
    const whole = countDays([piece(...intervals)]);
    const pieces: ReturnType<typeof piece>[] = [];
    for (const [start, date, rows] of intervals) {
      const first = random.int(1, rows - 1);
      pieces.push(piece([start, date, first]), piece([start, date, rows - first]));
    }
    assert.deepEqual(countDays(pieces), whole);
  });
});

test("any other text is not read as counts", () => {
  const texts = [
    "",
    "null",
    "[]",
    "{}",
    '{"first":"2024-02-30","rows":[1],"intervals":[1]}',
    '{"first":"2024-02-28","rows":[1,2],"intervals":[1]}',
    '{"first":"2024-02-28","rows":[],"intervals":[]}',
    '{"first":"2024-02-28","rows":[-1],"intervals":[1]}',
    '{"first":"2024-02-28","rows":[1.5],"intervals":[1]}',
    '{"first":"2024-02-28","rows":"1","intervals":[1]}',
    '{"first":20240228,"rows":[1],"intervals":[1]}',
  ];
  for (const text of texts) assert.equal(parseDayCounts(text), null, text);
});
