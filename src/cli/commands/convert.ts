import type { ConvertOptions } from "../../run/options.js";
import { planText } from "../plan-text.js";
import { printableJson } from "../printable.js";
import type { Resolved } from "../resolve-options.js";
import { runConvert } from "../run-convert.js";
import type { Streams } from "../streams.js";
import { summaryText } from "../summary-text.js";

/** `gridparquet convert`: returns the exit code of the run. */
export async function convertCommand(
  { options, view }: Resolved<ConvertOptions>,
  streams: Streams,
): Promise<number> {
  const summary = await runConvert(options, view, streams);
  if (view.json) {
    const { files: _, ...printed } = summary;
    streams.stdout.write(`${printableJson(printed)}\n`);
  } else if (!view.quiet) {
    streams.stdout.write(options.dryRun ? planText(summary) : summaryText(summary));
  }
  return summary.exitCode;
}
