import { verifyDataset } from "../../verify/verify-dataset.js";
import { isShown, logLine } from "../log-lines.js";
import { createProgress } from "../progress-bars.js";
import type { VerifyOptions } from "../resolve-dataset.js";
import type { Resolved } from "../resolve-options.js";
import type { Streams } from "../streams.js";
import { verifyText } from "../verify-text.js";

/** `gridparquet verify`: returns 0, also with warnings; 2 when a file is damaged. */
export async function verifyCommand(
  { options, view }: Resolved<VerifyOptions>,
  { stdout, stderr }: Streams,
): Promise<number> {
  // Elsewhere than on a terminal the result says all.
  const enabled = view.progress && !view.quiet && stderr.isTTY === true;
  const progress = await createProgress(stderr, { enabled, cursor: view.cursor });
  try {
    const result = await verifyDataset({
      ...options,
      ...(enabled && { onProgress: (state) => progress.update(state) }),
      onLog: (level, message) => {
        if (isShown(level, view)) progress.log(logLine(level, message));
      },
    });
    progress.stop();
    if (view.json) stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    else if (!view.quiet) stdout.write(verifyText(result));
    return result.exitCode;
  } finally {
    progress.stop();
  }
}
