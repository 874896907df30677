import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { watchInterruption } from "../../src/cli/interruption.js";
import { isShown, logLine } from "../../src/cli/log-lines.js";
import { main } from "../../src/cli/main.js";
import { reportError } from "../../src/cli/report-error.js";
import { guardStreams } from "../../src/cli/streams.js";
import { GridparquetError } from "../../src/errors.js";
import type { LogLevel } from "../../src/run/options.js";
import { collector, tooLong } from "./helpers.js";

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const stdout = collector();
  const stderr = collector();
  const code = await main(argv, { stdout: stdout.stream, stderr: stderr.stream });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

test("--version is that of the package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  assert.deepEqual(await run("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
});

test("help goes to stdout", async () => {
  const { code, stdout, stderr } = await run("convert", "--help");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^Usage: gridparquet convert/);
});

test("wrong usage exits with 64, says what to type, and leaves stdout empty", async () => {
  for (const argv of [
    [],
    ["convert"],
    ["convert", "x"],
    ["convrt"],
    ["convert", "x", "--out", "o", "--threads", "0"],
  ]) {
    const { code, stdout, stderr } = await run(...argv);
    assert.deepEqual([code, stdout], [64, ""], argv.join(" "));
    assert.match(stderr, /^gridparquet: \S/);
    assert.deepEqual(tooLong(stderr), []);
  }
  assert.equal(
    (await run("convert")).stderr,
    "gridparquet: no inputs and no --out given\n  Type: gridparquet convert INPUT... --out DIR\n",
  );
});

test("with --json a failure is one object on stdout", async () => {
  const { code, stdout } = await run("convert", "--json", "x");
  assert.equal(code, 64);
  assert.deepEqual(JSON.parse(stdout), {
    status: "failed",
    exitCode: 64,
    error: { code: "usage", message: "no --out given", hint: "Type: gridparquet convert x --out DIR" },
  });
});

test("feeds lists the built-in definitions, as text and as JSON", async () => {
  const text = await run("feeds");
  assert.equal(text.code, 0);
  assert.match(text.stdout, /\nPJM +da_hourly +energy +DA +60 min +yes\n/);
  assert.match(text.stdout, /\n {7}recognised by columns system_energy_price_da, total_lmp_da and 9 more\n/);
  assert.deepEqual(tooLong(text.stdout), []);
  const feeds: unknown = JSON.parse((await run("feeds", "--json")).stdout);
  assert.ok(Array.isArray(feeds));
  const finest = feeds.find((feed) => feed.iso === "PJM" && feed.feed === "rt_5min");
  assert.deepEqual(finest.recognisedBy.sameHeader, ["rt_hourly"]);
  assert.deepEqual(finest.recognisedBy.times, { kind: "off-grid", minutes: 60 });
  const shared = feeds.filter((feed) => feed.feed === "gridstatus_da_hourly");
  assert.deepEqual(
    shared.map(({ iso, timeZone }) => [iso, timeZone]),
    [["any", null]],
  );
  assert.match(text.stdout, /\nany +gridstatus_da_hourly +energy +DA +60 min +yes\n/);
});

test("errors: message, indented hint, exit code; the stack of the unexpected on request", () => {
  const report = (error: unknown, stack: boolean) => {
    const stderr = collector();
    const code = reportError(
      error,
      { stdout: collector().stream, stderr: stderr.stream },
      { json: false, stack },
    );
    return { code, text: stderr.text() };
  };
  const full = new GridparquetError("disk-full", "no room for a\u001b[2J", {
    hint: "Free some.\nThen run again.",
  });
  assert.deepEqual(report(full, true), {
    code: 1,
    text: "gridparquet: no room for a\\x1b[2J\n  Free some.\n  Then run again.\n",
  });
  assert.equal(report(new GridparquetError("aborted", "interrupted"), false).code, 130);
  const unexpected = report(new TypeError("x is not a function"), false);
  assert.equal(unexpected.code, 1);
  assert.match(
    unexpected.text,
    /^gridparquet: unexpected error: x is not a function\n {2}.*--log-level debug.*\n$/,
  );
  assert.match(report(new TypeError("x"), true).text, /TypeError: x\n {4}at /);
});

test("log levels: the chosen one and worse; --quiet leaves errors", () => {
  const view = {
    ...{ json: false, quiet: false, progress: true, cursor: true },
    logLevel: "info" as LogLevel,
    logFormat: "text" as const,
  };
  const levels: LogLevel[] = ["error", "warn", "info", "debug"];
  assert.deepEqual(
    levels.map((level) => isShown(level, view)),
    [true, true, true, false],
  );
  assert.deepEqual(
    levels.map((level) => isShown(level, { ...view, quiet: true })),
    [true, false, false, false],
  );
  assert.equal(logLine("warn", "file a\u0007"), "gridparquet: warning: file a\\x07");
});

test("as JSON a message is one object on one line, whatever is in it", () => {
  const line = logLine("warn", 'two\nlines, "quoted"', "json", { code: "usage" });
  assert.ok(!line.includes("\n"));
  const { time, ...rest } = JSON.parse(line) as { time: string };
  assert.equal(new Date(time).toISOString(), time);
  assert.deepEqual(rest, { level: "warn", message: 'two\nlines, "quoted"', code: "usage" });
});

test("the first signal aborts, the second ends the process", () => {
  const said: string[] = [];
  const codes: number[] = [];
  const before = process.listenerCount("SIGINT");
  const interruption = watchInterruption(
    (text) => said.push(text),
    (code) => codes.push(code),
  );
  process.emit("SIGINT");
  assert.equal(interruption.signal.aborted, true);
  assert.deepEqual([said.length, codes], [1, []]);
  process.emit("SIGTERM");
  assert.deepEqual([said.length, codes], [1, [130]]);
  interruption.release();
  assert.equal(process.listenerCount("SIGINT"), before);
});

test("a closed pipe is harmless, a full disk behind stdout is not", () => {
  const stdout = collector().stream;
  const failed: Error[] = [];
  guardStreams({ stdout, stderr: collector().stream }, (error) => failed.push(error));
  stdout.emit("error", Object.assign(new Error("pipe"), { code: "EPIPE" }));
  assert.equal(failed.length, 0);
  stdout.emit("error", Object.assign(new Error("full"), { code: "ENOSPC" }));
  assert.equal(failed.length, 1);
});
