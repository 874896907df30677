import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableJson, printableLines, shellWord } from "../../src/cli/printable.js";
import { barLine, createProgress } from "../../src/cli/progress-bars.js";
import { closest } from "../../src/cli/suggest.js";
import { wrap } from "../../src/cli/text-table.js";
import { byteSize, count, duration, shortCount } from "../../src/cli/units.js";
import type { JobProgress, RunProgress } from "../../src/run/options.js";
import { collector } from "./helpers.js";

const ESCAPE = "\u001b";

function job(more: Partial<JobProgress> = {}): JobProgress {
  return {
    iso: "PJM",
    state: "running",
    filesTotal: 366,
    filesDone: 123,
    bytesTotal: 4e9,
    bytesDone: 1e9,
    rowsDecoded: 12_345_678,
    ...more,
  };
}

function progress(elapsedSeconds: number, ...jobs: JobProgress[]): RunProgress {
  return { elapsedSeconds, rssBytes: 512_000_000, jobs };
}

test("control characters are escaped, other text stays", () => {
  assert.equal(
    printable("a\u001b[31mb\nc\td\u0000\u007f\u009b\u202e"),
    "a\\x1b[31mb\\nc\\td\\x00\\x7f\\x9b\\u202e",
  );
  assert.equal(printable("Zürich 東京 C:\\data 💡.csv"), "Zürich 東京 C:\\data 💡.csv");
  assert.equal(printableLines("one\ntwo\r"), "one\ntwo\\r");
  assert.equal(shellWord("data/a-1.csv"), "data/a-1.csv");
  assert.equal(shellWord("it's here"), "'it'\\''s here'");
});

test("numbers carry units", () => {
  assert.deepEqual([0, 999, 1000, 1234567.4].map(count), ["0", "999", "1,000", "1,234,567"]);
  assert.deepEqual([0, 999, 1000, 999_949, 999_950, 21_400_000, 3e12, 2e15].map(byteSize), [
    "0 B",
    "999 B",
    "1.0 kB",
    "999.9 kB",
    "1.0 MB",
    "21.4 MB",
    "3.0 TB",
    "2000.0 TB",
  ]);
  assert.deepEqual([99_999, 123_456, 999_999, 12_345_678, 4.567e9].map(shortCount), [
    "99,999",
    "123.5k",
    "1.0M",
    "12.3M",
    "4.57G",
  ]);
  assert.deepEqual([0.421, 12.34, 59.99, 247, 7380].map(duration), [
    "0.42 s",
    "12.3 s",
    "60.0 s",
    "4 min 07 s",
    "2 h 3 min",
  ]);
});

test("a line does not end between a number and what it counts", () => {
  assert.deepEqual(wrap("1,134 days, 9 in 2024 2025", "", "", 12), ["1,134 days,", "9 in 2024", "2025"]);
  assert.deepEqual(wrap("took 0.31 s; 12 rows", "", "", 6), ["took", "0.31 s;", "12 rows"]);
});

test("suggestions are near, or none", () => {
  assert.equal(closest("treads", ["threads", "strict"]), "threads");
  assert.equal(closest("pjn", ["PJM", "CAISO"]), "PJM");
  assert.equal(closest("theard", ["threads"]), "threads");
  assert.equal(closest("xyz", ["PJM", "CAISO"]), undefined);
  assert.equal(closest("", ["PJM"]), undefined);
});

test("a bar has files, rows, speed and memory, and fits", () => {
  const line = barLine({ job: job(), seconds: 4, rssBytes: 512_000_000 }, 79);
  assert.match(
    line,
    /^PJM {4}\[=+-+\] {2}25% {2}123\/366 files {2}12\.3M rows {2}250 MB\/s {2}mem 512\.0 MB$/,
  );
  for (const width of [20, 40, 59, 79]) {
    for (const more of [
      {},
      { iso: "ISONE", filesTotal: 100_000, filesDone: 99_999, rowsDecoded: 145e6 },
      { bytesTotal: 0 },
      { state: "done" as const },
    ]) {
      const fitted = barLine({ job: job(more), seconds: 0, rssBytes: 99_999_000_000 }, width);
      assert.ok(fitted.length <= width, fitted);
      assert.doesNotMatch(fitted, /NaN|Infinity/);
    }
  }
});

test("not a terminal: a plain line at start and end of each job, no escape codes", async () => {
  const { stream, text } = collector();
  const view = await createProgress(stream, { enabled: true, cursor: true });
  view.update(progress(0, job({ state: "waiting" })));
  view.update(progress(1, job()));
  view.update(progress(2, job()));
  view.log("a warning");
  view.update(progress(4.5, job({ state: "publishing" })));
  view.update(progress(5, job({ state: "done", rowsDecoded: 4200 })));
  view.update(progress(5, job({ state: "done", rowsDecoded: 4200 })));
  view.stop();
  assert.equal(text(), "PJM: started, 366 files, 4.0 GB\na warning\nPJM: done, 4,200 rows, 4.00 s\n");
});

test("switched off: log lines only", async () => {
  const { stream, text } = collector({ columns: 80 });
  const view = await createProgress(stream, { enabled: false, cursor: true });
  view.update(progress(1, job()));
  view.log("a warning");
  view.stop();
  assert.equal(text(), "a warning\n");
});

test("a dumb terminal gets plain lines", async () => {
  const { stream, text } = collector({ columns: 80 });
  const view = await createProgress(stream, { enabled: true, cursor: false });
  view.update(progress(1, job()));
  view.stop();
  assert.equal(text(), "PJM: started, 366 files, 4.0 GB\n");
});

test("a terminal gets one bar per job that began; log lines are kept", async () => {
  const { stream, text } = collector({ columns: 200 });
  const view = await createProgress(stream, { enabled: true, cursor: true });
  view.log("before");
  view.update(progress(1, job(), job({ iso: "CAISO", state: "waiting" })));
  view.log("a warning");
  view.update(progress(2, job({ state: "done", bytesDone: 4e9, filesDone: 366 }), job({ iso: "CAISO" })));
  view.stop();
  view.log("after");
  const written = text();
  assert.ok(written.includes(ESCAPE));
  assert.ok(written.startsWith("before\n") && written.endsWith("\nafter\n"));
  assert.ok(written.includes(`a warning${ESCAPE}[K\n`));
  assert.match(written, /PJM {4}\[=+\] 100% {2}366\/366 files {2}12\.3M rows {2}done/);
  assert.match(written, /CAISO {2}\[=+-+\]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is cut away
  for (const line of written.replace(/\u001b\[[0-9]*[A-Z]/g, "\n").split("\n"))
    assert.ok(line.length < 80, line);
});

test("JSON has no characters that a terminal acts on, and says the same", () => {
  const value = { "a\u009b31m": ["\u001b[2J\u202e\n\u2028\u007f\ufeff", "Zürich 東京 💡", "\\u001b"], b: 1 };
  const text = printableJson(value);
  assert.deepEqual(JSON.parse(text), value);
  assert.match(text, /^\{\n {2}"a\\u009b31m": \[\n/);
  assert.ok(text.includes("Zürich 東京 💡"));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\ufeff]/);
});
