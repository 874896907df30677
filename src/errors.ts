/** What went wrong, as a word that programs can test for. Each has one exit code (see {@link EXIT}). */
export type ErrorCode =
  | "usage"
  | "input-missing"
  | "input-empty"
  | "nothing-recognised"
  | "input-unreadable"
  | "output-not-writable"
  | "output-in-use"
  | "output-inside-input"
  | "disk-full"
  | "memory-limit"
  | "bad-config"
  | "accounting"
  | "aborted"
  | "internal";

/** Process exit codes; they are part of the interface. */
export const EXIT = { complete: 0, failed: 1, partial: 2, usage: 64, interrupted: 130 } as const;

/**
 * The one error family of gridparquet: what happened, where, and what to do about it.
 *
 * `message` is a whole sentence that names the file (and line, where one is meant); `hint` says what to type
 * or change next.
 */
export class GridparquetError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GridparquetError";
    this.code = code;
    this.hint = options.hint;
  }

  get exitCode(): number {
    if (this.code === "usage") return EXIT.usage;
    return this.code === "aborted" ? EXIT.interrupted : EXIT.failed;
  }
}

const SYSTEM_MESSAGES: Record<string, string> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EISDIR: "is a folder, not a file",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  ELOOP: "symbolic links lead in a circle",
  EIO: "input/output error",
  EMFILE: "too many open files",
};

/** A system error in words (`permission denied (EACCES)`), any other error's own message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  const words = code === undefined ? undefined : SYSTEM_MESSAGES[code];
  return words === undefined ? error.message : `${words} (${code})`;
}

/** {@link describeError}, behind the path that a system error names: `/data/out: permission denied (EACCES)`. */
export function describeErrorAt(error: unknown): string {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const where = code !== undefined && path !== undefined ? `${path}: ` : "";
  return where + describeError(error);
}

/** Whether a fault in writing, or what caused it, is that the disk is full or a quota used up. */
export function isNoRoom(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT" || isNoRoom(error.cause);
}

/** Code of an error that says that the thread died, or the task failed, that had rows in hand. */
export const THREAD_DIED = "THREAD_DIED";

export function isThreadDeath(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === THREAD_DIED;
}

/** {@link describeError} of a fault in writing, with what to do where the disk is full. */
export function describeWriteError(error: unknown): string {
  const advice = isNoRoom(error) ? "; make room on the disk and run the same command again" : "";
  return describeError(error) + advice;
}
