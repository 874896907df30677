import { EXIT } from "../../errors.js";
import { RunSamples } from "../../report/run-samples.js";
import { convert } from "../../run/convert.js";
import type { ConvertSummary } from "../../run/options.js";
import { planText } from "../plan-text.js";
import { printable, printableJson } from "../printable.js";
import type { ResolvedConvert } from "../resolve-options.js";
import { runConvert } from "../run-convert.js";
import type { Streams } from "../streams.js";
import { summaryText } from "../summary-text.js";

/** `gridparquet convert`: returns the exit code of the run. */
export async function convertCommand(
  { options, view, report }: ResolvedConvert,
  streams: Streams,
): Promise<number> {
  const startedAt = new Date();
  const samples = new RunSamples();
  const reported = { ...options, onProgress: samples.add.bind(samples) };
  let summary = await runConvert(convert, report === undefined ? options : reported, view, streams);
  if (report !== undefined) summary = await withReport(report, { startedAt, summary, samples }, options.out);
  if (view.json) {
    const { files: _, ...printed } = summary;
    streams.stdout.write(`${printableJson(printed)}\n`);
  } else if (!view.quiet) {
    streams.stdout.write(options.dryRun ? planText(summary) : summaryText(summary));
    if (summary.page !== undefined) streams.stdout.write(`\nreport: ${printable(summary.page)}\n`);
  }
  return summary.exitCode;
}

/** Writes the report; where that fails, the run is as good as it was, and the summary says what failed. */
async function withReport(
  file: string,
  run: { startedAt: Date; summary: ConvertSummary; samples: RunSamples },
  out: string,
): Promise<ConvertSummary> {
  const { writeRunReport } = await import("../../report/write-report.js");
  const { startedAt, summary, samples } = run;
  const problem = await writeRunReport(file, { out, startedAt, summary, samples: samples.list });
  if (problem === null) return { ...summary, page: file };
  const status = summary.status === "complete" ? "partial" : summary.status;
  const failures = [...summary.failures, { file, message: problem }];
  return { ...summary, status, exitCode: EXIT[status], failures };
}
