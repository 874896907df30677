import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { filesBelow } from "../e2e/helpers.js";
import { Random } from "../helpers/random.js";
import { copyFolder, outcomeOf, runConvert, type Scene, wrongFiles } from "./crash-data.js";

export interface KillOptions {
  scene: Scene;
  /** Where the output folders lie; that of a chain that failed is left there. */
  folder: string;
  /** Kills of a running process after which no new chain is begun. */
  kills: number;
  seed: number;
  /** Chains side by side. */
  lanes: number;
}

export interface KillReport {
  kills: number;
  /** Chains that came to their end. */
  chains: number;
  /** Most kills of one chain. */
  longest: number;
  /** Kills by what they left on the disk. */
  states: Record<string, number>;
}

/** Delays by the time that a run takes: Node itself starts up to about there, and runs are not all as fast. */
const FROM = 0.15;
const TO = 1.15;
/**
 * What becomes of the time that a run is thought to take when one was killed, and when one had ended before: a machine
 * has other work now and then. With these there are about eight kills to an end.
 */
const AFTER_KILL = 1.0125;
const AFTER_END = 0.9;
/** Runs of a chain that are killed at most. */
const MAX_KILLS = 12;

/**
 * Starts the same command over and over and kills it (SIGKILL) at random instants of the time that an undisturbed run
 * takes here, until it ends by itself: a chain. Looks at the files after each kill and at everything after the end.
 *
 * @throws Error that names seed, chain, instants and folder of what went wrong
 */
export async function killChains(options: KillOptions): Promise<KillReport> {
  const { kills, lanes } = options;
  const report: KillReport = { kills: 0, chains: 0, longest: 0, states: {} };
  const pace = { milliseconds: await runTime(options) };
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (report.kills < kills && !failed) {
      try {
        await chain(options, next++, pace, report);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return report;
}

/** Milliseconds that a run takes when as many are at work as will be. */
async function runTime({ scene, folder, lanes }: KillOptions): Promise<number> {
  const times = await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const out = join(folder, `timed-${lane}`);
      copyFolder(scene.old, out);
      const began = performance.now();
      await runConvert(scene, out);
      rmSync(out, { recursive: true });
      return performance.now() - began;
    }),
  );
  return Math.max(...times);
}

async function chain(
  { scene, folder, seed }: KillOptions,
  number: number,
  pace: { milliseconds: number },
  report: KillReport,
): Promise<void> {
  const out = join(folder, `chain-${number}`);
  const random = new Random(seed * 1_000_003 + number);
  const instants: number[] = [];
  copyFolder(scene.old, out);
  const fail = (what: string): never => {
    const at = instants.map((instant) => instant.toFixed(1)).join(", ");
    throw new Error(`${what}\nseed ${seed}, chain ${number}, killed after ms: ${at}; see ${out}`);
  };
  for (;;) {
    const delay =
      instants.length < MAX_KILLS ? (FROM + random.next() * (TO - FROM)) * pace.milliseconds : null;
    const began = Date.now();
    const run = await killedRun(scene, out, delay);
    const wrong = wrongFiles(scene, out);
    if (run.signal !== "SIGKILL") {
      if (run.code !== 0 && run.code !== 2)
        fail(`exit ${run.code} ${run.signal}: ${run.stdout}${run.stderr}`);
      const ended = outcomeOf(run, out);
      if (!isDeepStrictEqual(ended, scene.undisturbed))
        fail(`another end than undisturbed: ${differences(ended, scene.undisturbed)}`);
      if (delay !== null) pace.milliseconds *= AFTER_END;
      break;
    }
    instants.push(delay!);
    pace.milliseconds *= AFTER_KILL;
    report.kills++;
    const state = stateOf(out, began);
    report.states[state] = (report.states[state] ?? 0) + 1;
    if (wrong.length > 0) fail(wrong.join("\n"));
  }
  report.chains++;
  report.longest = Math.max(report.longest, instants.length);
  rmSync(out, { recursive: true });
}

/** @param delay milliseconds after which it is killed; null leaves it alone */
async function killedRun(scene: Scene, out: string, delay: number | null) {
  let timer: NodeJS.Timeout | undefined;
  const run = await runConvert(scene, out, {
    onStart: (child) => {
      if (delay !== null) timer = setTimeout(() => child.kill("SIGKILL"), delay);
    },
  });
  clearTimeout(timer);
  return run;
}

/** How far a run had come when it was killed, by what it has changed on the disk since it began. */
function stateOf(out: string, began: number): string {
  const changed = filesBelow(out).filter((name) => statSync(join(out, name)).mtimeMs >= began);
  const has = (end: RegExp) => changed.some((name) => end.test(name));
  if (has(/runs.*(json|md)$/)) return "run record";
  if (has(/(locations|products|manifest).*partial$/)) return "list or manifest";
  if (has(/\.journal\.partial$/)) return "journal";
  if (has(/\.sorted$/)) return "merge, or after it";
  if (has(/\.parquet$/)) return "after some year was published";
  if (has(/\.journal$/)) return "after some checkpoint";
  if (has(/\.partial$/)) return "before a checkpoint";
  return has(/lock\.json/) ? "output locked" : "start";
}

/** Parts of two outcomes that are not equal. */
function differences(actual: unknown, expected: unknown): string {
  const [a, b] = [actual, expected] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys({ ...a, ...b }).filter((key) => !isDeepStrictEqual(a[key], b[key]));
  return keys.map((key) => `${key} ${JSON.stringify(a[key])}, expected ${JSON.stringify(b[key])}`).join("\n");
}
