import assert from "node:assert/strict";
import { test } from "node:test";
import type { EncodeResult } from "../../src/run/protocol.js";
import { CombinedMonths } from "../../src/write/combined-months.js";
import { Semaphore } from "../../src/write/credits.js";
import type { Piece } from "../../src/write/pieces.js";

/** A month whose row group comes, or fails, when the test says so. */
class Month {
  readonly pieces: Piece[] = [];
  isBegun = false;
  finish!: (result: EncodeResult) => void;
  fail!: (error: Error) => void;
  readonly combine = (): Promise<EncodeResult> => {
    this.isBegun = true;
    return new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};
const withRows = (rows: number): EncodeResult => ({ rows }) as EncodeResult;

async function begun(places: number, count: number) {
  const semaphore = new Semaphore(places);
  const combined = new CombinedMonths(semaphore);
  const months = Array.from({ length: count }, () => new Month());
  for (const { pieces, combine } of months) combined.begin(pieces, combine);
  await turns();
  const begunMonths = () => months.map(({ isBegun }) => isBegun);
  return { semaphore, combined, months, begunMonths };
}

/** Whether all places are free. */
async function areFree(semaphore: Semaphore, places: number): Promise<void> {
  for (let place = 0; place < places; place++) await semaphore.acquire();
}

test("months are made side by side, as many as there are places, and taken in order", async () => {
  const { semaphore, combined, months, begunMonths } = await begun(2, 3);
  assert.deepEqual(begunMonths(), [true, true, false]);
  months[1]!.finish(withRows(1));
  await turns();
  assert.deepEqual(begunMonths(), [true, true, false], "what waits for its turn keeps its place");
  const first = combined.take(months[0]!.pieces, async ({ rows }) => rows);
  months[0]!.finish(withRows(7));
  assert.equal(await first, 7);
  await turns();
  assert.deepEqual(begunMonths(), [true, true, true]);
  assert.equal(await combined.take(months[1]!.pieces, async ({ rows }) => rows), 1);
  assert.deepEqual(
    months.map(({ pieces }) => combined.has(pieces)),
    [false, false, true],
  );
  months[2]!.finish(withRows(2));
  await combined.take(months[2]!.pieces, async () => undefined);
  await combined.close();
  await areFree(semaphore, 2);
});

test("after a failure no month is begun, those at work are waited for, and all places are free", async () => {
  const { semaphore, combined, months, begunMonths } = await begun(2, 4);
  const taken = combined.take(months[0]!.pieces, async () => undefined);
  months[0]!.fail(new Error("out of luck"));
  await assert.rejects(taken, /out of luck/);
  await turns();
  assert.deepEqual(begunMonths(), [true, true, true, false]);
  let isClosed = false;
  const closing = combined.close().then(() => {
    isClosed = true;
  });
  months[2]!.fail(new Error("more of it"));
  await turns();
  assert.ok(!isClosed, "the second month is still at work");
  months[1]!.finish(withRows(1));
  await closing;
  assert.deepEqual(begunMonths(), [true, true, true, false]);
  await areFree(semaphore, 2);
});

test("what is done with a row group may fail, too", async () => {
  const { semaphore, combined, months } = await begun(1, 1);
  months[0]!.finish(withRows(1));
  const taken = combined.take(months[0]!.pieces, () => Promise.reject(new Error("no room")));
  await assert.rejects(taken, /no room/);
  await combined.close();
  await areFree(semaphore, 1);
});
