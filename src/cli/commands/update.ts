import { type UpdateOptions, type UpdateSummary, update } from "../../update/update.js";
import { planText } from "../plan-text.js";
import { printableJson } from "../printable.js";
import type { Resolved } from "../resolve-options.js";
import { runConvert } from "../run-convert.js";
import type { Streams } from "../streams.js";
import { summaryText } from "../summary-text.js";
import { updateText } from "../update-text.js";

/** `gridparquet update`: returns the exit code of the run. */
export async function updateCommand(
  { options, view }: Resolved<UpdateOptions>,
  streams: Streams,
): Promise<number> {
  const summary: UpdateSummary = await runConvert(update, options, view, streams);
  if (view.json) {
    const { files: _, ...printed } = summary;
    streams.stdout.write(`${printableJson(printed)}\n`);
  } else if (!view.quiet) {
    streams.stdout.write(updateText(summary));
    if (options.dryRun) streams.stdout.write(`\n${planText(summary)}`);
    else if (summary.totals.files > 0 || summary.exitCode !== 0)
      streams.stdout.write(`\n${summaryText(summary)}`);
  }
  return summary.exitCode;
}
