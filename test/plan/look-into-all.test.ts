import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { findInputs } from "../../src/plan/discover-inputs.js";
import { EventTurns } from "../../src/plan/event-turns.js";
import { lookInto } from "../../src/plan/look-into.js";
import { type Lookers, lookIntoAll } from "../../src/plan/look-into-all.js";
import look from "../../workers/look.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { folder, put } from "../helpers/folder.js";

const HEADER = DA_HOURLY.columns.map(({ from }) => from).join();
const WANTED = { feeds: new Set<string>(), iso: null };

/** More files than one thread takes at a time, with what is no feed's among them. */
function manyFiles(root: string): void {
  for (let file = 0; file < 300; file++) {
    const hour = String(file % 24).padStart(2, "0");
    const text =
      file % 7 === 0 ? `note ${file}\n` : `${HEADER}\n2024-01-01T${hour}:00:00,1,A,,HUB,,1,2,3,4,1\n`;
    put(root, `in/${String(file).padStart(3, "0")}.csv`, file % 50 === 0 ? "" : text);
  }
}

test("threads that take part say the same in the same order, whatever they take and whether they die", async (t) => {
  const root = folder(t);
  manyFiles(root);
  const { files } = await findInputs({ inputs: [join(root, "in")], out: join(root, "out") });
  const feeds = loadFeeds();
  const alone = await lookIntoAll(files, feeds, WANTED, undefined, null);
  assert.equal(alone.length, 300);
  assert.equal(alone.flat().filter((each) => "feed" in each).length, 252);
  let lots = 0;
  const lookers: Lookers = {
    threads: 3,
    async look(lot, definitions, wanted) {
      await setImmediate();
      if (lots++ % 2 === 1) throw new Error("the thread died");
      const turns = new EventTurns();
      return Promise.all(lot.map((file) => lookInto(file, definitions, wanted, turns)));
    },
  };
  assert.deepEqual(await lookIntoAll(files, feeds, WANTED, undefined, lookers), alone);
  assert.ok(lots > 0, "no other thread took part");
});

test("a stopped planning stops all threads' work", async (t) => {
  const root = folder(t);
  manyFiles(root);
  const { files } = await findInputs({ inputs: [join(root, "in")], out: join(root, "out") });
  const stop = new AbortController();
  const lookers: Lookers = {
    threads: 2,
    async look() {
      stop.abort();
      throw new Error("the pool has been closed");
    },
  };
  await assert.rejects(lookIntoAll(files, loadFeeds(), WANTED, stop.signal, lookers), { code: "aborted" });
});

test("the pool's task names feeds by their keys", async (t) => {
  const root = folder(t);
  const path = put(root, "in/a.csv", `${HEADER}\n2024-01-01T05:00:00,1,A,,HUB,,1,2,3,4,1\n`);
  const other = put(root, "in/b.csv", "hello\n");
  const files = [path, other].map((each) => ({ path: each, bytes: 100 }));
  const [found, unknown] = await look({ files, configDir: undefined, feeds: [], iso: null });
  assert.deepEqual(
    found!.map((each) => ("feed" in each ? [each.feed, each.alsoOf, each.header.length] : each.reason)),
    [["PJM/da_hourly", [], DA_HOURLY.columns.length]],
  );
  assert.ok(!("feed" in unknown![0]!));
});
