/** Peak memory against the size of the input: `npm run bench:memory -- --help`. See bench/README.md. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { checkoutRoot, say } from "./checkout.js";
import type { DataSetParameters } from "./data-set.js";
import { measureScript } from "./measure.js";
import { positive, positives, type RecordOptions, withRecordOptions } from "./options.js";
import { GRIDPARQUET_PEERS } from "./peers/gridparquet.js";
import { provideDataSet, withLargeInputs } from "./provide-data-set.js";
import { saveRecord, sizeOf } from "./record.js";
import type { MemorySize } from "./record-types.js";
import { type RssSample, sampleRss } from "./rss.js";
import { sizeTable } from "./size-table.js";

interface MemoryOptions extends RecordOptions {
  scale: number[];
  rounds: number;
  days: number;
  nodes: number;
  threads: number;
  keep: boolean;
}

const CONVERT = GRIDPARQUET_PEERS[0]!;

async function main({ scale, keep, json, record, ...options }: MemoryOptions): Promise<void> {
  const root = checkoutRoot();
  const cache = path.join(root, ".cache", "bench");
  await mkdir(cache, { recursive: true });
  const inputs = scale.map((factor) => ({ scale: factor, parameters: parametersOf(options, factor) }));
  const work = path.join(cache, "memory");
  try {
    const sizes = await withLargeInputs(
      { cache, keep },
      inputs.map(({ parameters }) => parameters),
      () => measureSizes(inputs, cache, work, options),
    );
    process.stdout.write(`\n${sizeTable(sizes)}`);
    await saveRecord(root, { json, record }, { bench: "memory", options, sizes });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Converts the input of each size as often as there are rounds. */
async function measureSizes(
  inputs: readonly { scale: number; parameters: DataSetParameters }[],
  cache: string,
  work: string,
  { rounds, threads }: Pick<MemoryOptions, "rounds" | "threads">,
): Promise<MemorySize[]> {
  const sizes: MemorySize[] = [];
  for (const { scale, parameters } of inputs) {
    const { folder, ...size } = await provideDataSet(cache, parameters);
    const runs: MemorySize["runs"] = [];
    for (let round = 1; round <= rounds; round++) {
      const run = await convertOnce(folder, work, threads);
      say(`  round ${round}: ${(run.peakRssBytes / 1e6).toFixed(0)} MB, ${run.wallSeconds.toFixed(2)} s`);
      runs.push(run);
    }
    sizes.push({ scale, input: sizeOf({ folder, ...size }), runs });
  }
  return sizes;
}

function parametersOf(
  { days, nodes }: Pick<MemoryOptions, "days" | "nodes">,
  scale: number,
): DataSetParameters {
  return { days: days * scale, nodes, seed: 1, sixDecimals: false };
}

/** A whole process, as the command is used. */
async function convertOnce(
  input: string,
  work: string,
  threads: number,
): Promise<MemorySize["runs"][number]> {
  await rm(work, { recursive: true, force: true });
  const output = path.join(work, "output");
  await mkdir(output, { recursive: true });
  let stop = (): RssSample[] => [];
  try {
    const usage = await measureScript(CONVERT.script, path.join(work, "usage.json"), {
      args: CONVERT.args({ input, output, threads }),
      onStart: (pid) => {
        stop = sampleRss(pid);
      },
    });
    return { ...usage, samples: stop() };
  } finally {
    stop();
  }
}

const command = new Command("bench:memory")
  .description("Peak memory of gridparquet for inputs of several sizes.")
  .option("--scale <n...>", "input sizes, as multiples of --days", positives, [1, 3, 10])
  .option("--rounds <n>", "runs of each size", positive, 3)
  .option("--days <n>", "day files of size 1, around a New Year", positive, 30)
  .option("--nodes <n>", "nodes per hour", positive, 6000)
  .option("--threads <n>", "threads", positive, 2)
  .option("--keep", "keep the inputs that were made for this", false);
try {
  await main(withRecordOptions(command).parse().opts<MemoryOptions>());
} catch (error) {
  say(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
