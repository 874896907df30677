import type { FeedDefinition } from "../feeds/feed-definition.js";
import type { FoundFile } from "./discover-inputs.js";
import { EventTurns } from "./event-turns.js";
import { type Look, lookInto, type Wanted } from "./look-into.js";

/** Files that are looked into at a time. */
const LOT = 64;

/** Other threads that look into files, as {@link lookInto} does; where there are none, the caller's thread does it all. */
export interface Lookers {
  threads: number;
  /** What the files are, one after the other; their feeds are of the definitions that were given. */
  look(
    files: readonly FoundFile[],
    definitions: readonly FeedDefinition[],
    wanted: Wanted,
  ): Promise<Look[][]>;
}

/**
 * What each file is. Thousands of small files take longer to be looked into than to be decoded: this thread begins, and
 * others take part when they are up.
 *
 * @param signal stops it
 * @throws GridparquetError `aborted` when it is stopped
 */
export async function lookIntoAll(
  files: readonly FoundFile[],
  definitions: readonly FeedDefinition[],
  wanted: Wanted,
  signal: AbortSignal | undefined,
  lookers: Lookers | null,
): Promise<Look[][]> {
  const turns = new EventTurns(signal);
  const looks: Look[][] = new Array(files.length);
  let next = 0;
  let isStopped = false;
  const lane = async (look: (lot: readonly FoundFile[]) => Promise<Look[][]>): Promise<void> => {
    while (next < files.length && !isStopped) {
      const from = next;
      next += LOT;
      for (const [index, found] of (await look(files.slice(from, next))).entries())
        looks[from + index] = found;
    }
  };
  const here = async (lot: readonly FoundFile[]): Promise<Look[][]> => {
    const found: Look[][] = [];
    for (const file of lot) {
      await turns.take();
      found.push(await lookInto(file, definitions, wanted, turns));
    }
    return found;
  };
  // A thread that dies over a lot leaves it to this one, which says of each file what is wrong.
  const there = (lot: readonly FoundFile[]) => lookers!.look(lot, definitions, wanted).catch(() => here(lot));
  const lanes = files.length > LOT && lookers !== null ? lookers.threads : 0;
  try {
    await Promise.all([lane(here), ...Array.from({ length: lanes }, () => lane(there))]);
  } finally {
    isStopped = true;
  }
  return looks;
}
