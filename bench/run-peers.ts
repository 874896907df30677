import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { DataSet } from "./data-set.js";
import { digestOutput, type OutputDigest, parquetBytes } from "./digest.js";
import { measureScript, type Usage } from "./measure.js";
import { type Peer, type PeerTask, REFERENCE_PEER } from "./peers/peer.js";
import type { SetResult } from "./record.js";
import type { PeerResult } from "./table.js";

/** Settings of a run, and where its messages go. */
export interface RunSettings {
  rounds: number;
  threads: number;
  /** Folder for outputs; emptied before each run. */
  work: string;
  say: (text: string) => void;
}

/** Of a process that takes longer than this at its warm-up, in seconds, fewer rounds tell enough. */
export const LONG_SECONDS = 15;
export const LONG_ROUNDS = 3;

/** A peer that has run once. */
interface Candidate {
  peer: Peer;
  /** Rounds that it is measured in. */
  rounds: number;
  digest: OutputDigest;
  result: PeerResult;
}

/**
 * Runs the peers in turn: first a warm-up round in which every output is read back and compared, then the measured
 * rounds. A peer that cannot run, stops with an error or writes other rows takes no further part.
 */
export async function runPeers(
  peers: readonly Peer[],
  dataSet: DataSet,
  settings: RunSettings,
): Promise<SetResult> {
  const set: SetResult = { dataSet, results: [], notRun: [], failed: [] };
  const candidates: Candidate[] = [];
  for (const peer of peers) {
    const { name } = peer;
    const reason = await peer.unavailable();
    if (reason !== undefined) {
      set.notRun.push({ name, reason });
      continue;
    }
    try {
      candidates.push(await warmUp(peer, dataSet, settings));
      settings.say(`  warm-up ${name}`);
    } catch (error) {
      set.failed.push({ name, reason: (error as Error).message });
    }
  }

  const right = dropWrong(candidates, dataSet.rows, set.failed);
  for (let round = 1; round <= settings.rounds; round++) {
    for (const candidate of [...right].filter(({ rounds }) => rounds >= round)) {
      const { name } = candidate.peer;
      try {
        const usage = await runOnce(candidate.peer, dataSet, settings);
        candidate.result.runs.push(usage);
        settings.say(`  round ${round} ${name}: ${usage.wallSeconds.toFixed(2)} s`);
      } catch (error) {
        set.failed.push({ name, reason: `round ${round}: ${(error as Error).message}` });
        right.delete(candidate);
      }
    }
  }
  for (const { result } of right) set.results.push(result);
  return set;
}

/** Those whose output has every row, with the values that the reference peer's has (or else the first one's). */
function dropWrong(candidates: Candidate[], rows: number, failed: SetResult["failed"]): Set<Candidate> {
  const reference = candidates.find(({ peer }) => peer.name === REFERENCE_PEER) ?? candidates[0];
  const right = new Set<Candidate>();
  for (const candidate of candidates) {
    const { digest, peer } = candidate;
    if (digest.rows !== rows) {
      failed.push({ name: peer.name, reason: `${digest.rows} rows were written, not ${rows}` });
    } else if (digest.fingerprint !== reference!.digest.fingerprint) {
      failed.push({ name: peer.name, reason: `its values are not those of ${reference!.peer.name}` });
    } else {
      right.add(candidate);
    }
  }
  return right;
}

async function warmUp(peer: Peer, dataSet: DataSet, settings: RunSettings): Promise<Candidate> {
  const { wallSeconds } = await runOnce(peer, dataSet, settings);
  const output = outputFolder(settings);
  const digest = await digestOutput(output);
  const { name, does } = peer;
  const { rows, sorted } = digest;
  const outputBytes = await parquetBytes(output);
  const most = wallSeconds > LONG_SECONDS ? LONG_ROUNDS : settings.rounds;
  return {
    ...{ peer, digest, rounds: Math.min(settings.rounds, most) },
    result: { name, does, runs: [], rows, outputBytes, sorted },
  };
}

/** Runs the peer once, into an empty folder. */
async function runOnce(peer: Peer, dataSet: DataSet, settings: RunSettings): Promise<Usage> {
  const { work, threads } = settings;
  await rm(work, { recursive: true, force: true });
  const output = outputFolder(settings);
  await mkdir(output, { recursive: true });
  const task: PeerTask = { input: dataSet.folder, output, threads };
  return measureScript(peer.script, path.join(work, "usage.json"), {
    args: peer.args(task),
    env: peer.env?.(task) ?? {},
    cores: peer.cores,
  });
}

function outputFolder({ work }: RunSettings): string {
  return path.join(work, "output");
}
