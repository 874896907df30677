import { median } from "../src/bench/median.js";
import type { MemorySize } from "./record-types.js";

const HEADINGS = ["MB in", "files", "wall s", "peak MB", "lowest", "highest", "x first"];
const WIDTHS = [8, 7, 8, 9, 8, 9, 9];

/** Peak memory of each size of input, in MB and in proportion to that of the first size. */
export function sizeTable(sizes: readonly MemorySize[]): string {
  const peaksOf = ({ runs }: MemorySize) => runs.map(({ peakRssBytes }) => peakRssBytes / 1e6);
  const first = sizes[0] === undefined ? Number.NaN : median(peaksOf(sizes[0]));
  const lines = [row("", HEADINGS)];
  for (const size of sizes) {
    const peaks = peaksOf(size);
    lines.push(
      row(`${size.scale}x`, [
        (size.input.bytes / 1e6).toFixed(0),
        String(size.input.files),
        median(size.runs.map(({ wallSeconds }) => wallSeconds)).toFixed(2),
        median(peaks).toFixed(0),
        Math.min(...peaks).toFixed(0),
        Math.max(...peaks).toFixed(0),
        (median(peaks) / first).toFixed(2),
      ]),
    );
  }
  return `${lines.join("\n")}\n`;
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(6) + cells.map((cell, i) => cell.padStart(WIDTHS[i]!)).join("");
}
