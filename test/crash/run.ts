import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeScene } from "./crash-data.js";
import { killChains } from "./kill-chains.js";

/*
 * npm run crash -- [--kills 2000] [--seed N] [--lanes 2]
 *
 * Kills runs at random instants, as crash.test.ts does, for as long as it is told. Exit code 1 when something failed;
 * the folder is left then.
 */

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "2000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    lanes: { type: "string", default: "2" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "gridparquet-crash-"));
const [kills, seed, lanes] = [values.kills, values.seed, values.lanes].map(Number) as [
  number,
  number,
  number,
];
try {
  const report = await killChains({ scene: await makeScene(folder), folder, kills, seed, lanes });
  console.log(`seed ${seed}: ${JSON.stringify(report, null, 2)}`);
  rmSync(folder, { recursive: true });
} catch (error) {
  process.exitCode = 1;
  console.log((error as Error).message);
}
