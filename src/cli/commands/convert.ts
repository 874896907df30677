import { convert } from "../../run/convert.js";
import { planText } from "../plan-text.js";
import { printable, printableJson } from "../printable.js";
import type { ResolvedConvert } from "../resolve-options.js";
import { runReported } from "../run-reported.js";
import type { Streams } from "../streams.js";
import { summaryText } from "../summary-text.js";

/** `gridparquet convert`: returns the exit code of the run. */
export async function convertCommand(resolved: ResolvedConvert, streams: Streams): Promise<number> {
  const { options, view } = resolved;
  const summary = await runReported(convert, resolved, streams);
  if (view.json) {
    const { files: _, ...printed } = summary;
    streams.stdout.write(`${printableJson(printed)}\n`);
  } else if (!view.quiet) {
    streams.stdout.write(options.dryRun ? planText(summary) : summaryText(summary));
    if (summary.page !== undefined) streams.stdout.write(`\nreport: ${printable(summary.page)}\n`);
  }
  return summary.exitCode;
}
