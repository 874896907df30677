import { update } from "../../update/update.js";
import { planText } from "../plan-text.js";
import { printable, printableJson } from "../printable.js";
import type { ResolvedUpdate } from "../resolve-update.js";
import { runReported } from "../run-reported.js";
import type { Streams } from "../streams.js";
import { summaryText } from "../summary-text.js";
import { updateText } from "../update-text.js";

/** `gridparquet update`: returns the exit code of the run. */
export async function updateCommand(resolved: ResolvedUpdate, streams: Streams): Promise<number> {
  const { options, view } = resolved;
  const summary = await runReported(update, resolved, streams);
  if (view.json) {
    const { files: _, ...printed } = summary;
    streams.stdout.write(`${printableJson(printed)}\n`);
  } else if (!view.quiet) {
    streams.stdout.write(updateText(summary));
    if (options.dryRun) streams.stdout.write(`\n${planText(summary)}`);
    else if (summary.totals.files > 0 || summary.exitCode !== 0)
      streams.stdout.write(`\n${summaryText(summary)}`);
    if (summary.page !== undefined) streams.stdout.write(`\nreport: ${printable(summary.page)}\n`);
  }
  return summary.exitCode;
}
