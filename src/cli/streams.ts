/** A terminal, pipe or file that text goes to. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

export interface Streams {
  /** Results only. */
  stdout: OutputStream;
  /** Progress, messages and errors. */
  stderr: OutputStream;
}

/**
 * Makes a closed pipe harmless: `gridparquet feeds | head -1` ends as if all had been read.
 *
 * Any other fault of stdout (a full disk behind a redirection) is a failed run: the results are not where they should be.
 */
export function guardStreams({ stdout, stderr }: Streams, fail: (error: Error) => void): void {
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") fail(error);
  });
  // messages are of no use to anyone then, but the work is
  stderr.on("error", () => {});
}
