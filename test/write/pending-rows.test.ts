import assert from "node:assert/strict";
import { test } from "node:test";
import { type Segment, transferList } from "../../src/arrow/row-batch.js";
import { countIntervals, rowGroupEnds } from "../../src/order/calendar-cuts.js";
import { firstRowFrom, PendingRows, type RowGroupRows } from "../../src/write/pending-rows.js";
import { forSeeds, type Random } from "../helpers/random.js";
import { batchOf, ENERGY, energyRow, type Row, randomEnergyRows, rowsOfSegments } from "../helpers/rows.js";

const FIRST_DAY = Date.UTC(2024, 0, 28) / 86_400_000;

const randomRows = (random: Random, count: number): Row[] =>
  randomEnergyRows(random, count, { days: 8, firstDay: FIRST_DAY, locations: 9, files: 2 });

/** Rows in the order given, cut into segments of batches at random. */
function randomSegments(random: Random, rows: readonly Row[]): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at < rows.length; ) {
    const size = random.int(1, 60);
    // A few rows more lie in the batch before and behind the segment.
    const from = random.int(0, Math.min(3, at));
    const batch = batchOf(ENERGY, rows.slice(at - from, at + size + random.int(0, 3)));
    const to = Math.min(from + size, batch.rows);
    segments.push({ batch, from, to });
    at += size;
  }
  return segments;
}

const byStart = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => a.start - b.start);
const rowsIn = (groups: readonly RowGroupRows[]): Row[][] =>
  groups.map(({ segments }) => byStart(rowsOfSegments(segments)));

test("rows in order of time leave as the row groups that the calendar gives all of them, as early as they can", () => {
  forSeeds(150, (random) => {
    const rows = byStart(randomRows(random, random.int(1, 600)));
    const target = random.int(5, 150);
    const segments = randomSegments(random, rows);
    const intervals = countIntervals(segments);
    const ends = rowGroupEnds(intervals, target);
    const largest = Math.max(...intervals.rows);
    const pending = new PendingRows(target);
    const early: RowGroupRows[] = [];
    for (const segment of segments) {
      pending.add(segment, 1);
      early.push(...pending.takeFinal());
      assert.ok(pending.rows <= Math.max(target, largest));
    }
    const groups = [...early, ...pending.takeAll()];
    assert.equal(pending.rows, 0);
    assert.deepEqual(pending.takeAll(), []);

    const sizes = ends.map((end, index) =>
      intervals.rows.slice(index === 0 ? 0 : ends[index - 1]!, end).reduce((sum, rows) => sum + rows, 0),
    );
    assert.deepEqual(
      rowsIn(groups).map((group) => group.length),
      sizes,
    );
    assert.deepEqual(rowsIn(groups).flat(), rows);
  });
});

test("rows in any order: none is lost, none comes twice, those of one interval stay in the order they came", () => {
  forSeeds(40, (random) => {
    const segments = random.shuffle(randomSegments(random, randomRows(random, random.int(1, 300))));
    const expected = rowsOfSegments(segments);
    const pending = new PendingRows(random.int(5, 80));
    const groups: RowGroupRows[] = [];
    for (const segment of segments) {
      pending.add(segment, 1);
      groups.push(...(random.chance(0.1) ? pending.takeAll() : pending.takeFinal()));
    }
    groups.push(...pending.takeAll());
    const taken = rowsIn(groups).flat();
    assert.equal(taken.length, expected.length);
    for (const start of new Set(expected.map((row) => row.start))) {
      const ofInterval = (rows: readonly Row[]) => rows.filter((row) => row.start === start);
      assert.deepEqual(ofInterval(taken), ofInterval(expected));
    }
  });
});

test("the bytes of a segment go with its rows, all of them in the end", () => {
  forSeeds(50, (random) => {
    const pending = new PendingRows(random.int(5, 80));
    let given = 0;
    let back = 0;
    for (const segment of randomSegments(random, byStart(randomRows(random, 300)))) {
      const bytes = random.int(100, 10_000);
      given += bytes;
      pending.add(segment, bytes);
      for (const { credit, segments } of pending.takeFinal()) {
        assert.ok(credit > 0 && segments.length > 0);
        back += credit;
      }
      assert.ok(back < given);
    }
    for (const { credit } of pending.takeAll()) back += credit;
    assert.ok(Math.abs(back - given) < 1e-3);
  });
});

