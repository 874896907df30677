import { parentPort, workerData } from "node:worker_threads";
import { makeCase } from "./fuzz-case.js";
import { corpusOf } from "./seed-inputs.js";
import { TARGETS } from "./targets.js";

/* Checks case after case until it is stopped or one fails. */

/** What the thread is told. */
export interface FuzzThreadData {
  target: string;
  seed: number;
  /** Number of the first case. */
  from: number;
  /** Number of the case in hand, for whom the thread does not answer. */
  current: Int32Array;
}

/** What it says of a case that failed. */
export interface FuzzFailure {
  number: number;
  error: string;
}

const { target: name, seed, from, current } = workerData as FuzzThreadData;
const target = TARGETS.find((each) => each.name === name)!;
const seeds = corpusOf(name);
for (let number = from; ; number++) {
  Atomics.store(current, 0, number);
  try {
    await target.check(makeCase(target, seeds, seed, number));
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parentPort!.postMessage({ number, error: told } satisfies FuzzFailure);
    break;
  }
}
