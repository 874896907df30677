import { runPoolTask } from "../../src/run/pool-tasks.js";
import type { PoolResult, PoolTask } from "../../src/run/protocol.js";
import type { Random } from "./random.js";

/**
 * The pool without its threads: what goes in and comes out is cloned and its buffers are moved, as between threads,
 * and results come in any order.
 */
export class InProcessPool {
  /** Tasks that were run, by name. */
  readonly ran: Record<PoolTask["name"], number> = { encode: 0, spill: 0, merge: 0, read: 0, combine: 0 };
  /** Most pieces' worth of rows that one merge was given. */
  widestMerge = 0;
  /** Makes a task fail. */
  fail: (task: PoolTask) => Error | null = () => null;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  // A property, so that it can be handed on without its object.
  readonly run = async <R extends PoolResult>(task: PoolTask, transfer: ArrayBuffer[]): Promise<R> => {
    const moved = structuredClone(task, { transfer });
    for (let turns = this.#random.int(0, 4); turns > 0; turns--) await new Promise(setImmediate);
    const failure = this.fail(moved);
    if (failure !== null) throw failure;
    this.ran[moved.name]++;
    if (moved.name === "merge") this.widestMerge = Math.max(this.widestMerge, moved.segments.length);
    if (moved.name === "combine") this.widestMerge = Math.max(this.widestMerge, moved.pieces.length);
    const { result, transfer: back } = await runPoolTask(moved);
    return structuredClone(result, { transfer: back }) as R;
  };
}
