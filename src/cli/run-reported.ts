import { EXIT } from "../errors.js";
import { RunSamples } from "../report/run-samples.js";
import type { ConvertOptions, ConvertSummary } from "../run/options.js";
import type { Resolved } from "./resolve-options.js";
import { runConvert } from "./run-convert.js";
import type { Streams } from "./streams.js";

/** A run, and the file for its report where one is asked for. */
export interface ReportedRun<O extends ConvertOptions> extends Resolved<O> {
  report?: string;
}

/**
 * {@link runConvert}, then the report of the run. Where that cannot be written, the run is as good as it was, and the
 * summary says what failed.
 *
 * @throws GridparquetError when the whole run failed or was interrupted
 */
export async function runReported<O extends ConvertOptions, S extends ConvertSummary>(
  run: (options: O) => Promise<S>,
  { options, view, report }: ReportedRun<O>,
  streams: Streams,
): Promise<S> {
  if (report === undefined) return runConvert(run, options, view, streams);
  const startedAt = new Date();
  const samples = new RunSamples();
  const watched = { ...options, onProgress: samples.add.bind(samples) };
  const summary = await runConvert(run, watched, view, streams);
  const { writeRunReport } = await import("../report/write-report.js");
  const { out } = options;
  const problem = await writeRunReport(report, { out, startedAt, summary, samples: samples.list });
  if (problem === null) return { ...summary, page: report };
  const status = summary.status === "complete" ? "partial" : summary.status;
  const failures = [...summary.failures, { file: report, message: problem }];
  return { ...summary, status, exitCode: EXIT[status], failures };
}
