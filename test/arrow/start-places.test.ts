import assert from "node:assert/strict";
import { test } from "node:test";
import { StartPlaces } from "../../src/arrow/start-places.js";
import { forSeeds } from "../helpers/random.js";

test("starts are numbered as they are met, in whatever order they come", () => {
  forSeeds(200, (random) => {
    const known = new StartPlaces();
    const expected: number[] = [];
    const base = random.int(0, 5);
    for (let file = 0; file < random.int(1, 4); file++) {
      const isShuffled = random.chance(0.2);
      const first = random.int(0, 3);
      const times = Array.from({ length: random.int(0, 12) }, (_, hour) => (base + first + hour) * 3_600_000);
      for (const start of isShuffled ? random.shuffle(times) : times) {
        for (let row = 0; row < random.int(1, 2); row++) {
          if (!expected.includes(start)) expected.push(start);
          assert.equal(known.placeOf(start), expected.indexOf(start));
        }
      }
    }
    assert.deepEqual(known.starts, expected);
    const inOrder = [...expected].sort((a, b) => a - b);
    assert.deepEqual(
      [...known.inOrder()],
      expected.map((start) => inOrder.indexOf(start)),
    );
  });
});
