import { describeError, EXIT } from "../errors.js";
import { packageVersion } from "../version.js";
import { isShown, logLine } from "./log-lines.js";
import { type Invocation, parseArguments, type RawArguments } from "./parse-arguments.js";
import { reportError } from "./report-error.js";
import type { Resolved, Surroundings, ViewOptions } from "./resolve-options.js";
import { guardStreams, type Streams } from "./streams.js";

/**
 * The command line: parses, runs, prints. Never throws.
 *
 * @param argv the arguments after the program's name
 * @returns the exit code; see {@link EXIT}
 */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  guardStreams(streams, (error) => {
    streams.stderr.write(`gridparquet: cannot write to stdout: ${describeError(error)}\n`);
    process.exit(EXIT.failed);
  });
  // until the arguments are read, what was typed is all that says how to report
  const view: Partial<ViewOptions> = {
    json: argv.includes("--json"),
    logLevel: typed(argv, "log-level", "debug") ? "debug" : "error",
    logFormat: typed(argv, "log-format", "json") ? "json" : "text",
  };
  try {
    const invocation = parseArguments(argv);
    if (invocation.kind !== "run") {
      streams.stdout.write(invocation.kind === "help" ? invocation.text : `${packageVersion()}\n`);
      return EXIT.complete;
    }
    return await run(invocation, streams, (resolved) => Object.assign(view, resolved));
  } catch (error) {
    const { json = false, logLevel, logFormat } = view;
    return reportError(error, streams, { json, stack: logLevel === "debug", logFormat });
  }
}

async function run(
  { raw }: Invocation & { kind: "run" },
  streams: Streams,
  tell: (view: ViewOptions) => void,
): Promise<number> {
  const around: Surroundings = { env: process.env, cwd: process.cwd(), loadFeeds: loadFeedsLate };
  const resolve = await import("./resolve-options.js");
  /** Takes over what says how to print, and prints the warnings. */
  const begin = <T>(resolved: Resolved<T>): Resolved<T> => {
    tell(resolved.view);
    printWarnings(resolved, streams);
    return resolved;
  };
  const commands: Record<RawArguments["command"], () => Promise<number>> = {
    convert: async () => {
      const resolved = begin(await resolve.resolveConvert(raw, around));
      return (await import("./commands/convert.js")).convertCommand(resolved, streams);
    },
    update: async () => {
      const resolved = begin(await (await import("./resolve-update.js")).resolveUpdate(raw, around));
      return (await import("./commands/update.js")).updateCommand(resolved, streams);
    },
    rollback: async () => {
      const resolved = begin(await (await import("./resolve-update.js")).resolveRollback(raw, around));
      return (await import("./commands/rollback.js")).rollbackCommand(resolved, streams);
    },
    demo: async () => {
      const resolved = begin(await resolve.resolveDemo(raw, around));
      return (await import("./commands/demo.js")).demoCommand(resolved, streams);
    },
    feeds: async () => {
      const resolved = begin(await resolve.resolveFeeds(raw, around));
      return (await import("./commands/feeds.js")).feedsCommand(resolved, streams);
    },
    status: async () => {
      const resolved = begin(await (await import("./resolve-dataset.js")).resolveStatus(raw, around));
      return (await import("./commands/status.js")).statusCommand(resolved, streams);
    },
    verify: async () => {
      const resolved = begin(await (await import("./resolve-dataset.js")).resolveVerify(raw, around));
      return (await import("./commands/verify.js")).verifyCommand(resolved, streams);
    },
    bench: async () => {
      const resolved = begin(await (await import("./resolve-bench.js")).resolveBench(raw, around));
      return (await import("./commands/bench.js")).benchCommand(resolved, streams);
    },
    completion: async () =>
      (await import("./commands/completion.js")).completionCommand(raw, around, streams),
  };
  return commands[raw.command]();
}

function printWarnings<T>({ warnings, view }: Resolved<T>, { stderr }: Streams): void {
  if (isShown("warn", view))
    for (const warning of warnings) stderr.write(`${logLine("warn", warning, view.logFormat)}\n`);
}

/** The definitions take YAML and validation with them, which `--help` need not wait for. */
async function loadFeedsLate(configDir?: string) {
  return (await import("../feeds/built-in-feeds.js")).feedDefinitions(configDir);
}

function typed(argv: readonly string[], name: string, value: string): boolean {
  return argv.some(
    (word, i) => word === `--${name}=${value}` || (word === `--${name}` && argv[i + 1] === value),
  );
}
