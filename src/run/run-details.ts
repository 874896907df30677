import { availableParallelism } from "node:os";
import { packageVersion } from "../version.js";
import type { Engine } from "./engine.js";
import type { MemoryPlan } from "./memory-plan.js";
import type { ResolvedOptions } from "./resolved-options.js";
import type { GroupAccount } from "./run-groups.js";
import type { RunMonitor } from "./run-monitor.js";

/** What a run's record says beside the summary. */
export interface RunDetails {
  versions: { gridparquet: string; node: string; platform: string; arch: string; cpus: number };
  /** With every default filled in. */
  settings: object;
  memory: { plan: MemoryPlan; leastCreditShare: number };
  decoding: { workerDeaths: number };
  /** Deaths of threads that encoded, merged or read back row groups, and how often it was done once more for it. */
  writing: { workerDeaths: number; retries: number };
  groups: readonly GroupAccount[];
}

/** What a run's record says of the program, its settings and what became of its threads, memory and groups. */
export function runDetails(
  resolved: ResolvedOptions,
  monitor: RunMonitor,
  engine: Engine,
  groups: readonly GroupAccount[],
): RunDetails {
  const { memory: plan, ...settings } = resolved;
  const { platform, arch, versions } = process;
  return {
    versions: {
      gridparquet: packageVersion(),
      node: versions.node,
      platform,
      arch,
      cpus: availableParallelism(),
    },
    settings,
    memory: { plan, leastCreditShare: monitor.leastShare },
    decoding: engine.decoding,
    writing: engine.writing,
    groups,
  };
}
