import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowGroup } from "hyparquet";
import type { Segment } from "../../src/arrow/row-batch.js";
import { rowGroupEnds } from "../../src/order/calendar-cuts.js";
import {
  cutStretch,
  mergeBlocks,
  overlapDepth,
  overlappingRows,
  type Piece,
  planMonths,
} from "../../src/write/pieces.js";
import { forSeeds, forSeedsAsync, type Random } from "../helpers/random.js";
import { batchOf, ENERGY, energyRow, type Row, rowsOfSegments } from "../helpers/rows.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A piece with `rows` rows in each of the intervals. */
function piece(sequence: number, starts: readonly number[], rows = 1): Piece {
  return {
    sequence,
    offset: 0,
    length: 0,
    crc32: 0,
    rowGroup: { columns: [], total_byte_size: 0n, num_rows: 0n } as RowGroup,
    rows: starts.length * rows,
    incomplete: false,
    intervals: {
      start: Float64Array.from(starts),
      date: Int32Array.from(starts, (start) => Math.floor(start / DAY_MS)),
      rows: Int32Array.from(starts, () => rows),
    },
    sources: new Int32Array(0),
  };
}

function randomPieces(random: Random, most: number): Piece[] {
  return Array.from({ length: random.int(1, most) }, (_, sequence) => {
    const from = random.int(0, 100);
    const starts = Array.from({ length: random.int(1, 20) }, (_, i) => from + i).filter(
      (_, index) => index === 0 || random.chance(0.6),
    );
    return piece(
      sequence,
      starts.map((hour) => hour * HOUR_MS),
    );
  });
}

const range = ({ intervals }: Piece): [number, number] => [intervals.start[0]!, intervals.start.at(-1)!];

/** Most pieces whose ranges hold one instant, counted at each of the instants that there are. */
function depthModel(pieces: readonly Piece[]): number {
  const instants = pieces.flatMap((one) => range(one));
  const at = (instant: number) =>
    pieces.filter((one) => range(one)[0] <= instant && instant <= range(one)[1]);
  return Math.max(0, ...instants.map((instant) => at(instant).length));
}

test("the depth of overlapping pieces", () => {
  forSeeds(300, (random) => {
    const pieces = randomPieces(random, 20);
    assert.equal(overlapDepth(pieces), depthModel(pieces));
  });
  assert.equal(overlapDepth([]), 0);
});

test("blocks to be merged hold the pieces in the order in which they came, and can be opened at once", () => {
  forSeeds(200, (random) => {
    const pieces = randomPieces(random, 40);
    const fanIn = random.int(1, 8);
    const blocks = mergeBlocks(random.shuffle(pieces), fanIn);
    assert.deepEqual(blocks.flat(), pieces);
    assert.ok(blocks.every((block) => depthModel(block) <= fanIn));
    assert.ok(blocks.length <= Math.ceil(pieces.length / fanIn));
  });
});

test("stretches of overlapping rows: all rows once, in order of time, earlier pieces first, few pieces open", async () => {
  await forSeedsAsync(100, async (random) => {
    const pieces = randomPieces(random, 12);
    const rowsOf = (one: Piece): Row[] =>
      [...one.intervals.start].map((start) => energyRow(start, `${one.sequence}`, 0));
    let open = 0;
    let mostOpen = 0;
    let last = Number.NEGATIVE_INFINITY;
    const seen: Row[] = [];
    const left = new Map(pieces.map(({ sequence, rows }) => [`${sequence}`, rows]));
    const load = async (one: Piece) => {
      mostOpen = Math.max(mostOpen, ++open);
      return batchOf(ENERGY, rowsOf(one));
    };
    for await (const segments of overlappingRows(random.shuffle(pieces), load)) {
      const rows = rowsOfSegments(segments);
      assert.ok(rows.length > 0 && rows.every(({ start }) => start > last));
      last = Math.max(...rows.map(({ start }) => start));
      const sequences = segments.map(({ batch, from, to }) =>
        Number(rowsOfSegments([{ batch, from, to }])[0]!.entity[0]),
      );
      assert.deepEqual(
        sequences,
        [...sequences].sort((a, b) => a - b),
      );
      for (const { entity } of rows) {
        const name = String(entity[0]);
        left.set(name, left.get(name)! - 1);
        if (left.get(name) === 0) open--;
      }
      seen.push(...rows);
    }
    assert.equal(open, 0);
    assert.ok(mostOpen <= depthModel(pieces), `${mostOpen} pieces were open`);
    const texts = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort();
    assert.deepEqual(texts(seen), texts(pieces.flatMap(rowsOf)));
  });
});

