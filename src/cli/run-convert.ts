import { EXIT, GridparquetError } from "../errors.js";
import type { ConvertOptions, ConvertSummary } from "../run/options.js";
import { watchInterruption } from "./interruption.js";
import { isShown, logLine } from "./log-lines.js";
import { createProgress } from "./progress-bars.js";
import type { ViewOptions } from "./resolve-options.js";
import type { Streams } from "./streams.js";

/**
 * Runs `convert`, or `update`, with progress, log lines and signals wired to the terminal.
 *
 * @throws GridparquetError when the whole run failed or was interrupted
 */
export async function runConvert<O extends ConvertOptions, S extends ConvertSummary>(
  run: (options: O) => Promise<S>,
  options: O,
  view: ViewOptions,
  streams: Streams,
): Promise<S> {
  const { logFormat } = view;
  const enabled = view.progress && !view.quiet && logFormat === "text" && options.dryRun !== true;
  const progress = await createProgress(streams.stderr, { enabled, cursor: view.cursor });
  const interruption = watchInterruption((text) => progress.log(logLine("info", text, logFormat)));
  try {
    const summary = await run({
      ...options,
      signal: interruption.signal,
      onProgress: (state) => {
        progress.update(state);
        options.onProgress?.(state);
      },
      onLog: (level, message) => {
        if (isShown(level, view)) progress.log(logLine(level, message, logFormat));
      },
    });
    if (interruption.signal.aborted && summary.exitCode !== EXIT.complete) {
      throw new GridparquetError("aborted", "interrupted; what was finished is kept");
    }
    return summary;
  } catch (error) {
    if (!interruption.signal.aborted || error instanceof GridparquetError) throw error;
    throw new GridparquetError("aborted", "interrupted", { cause: error });
  } finally {
    progress.stop();
    interruption.release();
  }
}
