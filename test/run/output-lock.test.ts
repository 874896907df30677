import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { GridparquetError } from "../../src/errors.js";
import { lockOutput } from "../../src/run/output-lock.js";
import { folder } from "../helpers/folder.js";

function output(t: TestContext): { out: string; lock: string } {
  const out = folder(t);
  mkdirSync(join(out, "_gridparquet"));
  return { out, lock: join(out, "_gridparquet", "lock.json") };
}

test("a second run on one output is refused with the first one's process and start", async (t) => {
  const { out, lock } = output(t);
  const unlock = await lockOutput(out);
  const { startedAt } = JSON.parse(readFileSync(lock, "utf8")) as { startedAt: string };
  await assert.rejects(lockOutput(out), (error) => {
    assert.ok(error instanceof GridparquetError && error.code === "output-in-use");
    assert.ok(error.message.includes(`process ${process.pid}, since ${startedAt}`), error.message);
    return true;
  });
  await unlock();
  assert.ok(!existsSync(lock));
  await (await lockOutput(out))();
});

test("what a run left that is gone, or that says nothing, is taken over", async (t) => {
  const { out, lock } = output(t);
  const other = { pid: process.pid, host: hostname(), startedAt: "2025-01-01T00:00:00.000Z" };
  const left = [
    // Above the largest number that any system gives a process.
    JSON.stringify({ ...other, pid: 2 ** 30, processStart: null }),
    "",
    "{",
    "null",
    // The number belongs to another process now.
    ...(existsSync("/proc/self/stat") ? [JSON.stringify({ ...other, processStart: "1" })] : []),
  ];
  for (const text of left) {
    writeFileSync(lock, text);
    const unlock = await lockOutput(out);
    assert.equal(JSON.parse(readFileSync(lock, "utf8")).pid, process.pid);
    await unlock();
  }
});

test("a run on another machine is never taken for gone", async (t) => {
  const { out, lock } = output(t);
  writeFileSync(
    lock,
    JSON.stringify({ pid: 1, host: `not-${hostname()}`, startedAt: "then", processStart: null }),
  );
  await assert.rejects(lockOutput(out), /process 1 on not-.*, since then/);
});

test("what a process left that was killed while it made the lock is removed, and nobody else's", async (t) => {
  const { out, lock } = output(t);
  const gone = 2 ** 30;
  const owner = { pid: gone, startedAt: "then", processStart: null };
  const lefts = [
    [`${lock}.${gone}`, "", false],
    [`${lock}.${gone + 1}`, JSON.stringify({ ...owner, host: hostname() }), false],
    [`${lock}.${gone + 2}`, JSON.stringify({ ...owner, host: `not-${hostname()}` }), true],
    [`${lock}.${process.ppid}`, "", true],
    [`${lock}.txt`, "", true],
  ] as const;
  for (const [path, text] of lefts) writeFileSync(path, text);
  await (await lockOutput(out))();
  for (const [path, , isKept] of lefts) assert.equal(existsSync(path), isKept, path);
});
