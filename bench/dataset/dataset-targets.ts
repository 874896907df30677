import type { DatasetContent, DatasetResult } from "../record-types.js";
import { medians } from "../table.js";
import { ratio, type Target } from "../target.js";
import type { PartName } from "./settings.js";
import { STEP } from "./step-names.js";

/** What a dataset's life is to cost at most, or to achieve at least, and what it does. */
export interface DatasetTarget extends Target {
  part: PartName;
}

type Measured = Pick<DatasetContent, "inputs" | "results">;

/** The targets of the parts that were asked for, each with what the record has measured. */
export function datasetTargets({ inputs, results }: Measured): DatasetTarget[] {
  const wall = (name: string): number | null => wallOf(results.find((result) => result.name === name));
  const update = wall(STEP.update);
  const parts = sum(wall(STEP.dayAlone), wall(STEP.copy));
  const rows = inputs.find(({ part }) => part === "verify")?.rows ?? 0;
  const targets = [
    most("update", 2, "s", "update with one more day", update),
    most("update", 1.3, "x", "update / (day alone + copy)", ratio(update, parts)),
    most("merge", 2.5, "x", "files by node / files by day", ratio(wall(STEP.byNode), wall(STEP.byDay))),
    most("status", 1, "s", "status of seven ISOs", wall(STEP.status)),
    ...results.filter(({ part }) => part === "verify").map((result) => verifyTarget(result, rows)),
  ];
  return targets.filter((target) => inputs.some(({ part }) => part === target.part));
}

function most(
  part: PartName,
  target: number,
  unit: Target["unit"],
  what: string,
  measured: number | null,
): DatasetTarget {
  return { part, what, unit, bound: "most", target, measured };
}

function verifyTarget(result: DatasetResult, rows: number): DatasetTarget {
  const { part, threads } = result;
  const what = threads === 1 ? "verify, one thread" : `verify, each of ${threads} threads`;
  const measured = ratio(rows / 1e6 / threads, wallOf(result));
  return { part, what, unit: "M rows/s", bound: "least", target: 5, measured };
}

function wallOf(result: DatasetResult | undefined): number | null {
  return result === undefined || result.runs.length === 0 ? null : medians(result).wallSeconds;
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
