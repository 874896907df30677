import type { DatasetContent } from "../record-types.js";
import { medians } from "../table.js";
import { targetTable } from "../target.js";
import { datasetTargets } from "./dataset-targets.js";

const HEADINGS = ["wall s", "CPU s", "peak MB"];

/** What was measured, in medians, then the targets; within 80 columns but for what describes the inputs. */
export function datasetTable(content: Pick<DatasetContent, "inputs" | "results">): string {
  const lines = content.inputs.map(({ part, what }) => `${part.padEnd(8)}${what}`);
  lines.push("", row("", HEADINGS));
  for (const result of content.results) {
    const { wallSeconds, cpuSeconds, peakRssBytes } = medians(result);
    const cells = [wallSeconds.toFixed(2), cpuSeconds.toFixed(2), (peakRssBytes / 1e6).toFixed(0)];
    lines.push(row(result.name, cells));
  }
  return `${lines.join("\n")}\n\n${targetTable({ title: "", targets: datasetTargets(content) })}`;
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(22) + cells.map((cell) => cell.padStart(10)).join("");
}
