import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DoneFile,
  type JournalHead,
  type JournalPlan,
  whyUnfit,
} from "../../src/journal/journal-plan.js";

/* When a run can go on from a journal, and what is said when it cannot. */

const file = (name: string, feed = "da"): DoneFile => ({
  path: `/in/${name}.csv`,
  feed,
  bytes: 100,
  bytesOnDisk: 100,
  modified: 1000.5,
  sample: 7,
});
const FILES = [file("a"), file("b"), file("c", "rt")];
const PLAN: JournalPlan = {
  settings: { "--compression": "zstd", "--year": "all" },
  feeds: { da: "one", rt: "two" },
  files: FILES,
  isWaitedFor: true,
  isFresh: false,
  intervalMs: 1000,
};
const HEAD: JournalHead = {
  version: "1.0.0",
  settings: PLAN.settings,
  feeds: { da: "one" },
  files: FILES.slice(0, 2),
  done: { files: 1, bytes: 50 },
  rows: 10,
  isPublishing: false,
};

/** The reason for a head, a plan and files that are other than these. */
function reason(head: Partial<JournalHead>, files: DoneFile[] = FILES, plan: Partial<JournalPlan> = {}) {
  return whyUnfit({ ...HEAD, ...head }, "PJM", { ...PLAN, ...plan }, files, "1.0.0");
}

test("the same inputs and settings, and more files behind those that are done", () => {
  assert.equal(reason({}), null);
  assert.equal(reason({}, [...FILES, file("d", "rt")]), null);
  assert.equal(reason({}, FILES.slice(0, 2)), null, "a file that was not reached may go");
  assert.equal(reason({}, FILES, { feeds: { da: "one", rt: "another" } }), null, "so may its feed change");
  assert.equal(reason({ files: FILES, feeds: PLAN.feeds, isPublishing: true }), null);
});

test("files that have changed, are gone, or come before", () => {
  const [a, b, c] = FILES as [DoneFile, DoneFile, DoneFile];
  assert.equal(reason({}, [a, { ...b, bytesOnDisk: 99 }, c]), "/in/b.csv has changed since");
  assert.equal(reason({}, [{ ...a, modified: 1000 }, b, c]), "/in/a.csv has changed since");
  assert.equal(reason({}, [{ ...a, sample: 8 }, b, c]), "/in/a.csv has changed since");
  assert.equal(reason({}, [a, c]), "/in/b.csv is not among the inputs any more");
  assert.equal(reason({}, [a]), "/in/b.csv is not among the inputs any more");
  assert.equal(
    reason({}, [file("0"), a, b, c]),
    "/in/0.csv has been added, and its rows come before those that are done",
  );
  const added = reason({ files: FILES, isPublishing: true }, [...FILES, file("d", "rt")]);
  assert.equal(added, "/in/d.csv has been added, and its year files were being finished");
});

test("another version, setting or definition", () => {
  assert.equal(reason({ version: "0.9.0" }), "it is of gridparquet 0.9.0, and this is 1.0.0");
  assert.equal(reason({ settings: { "--year": "all" } }), "--compression was not there and is zstd now");
  const years = reason({ settings: { ...PLAN.settings, "--year": "2024" } });
  assert.equal(years, "--year was 2024 and is all now");
  const changed = reason({}, FILES, { feeds: { da: "another", rt: "two" } });
  assert.equal(changed, "the definition of PJM/da has changed since");
});
