/** Something that is to cost at most so much, or to achieve at least so much, and what was measured. */
export interface Target {
  what: string;
  unit: "s" | "x" | "MB" | "M rows/s";
  bound: "most" | "least";
  target: number;
  /** What must be reached on the way there; left out where there is no such thing. */
  floor?: number;
  /** Of medians over the rounds; null where it was not measured. */
  measured: number | null;
}

/** `<= 2.00 s`, `>= 5.00 M rows/s`. */
export function boundText({ bound, target, unit }: Omit<Target, "measured">): string {
  return `${bound === "most" ? "<=" : ">="} ${valueText(target, unit)}`;
}

export function valueText(value: number | null, unit: Target["unit"]): string {
  return value === null ? "-" : `${value.toFixed(unit === "MB" ? 0 : 2)} ${unit}`;
}

/** How far the measured value is from the target: `met by 12 %`, `missed by 12 %, floor met`. */
export function gapText({ bound, target, floor, measured }: Target): string {
  if (measured === null) return "not measured";
  const isWithin = (limit: number) => (bound === "most" ? measured <= limit : measured >= limit);
  const percent = Math.abs((measured / target - 1) * 100).toFixed(0);
  if (isWithin(target)) return `met by ${percent} %`;
  const ofFloor = floor === undefined ? "" : `, floor ${isWithin(floor) ? "met" : "MISSED"}`;
  return `missed by ${percent} %${ofFloor}`;
}

/** Targets that belong together, as what was measured on one input. */
export interface TargetGroup {
  title: string;
  targets: readonly Target[];
}

/** A heading and a line for each target: what was measured, what it is to be, how far they are apart. */
export function targetTable({ title, targets }: TargetGroup): string {
  const rows = [
    [title, "measured", "target", ""],
    ...targets.map((target) => [
      target.what,
      valueText(target.measured, target.unit),
      boundText(target),
      gapText(target),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  return `${rows.map(line).join("\n")}\n`;
}

/** One value in proportion to another; null where one is missing. */
export function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a / b;
}
