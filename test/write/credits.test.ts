import assert from "node:assert/strict";
import { test } from "node:test";
import { Credits, Semaphore } from "../../src/write/credits.js";
import { forSeeds } from "../helpers/random.js";

/** Asks for bytes and notes the name when they are granted. */
function asker(credits: Credits): {
  granted: string[];
  ask: (name: string, bytes: number, job?: string) => void;
} {
  const granted: string[] = [];
  const ask = (name: string, bytes: number, job = "PJM") =>
    credits.request(job, Number(/\d+/.exec(name)?.[0] ?? 0), bytes, () => granted.push(name));
  return { granted, ask };
}

test("requests are granted while the budget lasts, and again when bytes come back", () => {
  const credits = new Credits(100);
  const { granted, ask } = asker(credits);
  ask("task 1", 60);
  ask("task 2", 40);
  ask("task 3", 1);
  assert.deepEqual(granted, ["task 1", "task 2"]);
  assert.equal(credits.used, 100);
  credits.release(40);
  assert.deepEqual(granted, ["task 1", "task 2", "task 3"]);
  assert.equal(credits.used, 61);
});

test("a small request does not wait behind a large one", () => {
  const credits = new Credits(100);
  const { granted, ask } = asker(credits);
  ask("task 1", 90);
  ask("task 2", 50);
  ask("task 3", 10);
  assert.deepEqual(granted, ["task 1", "task 3"]);
});

test("the task that the writer waits for is served beyond the budget, once", () => {
  const credits = new Credits(100);
  const { granted, ask } = asker(credits);
  ask("task 5", 100);
  ask("task 1", 70);
  ask("task 1, again", 70);
  ask("task 2", 70);
  assert.deepEqual(granted, ["task 5"]);
  credits.starve("PJM", 1);
  assert.deepEqual(granted, ["task 5", "task 1"]);
  assert.equal(credits.used, 170);
  credits.starve("PJM", null);
  credits.starve("PJM", 1);
  assert.deepEqual(granted, ["task 5", "task 1", "task 1, again"]);
});

test("a task that is waited for before it asks is served when it asks", () => {
  const credits = new Credits(10);
  const { granted, ask } = asker(credits);
  ask("task 9", 10);
  credits.starve("PJM", 1);
  ask("task 2", 5);
  ask("task 1", 5);
  assert.deepEqual(granted, ["task 9", "task 1"]);
  credits.starve("PJM", 2);
  credits.starve("PJM", null);
  assert.deepEqual(granted, ["task 9", "task 1", "task 2"]);
});

test("each job has a head of its own", () => {
  const credits = new Credits(10);
  const { granted, ask } = asker(credits);
  ask("task 9", 10);
  ask("task 1", 5, "CAISO");
  ask("task 1 of PJM", 5, "PJM");
  credits.starve("CAISO", 1);
  assert.deepEqual(granted, ["task 9", "task 1"]);
  credits.starve("PJM", 1);
  assert.deepEqual(granted, ["task 9", "task 1", "task 1 of PJM"]);
});

test("requests of a task that has died are forgotten", () => {
  const credits = new Credits(10);
  const { granted, ask } = asker(credits);
  ask("task 1", 10);
  ask("task 2", 10);
  ask("task 2", 10, "CAISO");
  credits.drop("PJM", 2);
  credits.release(10);
  assert.deepEqual(granted, ["task 1", "task 2"]);
  credits.release(10);
  assert.equal(credits.used, 0);
});

test("giving back more than was asked for, or less, is settled by the sum", () => {
  const credits = new Credits(100);
  const { granted, ask } = asker(credits);
  ask("task 1", 50);
  credits.release(50 - 80);
  assert.equal(credits.used, 80);
  ask("task 2", 30);
  assert.deepEqual(granted, ["task 1"]);
  credits.release(80);
  assert.deepEqual(granted, ["task 1", "task 2"]);
});

test("whatever comes in whatever order: never beyond the budget, and everything is granted in the end", () => {
  forSeeds(100, (random) => {
    const budget = random.int(50, 200);
    const credits = new Credits(budget);
    const held: number[] = [];
    let asked = 0;
    let granted = 0;
    for (let step = 0; step < 200; step++) {
      if (random.chance(0.5)) {
        const bytes = random.int(1, 50);
        asked++;
        credits.request("PJM", step, bytes, () => {
          granted++;
          held.push(bytes);
        });
      } else if (held.length > 0) credits.release(held.splice(random.int(0, held.length - 1), 1)[0]!);
      assert.ok(credits.used <= budget);
    }
    while (held.length > 0) credits.release(held.pop()!);
    assert.equal(granted, asked);
    assert.equal(credits.used, 0);
  });
});

test("a semaphore lets so many in, the others in the order in which they came", async () => {
  const semaphore = new Semaphore(2);
  const inside: number[] = [];
  const enter = async (name: number) => {
    await semaphore.acquire();
    inside.push(name);
  };
  const all = [1, 2, 3, 4, 5].map(enter);
  await Promise.all(all.slice(0, 2));
  assert.deepEqual(inside, [1, 2]);
  semaphore.release();
  await all[2];
  assert.deepEqual(inside, [1, 2, 3]);
  semaphore.release();
  semaphore.release();
  await Promise.all(all);
  assert.deepEqual(inside, [1, 2, 3, 4, 5]);
  semaphore.release();
  semaphore.release();
  await Promise.all([semaphore.acquire(), semaphore.acquire()]);
});
