import { join } from "node:path";
import { type DatasetCoverage, readCoverage } from "../dataset/coverage.js";
import { describeWriteError } from "../errors.js";
import type { ConvertSummary, OutputFile } from "../run/options.js";
import { packageVersion } from "../version.js";
import { replaceFile } from "../write/replace-file.js";
import { inlineScript } from "./inline-script.js";
import { reportPage } from "./page.js";
import { readPrices } from "./read-prices.js";
import { rejectExamples } from "./reject-examples.js";
import type { ReportModel, RunPart } from "./report-model.js";
import type { RunSample } from "./run-samples.js";

/** A run whose report is wanted. */
export interface ReportedRun {
  /** Output folder of the run. */
  out: string;
  startedAt: Date;
  summary: ConvertSummary;
  samples: readonly RunSample[];
}

/**
 * Writes the report of a run as one HTML file; its folder is made where it is missing.
 *
 * @returns what went wrong, as a sentence; null when the page is there
 */
export function writeRunReport(file: string, run: ReportedRun): Promise<string | null> {
  return writePage(file, async () => {
    const { out, startedAt, summary, samples } = run;
    const rejected = await rejectExamples(out, summary.files);
    // Where nothing was written there may be no data set to read.
    const coverage = await readCoverage(out).catch(() => null);
    const feeds = coverage?.feeds ?? [];
    return pageModel(out, { startedAt, summary, samples, rejected }, feeds, summary.outputs);
  });
}

/**
 * Writes the report of a data set as one HTML file; its folder is made where it is missing.
 *
 * @returns what went wrong, as a sentence; null when the page is there
 */
export function writeDatasetReport(file: string, coverage: DatasetCoverage): Promise<string | null> {
  return writePage(file, () => {
    const { out, feeds } = coverage;
    const outputs = feeds.flatMap(({ table, iso, market, feed, years }) =>
      years.map(({ path, year, rows, rowGroups, bytes }) => ({
        ...{ path: join(out, path), table, iso, market, feed },
        ...{ year, rows, rowGroups, bytes },
      })),
    );
    return pageModel(out, null, feeds, outputs);
  });
}

async function pageModel(
  out: string,
  run: RunPart | null,
  coverage: ReportModel["coverage"],
  outputs: readonly OutputFile[],
): Promise<ReportModel> {
  const prices = await readPrices(out, outputs);
  return { version: packageVersion(), writtenAt: new Date(), out, run, coverage, prices, outputs };
}

async function writePage(file: string, model: () => Promise<ReportModel>): Promise<string | null> {
  try {
    await replaceFile(file, reportPage(await model(), await inlineScript()));
    return null;
  } catch (error) {
    return `the report was not written: ${describeWriteError(error)}`;
  }
}
