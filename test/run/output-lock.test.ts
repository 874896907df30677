import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { GridparquetError } from "../../src/errors.js";
import { type LockSteps, lockOutput } from "../../src/run/output-lock.js";
import { folder } from "../helpers/folder.js";

/** Above the largest number that any system gives a process. */
const GONE = 2 ** 30;
const LEFT = JSON.stringify({ pid: GONE, host: hostname(), startedAt: "then", processStart: null });

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
    LEFT,
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
    [`${lock}.${gone + 3}.1`, "", false],
    [`${lock}.${process.ppid}`, "", true],
    [`${lock}.${process.ppid}.2`, "", true],
    [`${lock}.takeover`, JSON.stringify({ ...owner, host: hostname() }), false],
    [`${lock}.txt`, "", true],
  ] as const;
  for (const [path, text] of lefts) writeFileSync(path, text);
  await (await lockOutput(out))();
  for (const [path, , isKept] of lefts) assert.equal(existsSync(path), isKept, path);
});

/** A takeover that stops at a step until it is let go on. */
async function stopped(out: string, step: keyof LockSteps) {
  let goOn!: () => void;
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let locking!: Promise<() => Promise<void>>;
  await new Promise<void>((resolve) => {
    locking = lockOutput(out, {
      [step]: () => {
        resolve();
        return gate;
      },
    });
  });
  return { locking, goOn };
}

/** How many of these have the lock; the others were refused it. */
async function winners(locking: readonly Promise<() => Promise<void>>[]): Promise<(() => Promise<void>)[]> {
  const outcomes = await Promise.allSettled(locking);
  return outcomes.flatMap((outcome) => {
    if (outcome.status === "fulfilled") return [outcome.value];
    assert.equal((outcome.reason as GridparquetError).code, "output-in-use");
    return [];
  });
}

/** Only the lock itself, or nothing, is left. */
function assertClean(out: string, ...names: string[]): void {
  assert.deepEqual(readdirSync(join(out, "_gridparquet")), names);
}

test("who has found a lock left behind does not remove what another has put there since", async (t) => {
  const { out, lock } = output(t);
  writeFileSync(lock, LEFT);
  const { locking, goOn } = await stopped(out, "found");
  const unlock = await lockOutput(out);
  const { ino } = statSync(lock);
  goOn();
  await assert.rejects(locking, /another run writes to/);
  assert.equal(statSync(lock).ino, ino);
  assertClean(out, "lock.json");
  await unlock();
  assertClean(out);
});

test("who is about to remove a lock is waited for, and one run has it then", async (t) => {
  const { out, lock } = output(t);
  writeFileSync(lock, LEFT);
  const { locking, goOn } = await stopped(out, "removing");
  let isFound = false;
  const other = lockOutput(out, {
    found: async () => {
      isFound = true;
    },
    removing: async () => assert.fail("two remove one lock"),
  });
  while (!isFound) await new Promise((resolve) => setTimeout(resolve, 1));
  goOn();
  const [unlock, ...others] = await winners([locking, other]);
  assert.equal(others.length, 0);
  assertClean(out, "lock.json");
  await unlock!();
});

test("of many that take one lock over at once, one has it, also where earlier takeovers were cut off", async (t) => {
  const { out, lock } = output(t);
  for (const depth of [0, 0, 0, 1, 1, 2, 3]) {
    for (let each = 0; each <= depth; each++) writeFileSync(`${lock}${".takeover".repeat(each)}`, LEFT);
    const [unlock, ...others] = await winners(Array.from({ length: 12 }, () => lockOutput(out)));
    assert.equal(others.length, 0, `depth ${depth}`);
    assertClean(out, "lock.json");
    await unlock!();
    assertClean(out);
  }
});

/** A process that waits for a line, takes the lock, says whether it has it, and keeps it until its input ends. */
const PROCESS = `
  const { lockOutput } = await import(process.argv[1]);
  process.stdin.once("data", async () => {
    const unlock = await lockOutput(process.argv[2]).catch((error) => error.code);
    process.stdout.write(typeof unlock === "string" ? unlock : "taken");
    process.stdin.once("end", () => typeof unlock === "string" || unlock());
  });
  process.stdout.write("ready ");`;

test("of processes that take one lock over at once, one has it", async (t) => {
  const { out, lock } = output(t);
  writeFileSync(lock, LEFT);
  const module = new URL("../../src/run/output-lock.js", import.meta.url).href;
  const children = Array.from({ length: 5 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", PROCESS, module, out], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  t.after(() => {
    for (const child of children) child.kill("SIGKILL");
  });
  const said = children.map(() => "");
  /** Waits until all have said something that ends so. */
  const all = (pattern: RegExp) =>
    Promise.all(
      children.map(async (child, index) => {
        for await (const [text] of on(child.stdout, "data", { close: ["end"] })) {
          said[index] += String(text);
          if (pattern.test(said[index]!)) break;
        }
      }),
    );
  await all(/ready $/);
  const answered = all(/(taken|in-use)$/);
  for (const child of children) child.stdin.write("go\n");
  await answered;
  assert.deepEqual(said.sort(), [...Array(4).fill("ready output-in-use"), "ready taken"]);
  const exits = children.map((child) => once(child, "exit"));
  for (const child of children) child.stdin.end();
  await Promise.all(exits);
  assertClean(out);
});
