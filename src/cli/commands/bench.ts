import { constants } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { BenchSetting } from "../../bench/options.js";
import type { BenchResult } from "../../bench/result.js";
import { runBench } from "../../bench/run-bench.js";
import { describeError, EXIT, GridparquetError } from "../../errors.js";
import { makeFolder } from "../../make-folder.js";
import { benchText, settingName } from "../bench-text.js";
import { watchInterruption } from "../interruption.js";
import { logLine } from "../log-lines.js";
import { printable, printableJson } from "../printable.js";
import type { BenchCommandOptions } from "../resolve-bench.js";
import type { Resolved } from "../resolve-options.js";
import type { Streams } from "../streams.js";
import { duration } from "../units.js";

/** `gridparquet bench`: returns 0, 2 when a setting failed or the picture could not be written, 1 when all failed. */
export async function benchCommand(
  { options: { bench, plot }, view }: Resolved<BenchCommandOptions>,
  { stdout, stderr }: Streams,
): Promise<number> {
  if (plot !== undefined) await preparePlot(plot);
  const say = (text: string): void => {
    stderr.write(`${text}\n`);
  };
  const interruption = watchInterruption((text) => say(logLine("info", text)));
  const showProgress = view.progress && !view.quiet;
  let result: BenchResult;
  try {
    result = await runBench(bench, {
      signal: interruption.signal,
      onRun: (setting, round, seconds) => {
        if (showProgress) say(progressLine(setting, round, bench.rounds, seconds));
      },
    });
  } finally {
    interruption.release();
  }
  const drawn = plot !== undefined && result.fastest !== null;
  const problem = drawn ? await writePlot(plot, result) : null;
  const exitCode = problem === null || result.exitCode !== EXIT.complete ? result.exitCode : EXIT.partial;
  if (view.json) {
    const written = drawn && problem === null ? plot : null;
    stdout.write(`${printableJson({ ...result, exitCode, plot: written })}\n`);
  } else if (!view.quiet) {
    stdout.write(benchText(result));
    if (drawn && problem === null) stdout.write(`\nPlot: ${printable(plot)}\n`);
  }
  if (problem !== null) say(logLine("error", problem));
  return exitCode;
}

function progressLine(
  setting: BenchSetting,
  round: number | null,
  rounds: number,
  seconds: number | null,
): string {
  const when = round === null ? "warm-up" : `round ${round} of ${rounds}`;
  const name = settingName(setting, ["threads", "batchSize", "chunkSize"]);
  return `${when}: ${name}: ${seconds === null ? "failed" : duration(seconds)}`;
}

/** Finds out before the benchmark what would be a pity after it. */
async function preparePlot(file: string): Promise<void> {
  try {
    await makeFolder(dirname(file));
    await access(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new GridparquetError("output-not-writable", `cannot write ${file}: ${describeError(cause)}`, {
      hint: "Choose another file: --plot FILE.svg",
      cause,
    });
  }
}

/** Returns what went wrong, null when nothing did: the measurements are printed all the same. */
async function writePlot(file: string, result: BenchResult): Promise<string | null> {
  try {
    const { benchPlot } = await import("../bench-plot.js");
    await writeFile(file, benchPlot(result));
    return null;
  } catch (error) {
    return `cannot write ${file}: ${describeError(error)}`;
  }
}
