import { median } from "../../src/bench/median.js";
import type { Usage } from "../measure.js";
import type { LayoutResult } from "./run-layouts.js";

const HEADINGS = ["MB", "files", "wall s", "MB/s", "peak", "inflate", "DuckDB s", "x", "out MB", "out x"];
const NAME_WIDTH = 18;
const WIDTHS = [4, 6, 7, 5, 5, 8, 9, 5, 7, 6];

/**
 * The results as a table that fits 80 columns. MB are 1,000,000 bytes of CSV, unpacked; `peak` is the memory in such MB,
 * `inflate` the seconds that inflating alone takes in one process; `x` is the time in proportion to DuckDB's, `out x`
 * what is written.
 */
export function layoutTable(results: readonly LayoutResult[]): string {
  const lines = [row("", HEADINGS)];
  for (const result of results) {
    const { input, runs, duckdbRuns = [], inflateSeconds, outputBytes } = result;
    const wall = wallOf(runs);
    lines.push(
      row(result.name, [
        (input.csvBytes / 1e6).toFixed(0),
        String(input.files),
        wall.toFixed(2),
        (input.csvBytes / 1e6 / wall).toFixed(0),
        (median(runs.map((run) => run.peakRssBytes)) / 1e6).toFixed(0),
        inflateSeconds.length === 0 ? "" : median(inflateSeconds).toFixed(2),
        duckdbRuns.length === 0 ? "" : wallOf(duckdbRuns).toFixed(2),
        duckdbRuns.length === 0 ? "" : (wall / wallOf(duckdbRuns)).toFixed(2),
        outputBytes === undefined ? "" : (outputBytes.own / 1e6).toFixed(2),
        outputRatio(outputBytes),
      ]),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** What is written in proportion to what DuckDB writes; empty where it does not. */
export function outputRatio(bytes: LayoutResult["outputBytes"]): string {
  return bytes === undefined || bytes.duckdb === null ? "" : (bytes.own / bytes.duckdb).toFixed(2);
}

function wallOf(runs: readonly Usage[]): number {
  return median(runs.map((run) => run.wallSeconds));
}

function row(name: string, cells: readonly string[]): string {
  return (name.padEnd(NAME_WIDTH) + cells.map((cell, i) => cell.padStart(WIDTHS[i]!)).join("")).trimEnd();
}