test("each row group can be sent away with its buffers: no other one needs them", () => {
  forSeeds(50, (random) => {
    const pending = new PendingRows(random.int(5, 40));
    const gone = new Set<ArrayBuffer>();
    const leave = (groups: readonly RowGroupRows[]) => {
      for (const { segments } of groups) {
        for (const buffer of new Set(segments.flatMap(({ batch }) => transferList(batch)))) {
          assert.ok(!gone.has(buffer));
          gone.add(buffer);
        }
      }
    };
    for (const segment of randomSegments(random, byStart(randomRows(random, 200)))) {
      pending.add(segment, 1);
      leave(pending.takeFinal());
    }
    leave(pending.takeAll());
  });
});

test("the first row from an instant on, within a segment", () => {
  forSeeds(100, (random) => {
    const batch = batchOf(ENERGY, randomRows(random, random.int(1, 60)));
    const rows = rowsOfSegments([{ batch, from: 0, to: batch.rows }]);
    const from = random.int(0, batch.rows);
    const to = random.int(from, batch.rows);
    for (const start of [0, Number.POSITIVE_INFINITY, ...rows.map((row) => row.start), rows[0]!.start + 1]) {
      const found = rows.findIndex((row, index) => index >= from && (index >= to || row.start >= start));
      assert.equal(firstRowFrom({ batch, from, to }, start), found < 0 ? to : found);
    }
  });
});

test("locations that come one after the other are told before any of their rows has gone", () => {
  const DAY = 86_400_000;
  const year = (location: string): Segment => {
    const rows = Array.from({ length: 120 }, (_, day) =>
      energyRow(Date.UTC(2024, 0, 1) + day * DAY, location, day),
    );
    return { batch: batchOf(ENERGY, rows), from: 0, to: rows.length };
  };
  const pending = new PendingRows(300);
  for (const location of ["A", "B"]) {
    pending.add(year(location), 1);
    assert.equal(pending.takeScattered(), null);
  }
  // Were these all, they would only have to be sorted.
  assert.equal(pending.takeScattered(true), null);
  pending.add(year("C"), 1);
  assert.equal(pending.takeScattered()?.segments.length, 3);
});

test("rows of many months that go back behind others are taken all together", () => {
  const DAY = 86_400_000;
  /** A row for each day from one on. */
  const days = (from: number, count: number, location: string): Segment => {
    const rows = Array.from({ length: count }, (_, day) =>
      energyRow(Date.UTC(2024, 0, 1) + (from + day) * DAY, location, day),
    );
    return { batch: batchOf(ENERGY, rows), from: 0, to: count };
  };
  const pending = new PendingRows(150);
  const add = (segment: Segment) => pending.add(segment, 10 * (segment.to - segment.from));

  add(days(0, 200, "A"));
  assert.equal(pending.takeScattered(), null, "nothing has gone yet");
  const before = pending
    .takeFinal()
    .reduce((rows, { segments }) => rows + rowsOfSegments(segments).length, 0);
  assert.ok(before > 100 && pending.rows === 200 - before);

  add(days(0, 100, "B"));
  assert.equal(pending.takeScattered(), null, "they are no more than a row group may have");
  const rest = pending.rows;
  add(days(0, 100, "C"));
  const taken = pending.takeScattered()!;
  assert.equal(rowsOfSegments(taken.segments).length, rest + 100);
  assert.equal(Math.round(taken.credit), 10 * (rest + 100));
  assert.equal(pending.rows, 0);

  add(days(100, 160, "D"));
  assert.equal(pending.takeScattered()?.segments.length, 1, "most of them go back");
  add(days(250, 160, "D"));
  assert.equal(pending.takeScattered(), null, "most of them go on");
  assert.ok(pending.takeAll().length > 0);
  assert.equal(pending.takeScattered(true), null, "nothing waits");
  add(days(0, 90, "I"));
  assert.equal(pending.takeScattered(true)?.segments.length, 1, "at the end so few are enough");
  add(days(10, 40, "E"));
  add(days(12, 40, "F"));
  add(days(11, 40, "G"));
  add(days(13, 40, "H"));
  assert.equal(pending.takeScattered(), null, "they are of two months only");
});
