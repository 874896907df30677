import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import type { RecognisedFile } from "../../src/feeds/recognise.js";
import { type PlannedJob, planJobs } from "../../src/plan/plan-jobs.js";
import { DA_HOURLY } from "../helpers/feeds.js";
import { forSeeds, type Random } from "../helpers/random.js";

const MB = 1 << 20;
const feed = (iso: string, name: string): FeedDefinition => ({ ...DA_HOURLY, iso, feed: name });
const FEEDS = [
  feed("PJM", "da_hourly"),
  feed("PJM", "rt_5min"),
  feed("CAISO", "da_hourly"),
  feed("CAISO", "as"),
];

function file(of: FeedDefinition, path: string, firstStart: number | null, bytes = 1000): RecognisedFile {
  const source = { path, entry: [], bytes, locations: [], gzip: false };
  const start = { dataStart: 0, firstLine: 2, recordBytes: 100, day: null, firstStart };
  return { path, source, bytes, sample: 0, feed: of, alsoOf: [], header: [], ...start };
}

function randomFiles(random: Random): RecognisedFile[] {
  return Array.from({ length: random.int(1, 60) }, (_, index) =>
    file(
      random.pick(FEEDS),
      `f${index}`,
      random.chance(0.1) ? null : random.int(0, 9),
      random.pick([10, MB, 3 * MB, 50 * MB]),
    ),
  );
}

const paths = (job: PlannedJob): string[] => job.files.map(({ path }) => path);

test("a job for each ISO; within it feed by feed, by time and then by path", () => {
  const [caisoAs, pjmDa, pjmRt] = [FEEDS[3]!, FEEDS[0]!, FEEDS[1]!];
  const jobs = planJobs(
    [
      file(pjmRt, "r", 0),
      file(pjmDa, "late", 2),
      file(pjmDa, "z", 1),
      file(pjmDa, "unknown", null),
      file(pjmDa, "a", 1),
      file(caisoAs, "c", 5),
    ],
    50,
  );
  assert.deepEqual(
    jobs.map(({ iso }) => iso),
    ["CAISO", "PJM"],
  );
  assert.deepEqual(paths(jobs[1]!), ["a", "z", "late", "unknown", "r"]);
  assert.equal(jobs[1]!.bytes, 5000);
});

test("the plan does not depend on the order in which files were found", () => {
  forSeeds(100, (random) => {
    const files = randomFiles(random);
    const batchSize = random.int(1, 20);
    assert.deepEqual(planJobs(random.shuffle(files), batchSize), planJobs(files, batchSize));
  });
});

test("groups and tasks hold each file once, in order; groups of so many files, tasks of one feed", () => {
  forSeeds(200, (random) => {
    const files = randomFiles(random);
    const batchSize = random.int(1, 20);
    const jobs = planJobs(files, batchSize);
    assert.equal(
      jobs.reduce((sum, job) => sum + job.files.length, 0),
      files.length,
    );
    for (const job of jobs) {
      const order = job.groups.flatMap(({ tasks }) => tasks.flatMap((task) => task.files));
      assert.deepEqual(order, [...job.files.keys()]);
      for (const [index, { tasks }] of job.groups.entries()) {
        const count = tasks.reduce((sum, task) => sum + task.files.length, 0);
        if (index < job.groups.length - 1) assert.equal(count, batchSize);
        else assert.ok(count > 0 && count <= batchSize);
        for (const task of tasks) {
          const ofTask = task.files.map((position) => job.files[position]!);
          assert.equal(new Set(ofTask.map((one) => one.feed)).size, 1);
          const bytes = ofTask.reduce((sum, one) => sum + one.bytes, 0);
          assert.ok(ofTask.length === 1 || bytes <= 4 * MB);
        }
      }
    }
  });
});

test("small files share a task until it is full, large ones have one each", () => {
  const sizes = [MB, MB, 2 * MB, 1, 50 * MB, 1, 1];
  const files = sizes.map((bytes, index) => file(FEEDS[0]!, `f${index}`, index, bytes));
  const [job] = planJobs(files, 50);
  assert.deepEqual(
    job!.groups[0]!.tasks.map((task) => task.files),
    [[0, 1, 2], [3], [4], [5, 6]],
  );
});

test("a hundred thousand files are planned at once", () => {
  const files = Array.from({ length: 100_000 }, (_, index) =>
    file(FEEDS[index % 2]!, `f${index}`, index % 977),
  );
  const began = process.cpuUsage();
  const [job] = planJobs(files, 50);
  assert.equal(job!.files.length, 100_000);
  assert.ok(process.cpuUsage(began).user < 5e6, "planning must not take time in the square of the files");
});
