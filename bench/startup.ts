/** What a run costs before there is anything to do: `npm run bench:startup -- --help`. See bench/README.md. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { median } from "../src/bench/median.js";
import { checkoutRoot } from "./checkout.js";
import { fewRows } from "./few-rows.js";
import { measureScript, type Usage } from "./measure.js";
import { positive, type RecordOptions, withRecordOptions } from "./options.js";
import { DUCKDB_PEERS } from "./peers/duckdb.js";
import { REFERENCE_PEER } from "./peers/peer.js";
import { saveRecord } from "./record.js";

interface StartupOptions extends RecordOptions {
  rounds: number;
  rows: number;
}

/** A process to measure; the output folder is empty each time. */
interface Program {
  name: string;
  script: string;
  args: readonly string[];
}

const CLI = fileURLToPath(new URL("../src/cli.js", import.meta.url));

/** `node -e 0` is the floor: what any program on this platform costs. */
function programs(input: string, output: string): Program[] {
  const duckdb = DUCKDB_PEERS.find(({ name }) => name === REFERENCE_PEER)!;
  const gridparquet = (name: string, ...args: string[]): Program => ({
    name: `gridparquet ${name}`,
    script: CLI,
    args,
  });
  return [
    { name: "node -e 0", script: "-e", args: ["0"] },
    gridparquet("--version", "--version"),
    gridparquet("--help", "--help"),
    gridparquet("feeds", "feeds"),
    gridparquet("convert", "convert", input, "--out", output, "--quiet"),
    { name: duckdb.name, script: duckdb.script, args: duckdb.args({ input, output, threads: 2 }) },
  ];
}

async function main({ rounds, rows, ...record }: StartupOptions): Promise<void> {
  const root = checkoutRoot();
  const work = path.join(root, ".cache", "bench", "startup");
  const [input, output] = [path.join(work, "input"), path.join(work, "output")];
  try {
    await rm(work, { recursive: true, force: true });
    await fewRows(input, rows);
    const results = programs(input, output).map((program) => ({ program, runs: [] as Usage[] }));
    // Round 0 warms the page cache up and does not count.
    for (let round = 0; round <= rounds; round++) {
      for (const { program, runs } of results) {
        await rm(output, { recursive: true, force: true });
        await mkdir(output);
        const usage = await measureScript(program.script, path.join(work, "usage.json"), program);
        if (round > 0) runs.push(usage);
      }
    }
    process.stdout.write(table(results));
    const measured = results.map(({ program: { name }, runs }) => ({ name, runs }));
    await saveRecord(root, record, { bench: "startup", options: { rounds, rows }, results: measured });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Medians over the rounds. */
function table(results: readonly { program: Program; runs: readonly Usage[] }[]): string {
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(24)}${cells.map((cell) => cell.padStart(10)).join("")}\n`;
  const lines = results.map(({ program, runs }) => {
    const of = (value: (usage: Usage) => number) => median(runs.map(value));
    return line(program.name, [
      of(({ wallSeconds }) => wallSeconds * 1000).toFixed(0),
      of(({ cpuSeconds }) => cpuSeconds * 1000).toFixed(0),
      of(({ peakRssBytes }) => peakRssBytes / 1e6).toFixed(0),
    ]);
  });
  return line("", ["wall ms", "CPU ms", "RSS MB"]) + lines.join("");
}

const command = new Command("bench:startup")
  .description("Measures whole processes that have next to nothing to do.")
  .option("--rounds <n>", "measured rounds after the warm-up", positive, 15)
  .option("--rows <n>", "rows of the file that is converted", positive, 100);
await main(withRecordOptions(command).parse().opts<StartupOptions>());
