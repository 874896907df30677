import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import { parseArguments, type RawArguments } from "../../src/cli/parse-arguments.js";
import type { Surroundings } from "../../src/cli/resolve-options.js";
import type { OutputStream } from "../../src/cli/streams.js";
import { GridparquetError } from "../../src/errors.js";
import type { FeedDefinition } from "../../src/feeds/feed-definition.js";
import type { ConvertSummary, RunTotals } from "../../src/run/options.js";
import { BARE } from "../helpers/feeds.js";

/** A feed definition with only what the command line looks at. */
export function feed(iso: string, name: string, more: Partial<FeedDefinition> = {}): FeedDefinition {
  return { ...BARE, iso, feed: name, title: `Prices of ${name}`, ...more };
}

export const FEEDS = [
  feed("PJM", "da_hourly"),
  feed("PJM", "rt_5min"),
  feed("CAISO", "da_hourly"),
  feed("CAISO", "as_hourly"),
];

/** A fresh folder that goes away with the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "gridparquet-cli-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function surroundings(cwd: string, env: NodeJS.ProcessEnv = {}): Surroundings {
  return { env, cwd, loadFeeds: async () => FEEDS };
}

/** Parses arguments that must run a command. */
export function raw(...argv: string[]): RawArguments {
  const invocation = parseArguments(argv);
  assert.equal(invocation.kind, "run");
  return (invocation as { raw: RawArguments }).raw;
}

/** The text that `--help` prints. */
export function help(...argv: string[]): string {
  const invocation = parseArguments(argv);
  assert.equal(invocation.kind, "help");
  return (invocation as { text: string }).text;
}

/** A check for assert.throws and assert.rejects: a usage error whose message and hint match. */
export function usage(message: RegExp, hint?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof GridparquetError, String(error));
    assert.equal(error.code, "usage");
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? "", hint);
    return true;
  };
}

/** Collects what is written. */
export function collector(terminal?: { columns: number }): { stream: OutputStream; text: () => string } {
  let text = "";
  const stream: OutputStream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  if (terminal) Object.assign(stream, { isTTY: true, columns: terminal.columns });
  return { stream, text: () => text };
}

export function summary(totals: Partial<RunTotals> = {}, more: Partial<ConvertSummary> = {}): ConvertSummary {
  return {
    status: "complete",
    exitCode: 0,
    elapsedSeconds: 2,
    peakRssBytes: 210_000_000,
    totals: {
      files: 3,
      filesSkipped: 0,
      unmappedWords: 0,
      bytesIn: 510_000_000,
      bytesOut: 21_400_000,
      recordsRead: 4200,
      recordsSkipped: 0,
      rowsRead: 4200,
      rowsWritten: 4200,
      rowsRejected: 0,
      rowsDeduplicated: 0,
      rowsFiltered: 0,
      rowsFailed: 0,
      ...totals,
    },
    outputs: [],
    skipped: [],
    passedOver: [],
    failures: [],
    unmapped: [],
    resumed: [],
    rejects: null,
    report: null,
    files: [],
    ...more,
  };
}

/** Lines longer than 80 characters. */
export function tooLong(text: string): string[] {
  return text.split("\n").filter((line) => line.length > 80);
}
