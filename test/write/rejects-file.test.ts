import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { RejectsFile } from "../../src/write/rejects-file.js";
import { folder } from "../helpers/folder.js";

const record = (line: number, column: string | null, reason: string, raw: string) => ({
  line,
  column,
  reason,
  raw,
});

test("rejected records come back from the file as they were, whatever they hold", async (t) => {
  const out = folder(t);
  const rejects = new RejectsFile(out, "PJM", "da_hourly");
  assert.equal(rejects.path, join(out, "_gridparquet/rejects/pjm/da_hourly.csv"));
  assert.ok(!rejects.isUsed);
  const raw = 'a,"b\nc",1,234.50;Łódź 😀\r';
  await rejects.add("in/a.csv", [record(2, "total_lmp_da", 'says "no"', raw), record(9, null, "x", "")]);
  await rejects.add("in/b, c.csv", [record(3, null, "y", "=1+1")]);
  await rejects.close();
  assert.ok(rejects.isUsed);
  assert.deepEqual(parse(readFileSync(rejects.path), { columns: true }), [
    { file: "in/a.csv", line: "2", column: "total_lmp_da", reason: 'says "no"', record: raw },
    { file: "in/a.csv", line: "9", column: "", reason: "x", record: "" },
    { file: "in/b, c.csv", line: "3", column: "", reason: "y", record: "=1+1" },
  ]);
});

test("a file without rejects is not made, and one that an earlier run left goes", async (t) => {
  const out = folder(t);
  const first = new RejectsFile(out, "PJM", "da_hourly");
  await first.clear();
  await first.add("a.csv", [record(2, null, "x", "y")]);
  await first.close();
  assert.ok(existsSync(first.path));
  const second = new RejectsFile(out, "PJM", "da_hourly");
  await second.clear();
  await second.close();
  assert.ok(!existsSync(second.path));
});

test("a file that an earlier run has begun goes on, cut to what counts of it", async (t) => {
  const out = folder(t);
  const first = new RejectsFile(out, "PJM", "da_hourly");
  assert.equal(await first.flush(), null);
  await first.add("a.csv", [record(2, null, "x", "y")]);
  const size = (await first.flush())!;
  await first.add("a.csv", [record(3, null, "to be cut off", "")]);
  await first.close();
  const second = new RejectsFile(out, "PJM", "da_hourly");
  await second.reopen(size);
  assert.ok(second.isUsed);
  await second.add("b.csv", [record(4, null, "z", "")]);
  await second.close();
  const read = parse(readFileSync(second.path), { columns: true }) as unknown as { reason: string }[];
  assert.deepEqual(
    read.map(({ reason }) => reason),
    ["x", "z"],
  );
  await assert.rejects(new RejectsFile(out, "PJM", "da_hourly").reopen(10_000), /is shorter than it was/);
});
