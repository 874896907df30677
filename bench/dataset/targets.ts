import type { DatasetContent, DatasetResult } from "../record-types.js";
import { medians } from "../table.js";
import type { PartName } from "./settings.js";
import { STEP } from "./step-names.js";

/** Something that a dataset's life is to cost at most, or to achieve at least, and what it does. */
export interface Target {
  part: PartName;
  what: string;
  unit: "s" | "x" | "M rows/s";
  bound: "most" | "least";
  target: number;
  /** Of medians over the rounds; null where it was not measured. */
  measured: number | null;
}

type Measured = Pick<DatasetContent, "inputs" | "results">;

/** The targets of the parts that were asked for, each with what the record has measured. */
export function targetsOf({ inputs, results }: Measured): Target[] {
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
): Target {
  return { part, what, unit, bound: "most", target, measured };
}

function verifyTarget(result: DatasetResult, rows: number): Target {
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

function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a / b;
}

/** `<= 2.00 s`, `>= 5.00 M rows/s`. */
export function boundText({ bound, target, unit }: Target): string {
  return `${bound === "most" ? "<=" : ">="} ${valueText(target, unit)}`;
}

export function valueText(value: number | null, unit: Target["unit"]): string {
  return value === null ? "-" : `${value.toFixed(2)} ${unit}`;
}

/** How far the measured value is from the target: `met by 12 %`, `missed by 12 %`. */
export function gapText({ bound, target, measured }: Target): string {
  if (measured === null) return "not measured";
  const over = bound === "most" ? measured / target - 1 : target / measured - 1;
  const percent = Math.abs((measured / target - 1) * 100).toFixed(0);
  return over <= 0 ? `met by ${percent} %` : `missed by ${percent} %`;
}
