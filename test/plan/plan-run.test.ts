import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { GridparquetError } from "../../src/errors.js";
import { loadFeeds } from "../../src/feeds/load-feeds.js";
import { findInputs } from "../../src/plan/discover-inputs.js";
import { type PlanOptions, planRun, summarisePlan } from "../../src/plan/plan-run.js";
import { zip } from "../containers/zip-writer.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { folder, put } from "../helpers/folder.js";

const HEADER = DA_HOURLY.columns.map(({ from }) => from).join();
const dayAhead = (day: number): string => `${HEADER}\n2024-01-0${day}T05:00:00,1,A,,HUB,,1,2,3,4,1\n`;
const realTime = (minute: string): string =>
  `${HEADER.replaceAll("_da", "_rt").replace("_rttetime", "_datetime")}\n2024-01-01T05:${minute}:00,1,A,,HUB,,1,2,3,4,1\n`;

async function plan(root: string, more: Partial<PlanOptions & { out: string }> = {}) {
  const { out = join(root, "out") } = more;
  const found = await findInputs({ inputs: [join(root, "in")], out });
  const options = {
    isos: null,
    feeds: null,
    batchSize: 2,
  };
  return planRun({ ...options, ...more }, found, loadFeeds());
}

test("files are recognised, planned in order of time, and the others listed with the reason", async (t) => {
  const root = folder(t);
  for (const day of [3, 1, 2]) put(root, `in/day${4 - day}.csv`, dayAhead(day));
  put(root, "in/rt.csv", realTime("05"));
  put(root, "in/notes.txt", "hello\n");
  put(root, "in/empty.csv", "");
  const { jobs, skipped, failures } = await plan(root);
  assert.equal(jobs.length, 1);
  assert.deepEqual(
    summarisePlan(jobs).files.map(({ file, iso, feed, group }) => [relative(root, file), iso, feed, group]),
    [
      ["in/day3.csv", "PJM", "da_hourly", 0],
      ["in/day2.csv", "PJM", "da_hourly", 0],
      ["in/day1.csv", "PJM", "da_hourly", 1],
      ["in/rt.csv", "PJM", "rt_5min", 1],
    ],
  );
  assert.deepEqual(
    skipped.map(({ file }) => relative(root, file)),
    ["in/empty.csv", "in/notes.txt"],
  );
  assert.ok(skipped.every(({ reason }) => reason.length > 5));
  assert.deepEqual(failures, []);
});

test("ISOs and feeds that are not asked for are left out, with the reason", async (t) => {
  const root = folder(t);
  put(root, "in/da.csv", dayAhead(1));
  put(root, "in/rt.csv", realTime("05"));
  const { jobs, skipped } = await plan(root, { feeds: ["rt_5min"] });
  assert.deepEqual(
    jobs.flatMap(({ files }) => files.map(({ feed }) => feed.feed)),
    ["rt_5min"],
  );
  assert.match(skipped[0]!.reason, /da_hourly, which --feed leaves out/);
  await assert.rejects(plan(root, { isos: ["CAISO"] }), /of PJM, which --iso leaves out/);
});

test("a feed that is asked for decides where a file does not tell", async (t) => {
  const root = folder(t);
  put(root, "in/rt.csv", realTime("00"));
  await assert.rejects(plan(root), /choose one with --feed/);
  const { jobs } = await plan(root, { feeds: ["rt_hourly"] });
  assert.equal(jobs[0]!.files[0]!.feed.feed, "rt_hourly");
});

test("when nothing is recognised the error says why, of the first few files", async (t) => {
  const root = folder(t);
  for (let i = 0; i < 5; i++) put(root, `in/${i}.csv`, "a,b\n1,2\n");
  await assert.rejects(plan(root), (error: unknown) => {
    assert.ok(error instanceof GridparquetError && error.code === "nothing-recognised");
    assert.equal(error.message.split("\n").length, 5);
    assert.match(error.message, /0\.csv has a header that no known feed has/);
    assert.match(error.message, /and 2 more/);
    assert.match(error.hint ?? "", /gridparquet feeds/);
    return true;
  });
});

test("an output inside the input is refused before anything is read", async (t) => {
  const root = folder(t);
  put(root, "in/da.csv", dayAhead(1));
  await assert.rejects(plan(root, { out: join(root, "in/out") }), { code: "output-inside-input" });
});

/** Bytes in use after everything that can be freed has been. */
function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

test("a plan takes a kilobyte or so for each zip", async (t) => {
  const root = folder(t);
  const putZips = (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      const name = `00012301_20240101_001506000_${String(index).padStart(9, "0")}`;
      put(root, `in/${name}.zip`, zip([{ name: `cdr.${name}.csv`, content: dayAhead(1 + (index % 9)) }]));
    }
  };
  const plans: Awaited<ReturnType<typeof plan>>[] = [];
  const planBytes = async () => {
    const before = heapInUse();
    plans.push(await plan(root));
    return heapInUse() - before;
  };
  putZips(0, 200);
  await planBytes();
  const few = await planBytes();
  putZips(200, 2200);
  // once for the code, which is compiled again when it has seen so many files
  await planBytes();
  const many = await planBytes();
  assert.deepEqual(
    plans.map(({ jobs }) => jobs[0]!.files.length),
    [200, 200, 2200, 2200],
  );
  const perFile = (many - few) / 2000;
  // Some 900, and more or less of them by what else the collector has left.
  assert.ok(perFile < 1500, `${perFile} bytes`);
});

test("planning that is stopped, before a file or within an archive, makes no plan", async (t) => {
  const root = folder(t);
  put(root, "in/a.csv", dayAhead(1));
  const stopped = (error: unknown) => error instanceof GridparquetError && error.code === "aborted";
  await assert.rejects(plan(root, { signal: AbortSignal.abort() }), stopped);

  const members = Array.from({ length: 20 }, (_, at) => ({ name: `${at}.csv`, content: dayAhead(2) }));
  put(root, "in/a.csv", zip(members));
  // Stopped from the second look at it on.
  let looks = 0;
  const signal = {
    get aborted() {
      return looks++ > 0;
    },
  } as AbortSignal;
  await assert.rejects(plan(root, { signal }), stopped);
});
