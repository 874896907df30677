import assert from "node:assert/strict";
import { test } from "node:test";
import * as cuts from "../../src/order/calendar-cuts.js";
import { forSeeds, type Random } from "../helpers/random.js";
import { batchOf, ENERGY, randomEnergyRows, rowsOfSegments } from "../helpers/rows.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 2024-01-25, so that a few days reach into the next months. */
const FIRST_DAY = Date.UTC(2024, 0, 25) / DAY_MS;

/** Rows of one interval. */
interface IntervalCount {
  start: number;
  date: number;
  rows: number;
}

const rowGroupEnds = (intervals: readonly IntervalCount[], target: number): number[] =>
  cuts.rowGroupEnds(
    {
      date: Int32Array.from(intervals, ({ date }) => date),
      rows: Int32Array.from(intervals, ({ rows }) => rows),
    },
    target,
  );

/** Intervals at random, in order, over some days. */
function randomIntervals(random: Random): IntervalCount[] {
  const intervals: IntervalCount[] = [];
  const perDay = random.int(1, 6);
  const most = random.pick([1, 3, 20]);
  for (let day = 0; day < random.int(1, 70); day++) {
    if (random.chance(0.2)) continue;
    for (let hour = 0; hour < perDay; hour++) {
      if (random.chance(0.2)) continue;
      const date = FIRST_DAY + day;
      intervals.push({ start: date * DAY_MS + hour * HOUR_MS, date, rows: random.int(1, most) });
    }
  }
  return intervals;
}

const month = (date: number): string => new Date(date * DAY_MS).toISOString().slice(0, 7);
const count = (intervals: readonly IntervalCount[]): number =>
  intervals.reduce((sum, { rows }) => sum + rows, 0);

/** Row groups by the rule as it is written down: months, then days that fit together, then intervals of a large day. */
function model(intervals: readonly IntervalCount[], target: number): IntervalCount[][] {
  const days = new Map<number, IntervalCount[]>();
  for (const interval of intervals) days.set(interval.date, [...(days.get(interval.date) ?? []), interval]);
  const groups: IntervalCount[][] = [];
  // Puts rows to the last group when that is still open and has room, else into a new one.
  let open = false;
  const put = (intervals: IntervalCount[]) => {
    const last = groups.at(-1);
    if (open && last !== undefined && count(last) + count(intervals) <= target) last.push(...intervals);
    else groups.push([...intervals]);
    open = true;
  };
  for (const day of days.values()) {
    const last = groups.at(-1);
    const sameMonth = last !== undefined && month(last[0]!.date) === month(day[0]!.date);
    // A day that does not fit as a whole begins a group; one that is too large is cut at its intervals.
    if (!sameMonth || count(last) + count(day) > target) open = false;
    if (count(day) > target) for (const interval of day) put([interval]);
    else put(day);
  }
  return groups;
}

function groupsOf(intervals: readonly IntervalCount[], target: number): IntervalCount[][] {
  const ends = rowGroupEnds(intervals, target);
  return ends.map((end, index) => intervals.slice(index === 0 ? 0 : ends[index - 1]!, end));
}

test("row groups are those of the rule", () => {
  forSeeds(1000, (random) => {
    const intervals = randomIntervals(random);
    const target = random.int(1, 60);
    assert.deepEqual(groupsOf(intervals, target), model(intervals, target));
  });
});

test("row groups hold every interval once, cross no month, and pass the target only for one interval", () => {
  forSeeds(300, (random) => {
    const intervals = randomIntervals(random);
    const target = random.int(1, 60);
    const groups = groupsOf(intervals, target);
    assert.deepEqual(groups.flat(), intervals);
    for (const group of groups) {
      assert.equal(new Set(group.map(({ date }) => month(date))).size, 1);
      assert.ok(count(group) <= target || group.length === 1);
    }
  });
});

test("of a beginning of the rows, all groups but the last are final", () => {
  forSeeds(300, (random) => {
    const intervals = randomIntervals(random);
    const target = random.int(1, 40);
    const ends = rowGroupEnds(intervals, target);
    for (let length = 0; length <= intervals.length; length++) {
      const beginning = intervals.slice(0, length);
      // The last interval may have come in part.
      const last = beginning.pop();
      if (last !== undefined) beginning.push({ ...last, rows: random.int(1, last.rows) });
      const early = rowGroupEnds(beginning, target).slice(0, -1);
      assert.deepEqual(early, ends.slice(0, early.length), `${length} of ${intervals.length} intervals`);
    }
  });
});

test("the rows behind any row group give the same row groups without it", () => {
  forSeeds(300, (random) => {
    const intervals = randomIntervals(random);
    const target = random.int(1, 40);
    const ends = rowGroupEnds(intervals, target);
    for (const [index, end] of ends.entries()) {
      const rest = rowGroupEnds(intervals.slice(end), target).map((later) => later + end);
      assert.deepEqual(rest, ends.slice(index + 1));
    }
  });
});

test("the row groups of a month depend on its own rows only", () => {
  forSeeds(200, (random) => {
    const intervals = randomIntervals(random);
    const target = random.int(1, 60);
    const months = [...new Set(intervals.map(({ date }) => month(date)))];
    const apart = months.flatMap((name) =>
      groupsOf(
        intervals.filter(({ date }) => month(date) === name),
        target,
      ),
    );
    assert.deepEqual(groupsOf(intervals, target), apart);
  });
});

test("no rows make no row group", () => {
  assert.deepEqual(rowGroupEnds([], 10), []);
});

test("the intervals of segments are counted over all of them", () => {
  forSeeds(100, (random) => {
    const segments = Array.from({ length: random.int(1, 4) }, () => {
      const options = { days: 2, firstDay: FIRST_DAY, locations: 3, files: 1 };
      const batch = batchOf(ENERGY, randomEnergyRows(random, random.int(1, 60), options));
      const from = random.int(0, batch.rows - 1);
      return { batch, from, to: random.int(from + 1, batch.rows) };
    });
    const expected = new Map<number, IntervalCount>();
    for (const { start, date } of rowsOfSegments(segments)) {
      const known = expected.get(start);
      if (known === undefined) expected.set(start, { start, date, rows: 1 });
      else known.rows++;
    }
    const { start, date, rows } = cuts.countIntervals(segments);
    assert.deepEqual(
      Array.from(start, (value, index) => ({ start: value, date: date[index]!, rows: rows[index]! })),
      [...expected.values()].sort((a, b) => a.start - b.start),
    );
  });
});
