import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import { metadataOf } from "../helpers/parquet-files.js";
import { copyFolder, makeScene, runConvert, type Scene, wrongFiles } from "./crash-data.js";
import { killChains } from "./kill-chains.js";
import type { ReaderFindings, ReaderThreadData } from "./reader-thread.js";

/*
 * A run that replaces a data set is killed at random instants, and read from while it publishes. `npm run crash` kills
 * on from here with other seeds for as long as it is told.
 */

const SEED = 2025;
/** With what it takes to start again, some two minutes on two cores. */
const KILLS = 200;

const folder = mkdtempSync(join(tmpdir(), "gridparquet-crash-"));
/** Whether there is something to look into. */
let isNeeded = false;
after(() => {
  if (!isNeeded) rmSync(folder, { recursive: true });
});
let scene: Scene;

before(async () => {
  scene = await makeScene(folder);
});

test("who reads while runs publish finds whole files only, each the old one or the new one", async () => {
  const out = join(folder, "read");
  copyFolder(scene.old, out);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const rows = Object.fromEntries(
    [...new Set([...Object.keys(scene.oldDigests), ...Object.keys(scene.newDigests)])].map((name) => [
      name,
      [scene.old, scene.whole].flatMap((data) => rowsOf(join(data, name))),
    ]),
  );
  const reader = new Worker(new URL("./reader-thread.js", import.meta.url), {
    workerData: { out, rows, stop } satisfies ReaderThreadData,
  });
  await once(reader, "message");
  for (const input of [scene.input, scene.earlier, scene.input]) {
    const run = await runConvert({ input }, out);
    assert.ok(run.code === 0 || run.code === 2, run.stderr);
  }
  Atomics.store(stop, 0, 1);
  const [found] = (await once(reader, "message")) as [ReaderFindings];
  assert.deepEqual(found.wrong, []);
  assert.ok(found.reads > 0);
  assert.deepEqual(wrongFiles(scene, out), []);
});

/** Rows of a file, none where there is no file. */
function rowsOf(path: string): number[] {
  return existsSync(path) ? [Number(metadataOf(readFileSync(path)).num_rows)] : [];
}

// A run that hangs is what the limit is for; it is far above what all take on a busy machine.
test("killed at random instants: readers find old or new files, the end is the same", {
  timeout: 3_600_000,
}, async (t) => {
  isNeeded = true;
  const report = await killChains({ scene, folder, kills: KILLS, seed: SEED, lanes: 2 });
  isNeeded = false;
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.kills >= KILLS);
});
