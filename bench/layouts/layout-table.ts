import { median } from "../../src/bench/median.js";
import { BASE_LAYOUT } from "./layouts.js";
import type { LayoutResult } from "./run-layouts.js";

const HEADINGS = ["MB", "files", "M rows", "wall s", "MB/s", "x PJM", "CPU s", "inflate s"];
const NAME_WIDTH = 20;
const WIDTHS = [5, 7, 8, 8, 6, 7, 7, 11];

/**
 * The results as a table that fits 80 columns. MB are 1,000,000 bytes of CSV, unpacked; `x PJM` is the time per byte
 * in proportion to that of plain PJM files; `inflate s` is what inflating alone takes in one process.
 */
export function layoutTable(results: readonly LayoutResult[]): string {
  const perByte = (result: LayoutResult) => wallOf(result) / result.input.csvBytes;
  const base = results.find(({ name }) => name === BASE_LAYOUT);
  const lines = [row("", HEADINGS)];
  for (const result of results) {
    const { input, rows, runs, inflateSeconds } = result;
    lines.push(
      row(result.name, [
        (input.csvBytes / 1e6).toFixed(0),
        String(input.files),
        (rows / 1e6).toFixed(2),
        wallOf(result).toFixed(2),
        (input.csvBytes / 1e6 / wallOf(result)).toFixed(0),
        base === undefined ? "-" : (perByte(result) / perByte(base)).toFixed(2),
        median(runs.map((run) => run.cpuSeconds)).toFixed(2),
        inflateSeconds.length === 0 ? "" : median(inflateSeconds).toFixed(2),
      ]),
    );
  }
  return `${lines.join("\n")}\n`;
}

function wallOf({ runs }: LayoutResult): number {
  return median(runs.map((run) => run.wallSeconds));
}

function row(name: string, cells: readonly string[]): string {
  return (name.padEnd(NAME_WIDTH) + cells.map((cell, i) => cell.padStart(WIDTHS[i]!)).join("")).trimEnd();
}
