/** The steps of a run at which a test can kill it: before and after whatever must survive that. */
export const FAILPOINTS = [
  "part:created",
  "part:appended",
  "sources:appended",
  "rejects:appended",
  "checkpoint:begun",
  "checkpoint:files-flushed",
  "checkpoint:before-rename",
  "checkpoint:after-rename",
  "checkpoint:done",
  "year:rewritten",
  "year:before-footer",
  "year:after-footer",
  "year:before-rename",
  "year:after-rename",
  "year:published",
  "seen:before-list",
  "seen:after-list",
  "record:before",
  "record:after",
  "journal:before-removal",
  "journal:after-removal",
] as const;
/** Those of an update alone. */
export const UPDATE_FAILPOINTS = ["year:row-group-copied"] as const;
/** Those of a rollback. */
export const ROLLBACK_FAILPOINTS = ["rollback:before-rename", "rollback:after-rename"] as const;
export type Failpoint =
  | (typeof FAILPOINTS)[number]
  | (typeof UPDATE_FAILPOINTS)[number]
  | (typeof ROLLBACK_FAILPOINTS)[number];

const [, WANTED, TIMES] = /^(.*?)(?::(\d+))?$/.exec(process.env.GRIDPARQUET_FAILPOINT ?? "")!;
let left = Number(TIMES ?? 1);

/**
 * Whether `GRIDPARQUET_FAILPOINT` is set, to whatever: the journal is written at the end of every task then, since
 * what is tested is what happens and not when.
 */
export const IS_TESTING_FAILURE = WANTED !== "";

/**
 * Kills the process, as a power cut would, when `GRIDPARQUET_FAILPOINT` names this step (`checkpoint:written`), or
 * names it with a number (`part:appended:3`) and it is reached for so many times. Without the variable nothing happens.
 */
export function failpoint(name: Failpoint): void {
  if (name === WANTED && --left === 0) process.kill(process.pid, "SIGKILL");
}
