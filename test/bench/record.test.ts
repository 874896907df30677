import assert from "node:assert/strict";
import { test } from "node:test";
import { newestRecord, readRecord, recordName } from "../../bench/record.js";
import { folder, put } from "../helpers/folder.js";
import { memoryRecord, peersRecord } from "./made-up-records.js";

test("a record is named for its benchmark, day and commit", () => {
  const commit = "abcdef0123456789abcdef0123456789abcdef01";
  const date = "2025-12-31T23:59:59.999Z";
  assert.equal(recordName("memory", { date, commit }), "memory-2025-12-31-abcdef0.json");
  assert.equal(recordName("peers", { date, commit: `${commit}+` }), "peers-2025-12-31-abcdef0+.json");
  assert.equal(recordName("soak", { date, commit: null }), "soak-2025-12-31-no-commit.json");
});

test("the newest record of a benchmark is found by its time, not its name", async (t) => {
  const root = folder(t);
  assert.equal(await newestRecord(`${root}/missing`, "peers"), undefined);
  const write = (name: string, record: object) => put(root, name, JSON.stringify(record));
  write("peers-2025-01-01-aaaaaaa.json", { ...peersRecord([1], [1]), date: "2025-01-01T10:00:00.000Z" });
  write("peers-2025-01-01-fffffff.json", { ...peersRecord([2], [2]), date: "2025-01-01T09:00:00.000Z" });
  write("memory-2025-02-01-aaaaaaa.json", { ...memoryRecord([1]), date: "2025-02-01T09:00:00.000Z" });
  put(root, "peers-notes.txt", "no record");
  assert.equal((await newestRecord(root, "peers"))?.date, "2025-01-01T10:00:00.000Z");
  const early = await newestRecord(
    root,
    "peers",
    ({ sets }) => sets[0]!.peers[0]!.runs[0]!.wallSeconds === 2,
  );
  assert.equal(early?.date, "2025-01-01T09:00:00.000Z");
});

test("a file that is no record is an error with its name", async (t) => {
  const file = put(folder(t), "package.json", `{"name":"x"}`);
  await assert.rejects(readRecord(file), /package\.json is not a record/);
});
