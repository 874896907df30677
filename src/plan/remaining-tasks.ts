import type { PlannedTask } from "./plan-jobs.js";

/** How far a job has come in the order of its plan. */
export interface DoneInput {
  /** Files that are done. */
  files: number;
  /** Of the file after them, so many bytes; 0 where nothing of it is done. */
  bytes: number;
}

/** The tasks of a plan, or the parts of them, that are left to do. A file that was begun goes on as a range. */
export function remainingTasks(tasks: readonly PlannedTask[], { files, bytes }: DoneInput): PlannedTask[] {
  return tasks.flatMap((task) => {
    const [first, ...others] = task.files.filter((file) => file >= files);
    if (first === undefined) return [];
    const { range } = task;
    if (bytes === 0 || first !== files) return [{ files: [first, ...others], range }];
    if (range !== null && range.to <= bytes) return [];
    const from = Math.max(range?.from ?? 0, bytes);
    const rest = { files: [first], range: { from, to: range?.to ?? Number.POSITIVE_INFINITY } };
    return others.length === 0 ? [rest] : [rest, { files: others, range: null }];
  });
}
