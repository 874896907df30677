import { median } from "../../src/bench/median.js";
import type { Usage } from "../measure.js";
import type { LayoutResult } from "./run-layouts.js";

const HEADINGS = ["MB", "files", "M rows", "wall s", "MB/s", "peak MB", "inflate", "DuckDB s", "x"];
const NAME_WIDTH = 18;
const WIDTHS = [5, 6, 7, 7, 6, 8, 9, 9, 5];

/**
 * The results as a table that fits 80 columns. MB are 1,000,000 bytes of CSV, unpacked; `inflate` is the seconds that
 * inflating alone takes in one process; `x` is the time in proportion to DuckDB's.
 */
export function layoutTable(results: readonly LayoutResult[]): string {
  const lines = [row("", HEADINGS)];
  for (const result of results) {
    const { input, rows, runs, duckdbRuns = [], inflateSeconds } = result;
    const wall = wallOf(runs);
    lines.push(
      row(result.name, [
        (input.csvBytes / 1e6).toFixed(0),
        String(input.files),
        (rows / 1e6).toFixed(2),
        wall.toFixed(2),
        (input.csvBytes / 1e6 / wall).toFixed(0),
        (median(runs.map((run) => run.peakRssBytes)) / 1e6).toFixed(0),
        inflateSeconds.length === 0 ? "" : median(inflateSeconds).toFixed(2),
        duckdbRuns.length === 0 ? "" : wallOf(duckdbRuns).toFixed(2),
        duckdbRuns.length === 0 ? "" : (wall / wallOf(duckdbRuns)).toFixed(2),
      ]),
    );
  }
  return `${lines.join("\n")}\n`;
}

function wallOf(runs: readonly Usage[]): number {
  return median(runs.map((run) => run.wallSeconds));
}

function row(name: string, cells: readonly string[]): string {
  return (name.padEnd(NAME_WIDTH) + cells.map((cell, i) => cell.padStart(WIDTHS[i]!)).join("")).trimEnd();
}
