import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { ConvertSummary } from "../../src/run/options.js";
import {
  copyFolder,
  makeSmallScene,
  outcomeOf,
  runConvert,
  type Scene,
  wrongFiles,
} from "../crash/crash-data.js";
import { type CliRun, digests } from "../e2e/helpers.js";
import { Random } from "../helpers/random.js";
import { type Fault, faultEnvironment } from "./fault.js";

/*
 * A run's file system calls on its output folder, each failing once: the run ends and says what failed and where,
 * readers find the old file or the new one, and the same command on a disk in order gives what it would have given.
 */

const folder = mkdtempSync(join(tmpdir(), "gridparquet-faults-"));
after(() => rmSync(folder, { recursive: true, force: true }));
/** A run that takes longer hangs; far above what one takes on a busy machine. */
const HANG_MS = 300_000;
/** Runs side by side. */
const LANES = 2;

let scene: Scene;
/** The calls of an undisturbed run. */
let calls: string[];

before(async () => {
  scene = await makeSmallScene(folder);
  const log = join(folder, "calls");
  const out = copyOfOld("noted");
  const run = await disturbedRun({ folder: out, kind: "note", log });
  assert.deepEqual(outcomeOf(run, out), scene.undisturbed);
  calls = readFileSync(log, "utf8").trimEnd().split("\n");
  assert.ok(calls.length > 60 && new Set(calls).size === calls.length);
  assert.ok(
    calls.some((call) => /parquet.partial/.test(call)),
    "the writer's thread is among them",
  );
});

function copyOfOld(name: string): string {
  const out = join(folder, name);
  copyFolder(scene.old, out);
  return out;
}

/** A run that comes to its end by itself. */
async function disturbedRun(fault: Fault): Promise<CliRun> {
  let timer: NodeJS.Timeout | undefined;
  const run = await runConvert(scene, fault.folder, {
    env: faultEnvironment(fault),
    onStart: (child) => {
      timer = setTimeout(() => child.kill("SIGKILL"), HANG_MS);
    },
  });
  clearTimeout(timer);
  assert.equal(run.signal, null, `it ends by itself: ${run.stderr}`);
  return run;
}

/** A run in which a call fails, and the same command after that. */
async function checkFault(key: string, code: string, stays: boolean, number: number): Promise<void> {
  const out = copyOfOld(`${code}-${stays}-${number}`);
  const marker = `${out}.marker`;
  const run = await disturbedRun({ folder: out, kind: "fail", key, code, stays, marker });
  const { failures = [], error = null } = JSON.parse(run.stdout) as Partial<
    ConvertSummary & { error: object }
  >;
  const said = `${run.stderr}${JSON.stringify([failures, error])}`;
  assert.ok([0, 1, 2].includes(run.code!), `exit code ${run.code}: ${said}`);
  assert.deepEqual(wrongFiles(scene, out), []);
  if (run.code !== 1 && failures.length === 0 && !/^gridparquet: warning/m.test(run.stderr))
    assert.deepEqual(outcomeOf(run, out), scene.undisturbed, "nothing was said to have failed");
  else {
    assert.ok(said.includes(code), `the cause is said: ${said}`);
    assert.ok(said.includes(out), `the path is said: ${said}`);
    assert.doesNotMatch(said, /unexpected error|mistake of gridparquet/);
    const again = await runConvert(scene, out);
    assert.deepEqual(outcomeOf(again, out), scene.undisturbed, `after: ${said}`);
  }
  rmSync(out, { recursive: true });
}

/** Checks these calls, as many side by side as there are lanes; fails with all that is wrong. */
async function checkFaults(keys: readonly string[], code: string, stays = false): Promise<void> {
  const wrong: string[] = [];
  let next = 0;
  const lane = async () => {
    while (next < keys.length) {
      const number = next++;
      const key = keys[number]!;
      try {
        await checkFault(key, code, stays, number);
      } catch (error) {
        wrong.push(`${key}: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  assert.deepEqual(wrong, []);
}

const sample = (seed: number, count: number, among: RegExp = /./) =>
  new Random(seed).shuffle(calls.filter((call) => among.test(call))).slice(0, count);

/** Calls that take room. */
const WRITES = /handle\.(write|appendFile|sync)|open for writing|mkdir|writeFile|link|rename/;

/** What removes a thing that is of no use any more. */
const CLEANING = /^main rm|^thread rm .*\.(partial|sources) #2/;

test("what cannot be removed is no failure", async () => {
  const cleaning = calls.filter((call) => CLEANING.test(call));
  assert.equal(cleaning.length, 5);
  for (const key of cleaning) {
    const out = copyOfOld("cleaning");
    const marker = join(folder, "cleaning.marker");
    const run = await disturbedRun({ folder: out, kind: "fail", key, code: "EIO", stays: false, marker });
    const { failures, totals } = JSON.parse(run.stdout) as ConvertSummary;
    const { totals: expected } = scene.undisturbed as ConvertSummary;
    assert.deepEqual({ failures, totals }, { failures: [], totals: expected }, key);
    assert.deepEqual(digests(out), scene.newDigests);
    if (/journal|lock.json #/.test(key)) assert.match(run.stderr, /was not removed: input\/output error/);
    const again = await runConvert(scene, out);
    assert.deepEqual(outcomeOf(again, out), scene.undisturbed, key);
    rmSync(out, { recursive: true });
  }
});

test("an input/output error at every call", () =>
  checkFaults(
    calls.filter((call) => !CLEANING.test(call)),
    "EIO",
  ));
test("no permission for a call", () =>
  checkFaults(sample(1, 10, /open|mkdir|rename|link|rm|readdir/), "EACCES"));
test("no room for a call", () => checkFaults(sample(2, 6, WRITES), "ENOSPC"));
test("no room from a call on", () => checkFaults(sample(3, 6, WRITES), "ENOSPC", true));
test("a disk that is read-only from a call on", () => checkFaults(sample(4, 5, WRITES), "EROFS", true));

for (const [name, fault] of [
  ["reads and writes that come to a part only", { kind: "short" }],
  ["a slow disk", { kind: "slow", milliseconds: 5 }],
] as const) {
  test(`${name} change nothing`, async () => {
    const out = copyOfOld(fault.kind);
    const run = await disturbedRun({ folder: out, ...fault });
    assert.deepEqual(outcomeOf(run, out), scene.undisturbed);
  });
}
