/** What the processes are called in tables and records. */
export const STEP = {
  dayAlone: "day alone",
  copy: "copy of year file",
  syncedCopy: "copy, with fsync",
  update: "update, one day",
  updateAgain: "update, nothing new",
  byDay: "files by day",
  byNode: "files by node",
  status: "status",
} as const;

export function verifyName(threads: number): string {
  return `verify, ${threads === 1 ? "1 thread" : `${threads} threads`}`;
}
