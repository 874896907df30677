import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  copyFolder,
  makeSmallScene,
  outcomeOf,
  runConvert,
  type Scene,
  wrongFiles,
} from "../crash/crash-data.js";
import type { CliRun } from "../e2e/helpers.js";
import { faultEnvironment, signalWhenHeld } from "./fault.js";

/* Signals that come while a file system call of the run takes long: it lasts until the test lets it go on. */

const folder = mkdtempSync(join(tmpdir(), "gridparquet-signals-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const YEAR = "energy/iso=PJM/market=DA/feed=da_hourly/year=2025/pjm_da_hourly_2025.parquet";
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

let scene: Scene;
before(async () => {
  scene = await makeSmallScene(folder);
});

/** A run that is held at a call and gets the signals then, each when the one before has been understood. */
async function signalled(
  name: string,
  call: string,
  signals: readonly NodeJS.Signals[],
): Promise<{ out: string; run: CliRun }> {
  const out = join(folder, name);
  copyFolder(scene.old, out);
  const [marker, until] = [`${out}.held`, `${out}.go-on`];
  const run = await runConvert(scene, out, {
    env: faultEnvironment({ folder: out, kind: "hold", call, marker, until }),
    onStart: (child) => {
      signalWhenHeld(child, { marker, until }, signals);
    },
  });
  assert.ok(existsSync(marker), `${call} is a call of the run`);
  return { out, run };
}

async function checkAgain(out: string): Promise<void> {
  assert.deepEqual(outcomeOf(await runConvert(scene, out), out), scene.undisturbed);
}

for (const [number, signal] of SIGNALS.entries()) {
  const other = SIGNALS[1 - number]!;

  test(`${signal} while the disk takes long, then ${other}: the run ends at once; then the same command goes on`, async () => {
    const { out, run } = await signalled(`twice-${signal}`, `thread handle.write ${YEAR}.partial`, [
      signal,
      other,
    ]);
    // It could not have ended in any other way: the disk still takes its time.
    assert.deepEqual([run.code, run.signal, run.stdout], [130, null, ""], run.stderr);
    assert.deepEqual(wrongFiles(scene, out), []);
    await checkAgain(out);
  });

  test(`${signal} while a year is published: the file is the old one or the new one, and the run ends`, async () => {
    for (const [name, call] of [
      ["rename", `thread rename ${YEAR}.sorted`],
      ["merge", `thread handle.write ${YEAR}.sorted`],
      ["record", "main writeFile _gridparquet/runs"],
    ] as const) {
      const { out, run } = await signalled(`${name}-${signal}`, call, [signal]);
      assert.deepEqual([run.code, run.signal], [130, null], run.stderr);
      assert.deepEqual(wrongFiles(scene, out), []);
      await checkAgain(out);
    }
  });
}
