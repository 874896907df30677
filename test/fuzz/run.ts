import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { makeCase } from "./fuzz-case.js";
import type { FuzzTarget } from "./fuzz-target.js";
import type { FuzzFailure, FuzzThreadData } from "./fuzz-thread.js";
import { CORPUS, corpusOf } from "./seed-inputs.js";
import { TARGETS } from "./targets.js";

/*
 * npm run fuzz -- [--seconds 60] [--seed N] [--target csv|recognise|containers|yaml] [--out .cache/fuzz]
 * npm run fuzz -- --target csv FILE...
 *
 * Checks inputs at random, each target for its share of the time, in a thread that is watched; or files that an
 * earlier run has written. Exit code 1 when something failed.
 */

/** A case that takes longer hangs. */
const HANG_MS = 60_000;
const LOOK_MS = 500;
/** A thread that needs more has no bound: inputs are at most some hundred kilobytes. */
const MAX_HEAP_MB = 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    target: { type: "string" },
    out: { type: "string", default: join(".cache", "fuzz") },
  },
});
const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
if (targets.length === 0) throw new Error(`the targets are ${TARGETS.map(({ name }) => name).join(", ")}`);

for (const target of targets) {
  if (positionals.length > 0) await replay(target, positionals);
  else await fuzz(target, Number(values.seed), (Number(values.seconds) * 1000) / targets.length);
}

async function replay(target: FuzzTarget, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await target.check({ name: basename(path), bytes: readFileSync(path) });
      console.log(`${target.name}: ${path} is fine`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`${target.name}: ${path}\n${(error as Error).stack}`);
    }
  }
}

/** Runs cases until the time is over; after one that failed it goes on with the next. */
async function fuzz(target: FuzzTarget, seed: number, milliseconds: number): Promise<void> {
  const until = Date.now() + milliseconds;
  const seeds = corpusOf(target.name);
  let next = 0;
  let failures = 0;
  while (Date.now() < until) {
    const { number, error } = await watch({ target: target.name, seed, from: next }, until);
    next = number + 1;
    if (error === null) break;
    failures++;
    process.exitCode = 1;
    const input = makeCase(target, seeds, seed, number);
    const name = input.name.replaceAll(/[^\w.-]/g, "_").slice(0, 100);
    const path = join(values.out, target.name, `${seed}-${number}`, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, input.bytes);
    console.log(`${target.name}: seed ${seed}, case ${number} failed\n${error}`);
    console.log(`to see it again: npm run fuzz -- --target ${target.name} ${path}`);
    console.log(`when it is mended, it belongs into ${join(CORPUS, target.name)}\n`);
  }
  console.log(`${target.name}: ${next} cases of seed ${seed}, ${failures} failed`);
}

/** Lets a thread work until a case fails or hangs, or the time is over; the last case, and what was wrong with it. */
function watch(
  data: Omit<FuzzThreadData, "current">,
  until: number,
): Promise<{ number: number; error: string | null }> {
  const current = new Int32Array(new SharedArrayBuffer(4)).fill(data.from);
  const worker = new Worker(new URL("./fuzz-thread.js", import.meta.url), {
    workerData: { ...data, current } satisfies FuzzThreadData,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  return new Promise((resolve) => {
    let seen = -1;
    let since = Date.now();
    const end = (number: number, error: string | null): void => {
      clearInterval(timer);
      void worker.terminate();
      resolve({ number, error });
    };
    const timer = setInterval(() => {
      const number = Atomics.load(current, 0);
      if (number !== seen) [seen, since] = [number, Date.now()];
      if (Date.now() - since > HANG_MS) end(number, `it takes more than ${HANG_MS / 1000} seconds`);
      else if (Date.now() >= until && number > data.from) end(number - 1, null);
    }, LOOK_MS);
    worker.on("message", ({ number, error }: FuzzFailure) => end(number, error));
    worker.on("error", (error) => end(Atomics.load(current, 0), `the thread died: ${error.message}`));
  });
}