test("a stretch is cut between intervals: all rows once, in order of time, no part much too long", () => {
  forSeeds(100, (random) => {
    const segments = Array.from({ length: random.int(1, 4) }, (_, location): Segment => {
      const starts = Array.from({ length: random.int(1, 30) }, () => random.int(0, 9) * HOUR_MS);
      const rows = starts.sort((a, b) => a - b).map((start, row) => energyRow(start, `${location}`, row));
      return { batch: batchOf(ENERGY, rows), from: random.int(0, rows.length - 1), to: rows.length };
    });
    const most = random.int(1, 40);
    const all = rowsOfSegments(segments);
    const largest = Math.max(...all.map(({ start }) => all.filter((other) => other.start === start).length));
    const parts = [...cutStretch(segments, most)].map(rowsOfSegments);
    let last = Number.NEGATIVE_INFINITY;
    for (const part of parts) {
      assert.ok(part.length > 0 && part.length < most + largest);
      assert.ok(part.every(({ start }) => start > last));
      last = Math.max(...part.map(({ start }) => start));
    }
    const byLocation = (rows: readonly Row[]) =>
      segments.map((_, location) => rows.filter(({ entity }) => entity[0] === `${location}`));
    assert.deepEqual(byLocation(parts.flat()), byLocation(all));
  });
});

/** The hours of some days of 2024 (from 0) as pieces that the calendar cuts, a row in each hour. */
function calendarPieces(days: readonly number[], target: number): Piece[] {
  const starts = days.flatMap((day) =>
    Array.from({ length: 24 }, (_, hour) => Date.UTC(2024, 0, 1 + day, hour)),
  );
  const ends = rowGroupEnds(
    {
      date: Int32Array.from(starts, (start) => Math.floor(start / DAY_MS)),
      rows: new Int32Array(starts.length).fill(1),
    },
    target,
  );
  return ends.map((end, index) => piece(index, starts.slice(index === 0 ? 0 : ends[index - 1]!, end)));
}

const plan = (pieces: readonly Piece[], target: number) =>
  planMonths(pieces, target).map(({ action, pieces: ofMonth }) => [
    action,
    ofMonth.map(({ sequence }) => sequence),
  ]);

test("pieces that are cut as the calendar cuts them stay, in whatever order they came", () => {
  const days = Array.from({ length: 40 }, (_, day) => day);
  for (const target of [10, 24, 48, 100, 10_000]) {
    const pieces = calendarPieces(days, target);
    const ofMonth = (month: number) =>
      pieces
        .filter(({ intervals }) => new Date(intervals.start[0]!).getUTCMonth() === month)
        .map(({ sequence }) => sequence);
    const expected = [
      ["keep", ofMonth(0)],
      ["keep", ofMonth(1)],
    ];
    assert.deepEqual(plan(pieces, target), expected);
    assert.deepEqual(plan([...pieces].reverse(), target), expected);
  }
});

test("pieces that overlap, touch in one interval, or were cut elsewhere are merged, only in their month", () => {
  const hour = (month: number, day: number, at: number) => Date.UTC(2024, month, day, at);
  const february = piece(0, [hour(1, 1, 0), hour(1, 1, 1)]);
  const merged = (pieces: Piece[]) => plan([february, ...pieces], 2)[0]![0];
  assert.equal(merged([piece(1, [hour(0, 1, 0), hour(0, 1, 1)]), piece(2, [hour(0, 1, 2)])]), "keep");
  assert.equal(merged([piece(1, [hour(0, 1, 0), hour(0, 1, 1)]), piece(2, [hour(0, 1, 1)])]), "merge");
  assert.equal(merged([piece(1, [hour(0, 1, 0), hour(0, 1, 2)]), piece(2, [hour(0, 1, 1)])]), "merge");
  assert.equal(
    merged([piece(1, [hour(0, 1, 0)]), piece(2, [hour(0, 1, 1)])]),
    "merge",
    "two hours fit together",
  );
  assert.equal(merged([piece(1, [hour(0, 1, 0), hour(0, 1, 1), hour(0, 1, 2)])]), "merge", "three do not");
  assert.deepEqual(plan([february, piece(1, [hour(0, 1, 0)]), piece(2, [hour(0, 1, 0)])], 2), [
    ["merge", [1, 2]],
    ["keep", [0]],
  ]);
});
