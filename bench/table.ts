import { median } from "../src/bench/median.js";
import type { Usage } from "./measure.js";
import { REFERENCE_PEER } from "./peers/peer.js";

/** What was measured of one peer on one input. */
export interface PeerResult {
  name: string;
  does: string;
  /** One entry per round, the warm-up left out. */
  runs: Usage[];
  rows: number;
  outputBytes: number;
  /** Whether the output is in order of time and location. */
  sorted: boolean;
}

const HEADINGS = ["wall s", "MB/s", "CPU s", "RSS MB", "out MB", "wall x", "RSS x", "sorted"];
const NAME_WIDTH = 22;
const WIDTHS = [7, 7, 7, 8, 8, 7, 7, 7];

/** Medians over the rounds. */
export function medians({ runs }: Pick<PeerResult, "runs">): Usage {
  return {
    wallSeconds: median(runs.map((run) => run.wallSeconds)),
    cpuSeconds: median(runs.map((run) => run.cpuSeconds)),
    peakRssBytes: median(runs.map((run) => run.peakRssBytes)),
  };
}

/**
 * The results as a table that fits 80 columns. MB are 1,000,000 bytes; `x` columns are in proportion to DuckDB's
 * output by year, less than 1 is less time or memory.
 */
export function resultTable(results: readonly PeerResult[], inputBytes: number): string {
  const found = results.find((result) => result.name === REFERENCE_PEER);
  const reference = found === undefined ? undefined : medians(found);
  const lines = [row("", HEADINGS)];
  for (const result of results) {
    const { wallSeconds, cpuSeconds, peakRssBytes } = medians(result);
    lines.push(
      row(result.name, [
        wallSeconds.toFixed(2),
        (inputBytes / 1e6 / wallSeconds).toFixed(0),
        cpuSeconds.toFixed(2),
        (peakRssBytes / 1e6).toFixed(0),
        (result.outputBytes / 1e6).toFixed(1),
        reference === undefined ? "-" : (wallSeconds / reference.wallSeconds).toFixed(2),
        reference === undefined ? "-" : (peakRssBytes / reference.peakRssBytes).toFixed(2),
        result.sorted ? "yes" : "no",
      ]),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Peak memory of each peer on inputs of several sizes. */
export function memoryTable(sets: readonly { inputBytes: number; results: readonly PeerResult[] }[]): string {
  const headings = sets.map(({ inputBytes }) => `${(inputBytes / 1e6).toFixed(0)} MB`);
  const lines = [row("peak RSS MB of input", headings, 12)];
  for (const { name } of sets[0]?.results ?? []) {
    const cells = sets.map(({ results }) => {
      const result = results.find((other) => other.name === name);
      return result === undefined ? "-" : (medians(result).peakRssBytes / 1e6).toFixed(0);
    });
    lines.push(row(name, cells, 12));
  }
  return `${lines.join("\n")}\n`;
}

function row(name: string, cells: readonly string[], width?: number): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell, i) => cell.padStart(width ?? WIDTHS[i]!)).join("");
}
