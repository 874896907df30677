import { type ChildProcess, spawn } from "node:child_process";
import { type ErrorCode, GridparquetError } from "../errors.js";
import { packageFile } from "../package-files.js";
import type { ConvertSummary } from "../run/options.js";
import type { BenchOptions, BenchSetting } from "./options.js";

const CLI = packageFile("dist/src/cli.js");
/** Of the messages of a process that ended without a result, so many characters from the end are shown. */
const SHOWN_CHARACTERS = 500;

/** A finished process. */
export interface ConvertProcess {
  summary: ConvertSummary;
  /** From before the process was started until it had exited. */
  wallSeconds: number;
}

/**
 * Arguments of the command line that convert the inputs with a setting, or only plan to.
 *
 * What `convert` takes from the environment and the configuration file, such as the size of row groups, it takes here
 * too; what is measured or would change what is printed is said.
 */
export function convertArguments(options: BenchOptions, out: string, setting: BenchSetting | null): string[] {
  const { inputs, isos, feeds, years, configDir, compression } = options;
  return [
    ...[
      "convert",
      "--out",
      out,
      "--json",
      "--no-progress",
      "--log-level",
      "error",
      "--compression",
      compression,
    ],
    ...(setting === null ? ["--dry-run"] : ["--no-dry-run"]),
    ...(setting === null
      ? []
      : [
          ...["--threads", String(setting.threads), "--batch-size", String(setting.batchSize)],
          ...["--chunk-size", String(setting.chunkSize)],
        ]),
    ...(configDir === undefined ? [] : ["--config", configDir]),
    ...(isos === undefined ? [] : ["--iso", isos.join(",")]),
    ...(feeds === undefined ? [] : ["--feed", feeds.join(",")]),
    ...(years === undefined ? ["--all"] : ["--year", years.join(",")]),
    "--",
    ...inputs,
  ];
}

/**
 * Runs the command line with these arguments as a process of its own.
 *
 * @param onStart sees the process as soon as it runs
 * @param signal stops the process
 * @throws GridparquetError with the code, message and hint of the run when it failed as a whole
 */
export async function runConvertProcess(
  args: readonly string[],
  signal: AbortSignal,
  onStart: (child: ChildProcess) => void,
): Promise<ConvertProcess> {
  const begin = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, CLI, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onStart(child);
  const stop = (): void => {
    child.kill("SIGTERM");
  };
  signal.addEventListener("abort", stop);
  try {
    const { stdout, stderr, ending } = await ended(child);
    const wallSeconds = (performance.now() - begin) / 1000;
    return { summary: readSummary(stdout, stderr, ending), wallSeconds };
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

interface Ended {
  stdout: string;
  stderr: string;
  /** `exit code 1`, or the signal's name. */
  ending: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-SHOWN_CHARACTERS);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({ stdout, stderr, ending: signal === null ? `exit code ${code}` : `killed by ${signal}` }),
    );
  });
}

/** What `convert --json` prints when the whole run failed. */
interface PrintedError {
  error: { code: ErrorCode; message: string; hint: string | null };
}

function readSummary(stdout: string, stderr: string, ending: string): ConvertSummary {
  let printed: ConvertSummary | PrintedError;
  try {
    printed = JSON.parse(stdout) as ConvertSummary | PrintedError;
  } catch {
    const said = stderr.trim();
    throw new GridparquetError("internal", said === "" ? ending : `${ending}: ${said}`);
  }
  if ("totals" in printed) return printed;
  const { code, message, hint } = printed.error;
  throw new GridparquetError(code, message, hint === null ? {} : { hint });
}
