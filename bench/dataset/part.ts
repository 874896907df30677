import type { Usage } from "../measure.js";
import type { DatasetInput, DatasetResult } from "../record-types.js";
import type { DatasetSettings } from "./settings.js";

/** A process that is measured once a round. */
export interface Step {
  name: string;
  threads: number;
  /** What has to be so before each run; it takes no part in the time. */
  prepare?(): Promise<void>;
  run(): Promise<Usage>;
  /** Looks, after the warm-up run, at what it has done. @throws Error when that is wrong */
  check?(): Promise<void>;
}

/** Steps that need the same input, which is there. A step may go on from what the one before has left. */
export interface Part {
  input: DatasetInput;
  steps: readonly Step[];
}

/** What parts are made with. */
export interface PartContext {
  settings: DatasetSettings;
  /** Folder of inputs that later runs find again. */
  cache: string;
  /** Folder of the part for datasets; it is removed at the end. */
  work: string;
}

/** What the rounds of all parts gave. */
export interface PartResults {
  results: DatasetResult[];
  failed: { name: string; reason: string }[];
}

/**
 * Runs the steps of all parts in turn: first a warm-up round in which what they have done is looked at, then the
 * measured rounds. A part of which a step fails takes no further part.
 */
export async function runParts(
  parts: readonly Part[],
  rounds: number,
  say: (text: string) => void,
): Promise<PartResults> {
  const failed: PartResults["failed"] = [];
  const running = new Map(parts.map((part) => [part, part.steps.map((): Usage[] => [])]));
  for (let round = 0; round <= rounds; round++) {
    for (const [part, runs] of [...running]) {
      for (const [index, step] of part.steps.entries()) {
        const title = `${round === 0 ? "warm-up" : `round ${round}`} ${step.name}`;
        try {
          const usage = await runStep(step, round === 0);
          say(`  ${title}: ${usage.wallSeconds.toFixed(2)} s`);
          if (round > 0) runs[index]!.push(usage);
        } catch (error) {
          failed.push({ name: part.input.part, reason: `${title}: ${(error as Error).message}` });
          running.delete(part);
          break;
        }
      }
    }
  }
  const results = [...running].flatMap(([{ input, steps }, runs]) =>
    steps.map(({ name, threads }, index) => ({ part: input.part, name, threads, runs: runs[index]! })),
  );
  return { results, failed };
}

async function runStep(step: Step, isWarmUp: boolean): Promise<Usage> {
  await step.prepare?.();
  const usage = await step.run();
  if (isWarmUp) await step.check?.();
  return usage;
}
